from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from core.techniques import TECHNIQUES
from core.training import packed
from core.training.batches import padded
from core.training.model import Classifier
from core.training.optimizer import in_precision
from core.training.packed import can_pack, packed_hidden, packing_of, packs_on
from tests.unit.training.tiny import TinyRun, tiny_recipe


@pytest.fixture
def run(base_dir: Path, tmp_path: Path) -> TinyRun:
    return TinyRun(base_dir, tiny_recipe(), TECHNIQUES["full"], tmp_path)


def test_tokens_lie_end_to_end_shortest_row_first() -> None:
    packing = packing_of(np.array([3, 1, 3, 2]), 3)
    assert packing.runs == [(1, 1), (1, 2), (2, 3)]
    assert packing.places.tolist() == [3, 9, 10, 0, 1, 2, 6, 7, 8]
    assert packing.positions.tolist() == [0, 0, 1, 0, 1, 2, 0, 1, 2]
    assert packing.bounds.tolist() == [0, 1, 3, 6, 9]


@pytest.mark.parametrize("short_length", [128, 0], ids=["plain attention", "blocked attention"])
def test_without_padding_answers_and_gradients_are_the_same(
    run: TinyRun, monkeypatch: pytest.MonkeyPatch, short_length: int
) -> None:
    monkeypatch.setattr(packed, "SHORT_LENGTH", short_length)
    classifier = run.classifier().eval()
    assert classifier.packs
    ids, mask = padded(run.practice, np.arange(24), 0)
    assert len(packing_of(mask.sum(1).numpy(), mask.shape[1]).runs) > 3  # rows of many lengths, in no order
    targets = torch.from_numpy(run.practice.targets[:24])
    packs_as_plain(classifier, ids, mask, targets)


@pytest.mark.parametrize("technique", ["lora", "adalora", "ia3", "adapters", "prefix"])
def test_wrapped_linear_maps_give_the_same_without_padding(base_dir: Path, tmp_path: Path, technique: str) -> None:
    run = TinyRun(base_dir, tiny_recipe(technique=technique, lora_rank=2), TECHNIQUES[technique], tmp_path)
    classifier = run.classifier().eval()
    assert classifier.packs
    torch.manual_seed(1)
    for parameter in classifier.parameters():
        if parameter.requires_grad:  # what is added begins as nothing: only moved weights show that it takes part
            parameter.data += 0.05 * torch.randn_like(parameter)
    ids, mask = padded(run.practice, np.arange(24), 0)
    gradients = packs_as_plain(classifier, ids, mask, torch.from_numpy(run.practice.targets[:24]))
    assert not any("word_embeddings" in name or "base_layer" in name for name in gradients)


def packs_as_plain(
    classifier: Classifier, ids: torch.Tensor, mask: torch.Tensor, targets: torch.Tensor
) -> dict[str, torch.Tensor]:
    """Check answers and gradients with padding left out against those of the padded forward; gives the gradients."""
    seen = []
    for packs in (True, False):
        classifier.packs = packs
        classifier.zero_grad()
        logits = classifier(ids, mask, mask.sum(1).numpy() if packs else None)
        functional.cross_entropy(logits, targets).backward()
        gradients = {name: p.grad.clone() for name, p in classifier.named_parameters() if p.grad is not None}
        seen.append((logits.detach(), gradients))
    (logits, gradients), (plain_logits, plain_gradients) = seen
    torch.testing.assert_close(logits, plain_logits, atol=1e-5, rtol=1e-5)
    assert gradients.keys() == plain_gradients.keys()
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, plain_gradients[name], atol=1e-5, rtol=1e-3, msg=name)
    return gradients


