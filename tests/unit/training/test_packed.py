from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from core.techniques import TECHNIQUES
from core.training import packed
from core.training.batches import padded
from core.training.packed import can_pack, packed_hidden, packing_of
from tests.unit.training.tiny import TinyRun, tiny_recipe


@pytest.fixture
def run(base_dir: Path, tmp_path: Path) -> TinyRun:
    return TinyRun(base_dir, tiny_recipe(), TECHNIQUES["full"], tmp_path)


def test_tokens_lie_end_to_end_shortest_row_first() -> None:
    packing = packing_of(torch.tensor([[1, 1, 1], [1, 0, 0], [1, 1, 1], [1, 1, 0]]))
    assert packing.runs == [(1, 1), (1, 2), (2, 3)]
    assert packing.places.tolist() == [3, 9, 10, 0, 1, 2, 6, 7, 8]
    assert packing.positions.tolist() == [0, 0, 1, 0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("short_length", [128, 0], ids=["plain attention", "blocked attention"])
def test_without_padding_answers_and_gradients_are_the_same(
    run: TinyRun, monkeypatch: pytest.MonkeyPatch, short_length: int
) -> None:
    monkeypatch.setattr(packed, "SHORT_LENGTH", short_length)
    classifier = run.classifier().eval()
    assert classifier.packs
    ids, mask = padded(run.practice, np.arange(24), 0)
    assert len(packing_of(mask).runs) > 3  # rows of many lengths, in no order
    targets = torch.from_numpy(run.practice.targets[:24])
    seen = []
    for packs in (True, False):
        classifier.packs = packs
        classifier.zero_grad()
        logits = classifier(ids, mask)
        functional.cross_entropy(logits, targets).backward()
        gradients = {name: p.grad.clone() for name, p in classifier.named_parameters() if p.grad is not None}
        seen.append((logits.detach(), gradients))
    (logits, gradients), (plain_logits, plain_gradients) = seen
    torch.testing.assert_close(logits, plain_logits, atol=1e-5, rtol=1e-5)
    assert gradients.keys() == plain_gradients.keys()
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, plain_gradients[name], atol=1e-5, rtol=1e-3, msg=name)


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


def test_only_a_plain_bert_is_packed(run: TinyRun, base_dir: Path, tmp_path: Path) -> None:
    from transformers import DistilBertConfig, DistilBertModel

    wrapped = TinyRun(base_dir, tiny_recipe(), TECHNIQUES["lora"], tmp_path / "lora")
    assert not wrapped.classifier().packs
    backbone = run.classifier().backbone
    assert can_pack(backbone)
    backbone.config.attention_probs_dropout_prob = 0.1
    assert not can_pack(backbone)
    assert not can_pack(DistilBertModel(DistilBertConfig(vocab_size=10, dim=8, n_heads=2, n_layers=1, hidden_dim=8)))