def test_the_gpu_kernel_is_given_rows_of_any_lengths_as_it_wants_them(
    run: TinyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch.nn.attention import varlen

    def like_the_kernel(
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        begins: torch.Tensor,
        key_begins: torch.Tensor,
        longest: int,
        longest_key: int,
    ) -> torch.Tensor:
        assert begins.dtype == torch.int32 and torch.equal(begins, key_begins)
        assert longest == longest_key == int(begins.diff().max())
        parts = []
        for start, stop in zip(begins.tolist()[:-1], begins.tolist()[1:], strict=True):
            one = (x[start:stop].transpose(0, 1) for x in (query, key, value))
            parts.append(functional.scaled_dot_product_attention(*one).transpose(0, 1))
        return torch.cat(parts)

    monkeypatch.setattr(varlen, "varlen_attn", like_the_kernel)
    packing = packing_of(np.array([3, 1, 5, 3]), 5)
    mixed = torch.randn(12, 3 * 32)
    expected = packed._attention(mixed, packing, 4)
    torch.testing.assert_close(packed._varlen_attention(mixed, packing, 4), expected, atol=1e-5, rtol=1e-5)


def test_padding_stays_zero(run: TinyRun) -> None:
    ids, mask = padded(run.practice, np.arange(8), 0)
    hidden = packed_hidden(run.classifier().eval().backbone, ids, mask)
    assert hidden.shape == (*ids.shape, 32)
    assert not hidden[mask == 0].any()
    assert hidden[mask == 1].any(dim=-1).all()


def test_dropout_hides_its_share_keeps_the_mean_and_follows_the_seed() -> None:
    value, dropout = torch.zeros(500, 401), nn.Dropout(0.1)
    torch.manual_seed(3)
    first, second = packed._kept(value, dropout), packed._kept(value, dropout)
    torch.manual_seed(3)
    again = packed._kept(value, dropout)
    assert first is not None and second is not None and again is not None
    assert torch.equal(first, again) and not torch.equal(first, second)
    assert first.unique().tolist() == pytest.approx([0.0, 1 / 0.9], rel=1e-4)
    assert float((first == 0).float().mean()) == pytest.approx(0.1, abs=0.003)
    assert float(first.mean()) == pytest.approx(1.0, abs=0.003)
    assert packed._kept(value, dropout.eval()) is None
    assert packed._kept(value, nn.Dropout(0.0)) is None


@pytest.mark.filterwarnings("ignore::FutureWarning")  # peft asks transformers by a name it deprecates
def test_added_prefixes_and_other_formulas_are_left_to_peft(run: TinyRun) -> None:
    from peft import LoraConfig, PrefixTuningConfig, get_peft_model

    usual = {"r": 2, "target_modules": "all-linear"}
    for config, packs in (
        (LoraConfig(**usual), True),
        (LoraConfig(**usual, use_dora=True), False),
        (LoraConfig(**usual, lora_dropout=0.1), False),
        (LoraConfig(**usual, lora_bias=True), False),
        (PrefixTuningConfig(num_virtual_tokens=2, task_type="FEATURE_EXTRACTION"), False),
    ):
        assert can_pack(get_peft_model(run.classifier().backbone, config)) is packs


def test_only_a_bert_is_packed(run: TinyRun) -> None:
    from transformers import DistilBertConfig, DistilBertModel

    backbone = run.classifier().backbone
    assert can_pack(backbone)
    backbone.config.attention_probs_dropout_prob = 0.1
    assert not can_pack(backbone)
    assert not can_pack(DistilBertModel(DistilBertConfig(vocab_size=10, dim=8, n_heads=2, n_layers=1, hidden_dim=8)))


@pytest.mark.parametrize("has_kernel", [True, False])
def test_a_gpu_leaves_out_the_padding_in_half_precision_where_it_has_the_kernel(
    run: TinyRun, monkeypatch: pytest.MonkeyPatch, has_kernel: bool
) -> None:
    monkeypatch.setattr(packed, "_has_varlen", lambda: has_kernel)
    classifier, gpu = run.classifier(), torch.device("cuda")
    assert packs_on(classifier.backbone, torch.device("cpu")) and not packs_on(classifier.backbone, torch.device("mps"))
    assert not packs_on(classifier.backbone, gpu)
    in_precision(classifier, "bf16")
    assert packs_on(classifier.backbone, gpu) is has_kernel
