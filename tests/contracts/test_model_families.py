"""What every family of base models must hold, on a tiny model with random weights of its own architecture."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.base_models.architecture import architecture_of
from core.base_models.backbone import layers_of, load_backbone
from core.base_models.encoder import FrozenEncoder
from core.base_models.pooling import pool
from core.base_models.sources import fetch
from core.base_models.tokenizer import encode, load_tokenizer
from core.domain.recipe import TrainingRecipe
from core.files import is_whole
from core.prediction.members import FineTunedMember
from core.tasks import TASKS
from core.techniques import TECHNIQUES
from core.training.batches import padded
from core.training.bundle import write_fine_tuned
from core.training.calibration import softmax
from core.training.finetuning import FineTuner, Tokens
from core.training.loop import Outlets, answer_logits
from core.training.model import Classifier, load_classifier, training_classifier
from core.training.optimizer import in_precision
from core.training.types import TrainingData
from tests.contracts.tiny_families import CHINESE, FAMILIES, LAYERS, POSITIONS, Family
from tests.unit.training.tiny import LABELS, examples, tiny_recipe

CPU = torch.device("cpu")
LONG = "card " * 200  # longer than any of the tiny models can read
TEXTS = ["where is my card", "refund", LONG, *CHINESE, ""]
SAME = 1e-4  # largest difference between torch and onnxruntime, in logits or coordinates of a unit vector
SAME_FP16 = 2e-3  # the written BERT graph keeps its word rows in half precision


@dataclass
class Model:
    """One family's tiny model, and what was done with it: each thing once, however many tests look at it."""

    family: Family
    folder: Path

    def __post_init__(self) -> None:
        self.source = self.family.build(self.folder / "source")
        self.base_dir = fetch(str(self.source), self.folder / "cache")
        self.pooling = "last" if self.family.is_decoder else "mean"
        rows = examples(12, 1)
        self.data = TrainingData(labels=LABELS, practice=rows, checkup=rows, exam=rows, language="en")

    def recipe(self, technique: str) -> TrainingRecipe:
        """Ten steps over all rows at once."""
        return tiny_recipe(
            technique=technique,
            learning_rate={"full": 1e-2, "lora": 3e-2}[technique],
            pooling=self.pooling,
            batch_size=12,
            epochs=10,
            checks_per_epoch=1,
            dropout=0.0,
        )

    def tuner(self, technique: str) -> FineTuner:
        work_dir = self.folder / technique
        work_dir.mkdir(exist_ok=True)
        return FineTuner(
            self.data,
            self.recipe(technique),
            TASKS["text_classification"],
            TECHNIQUES[technique],
            base_dir=self.base_dir,
            base_models_dir=self.folder,
            work_dir=work_dir,
        )

    @cached_property
    def tokens(self) -> Tokens:
        return self.tuner("full").tokenize()

    def start(self, technique: str = "full") -> Classifier:
        recipe = self.recipe(technique)
        return training_classifier(self.base_dir, recipe, TECHNIQUES[technique], len(LABELS), self.tokens.seen)

    def finished(self, technique: str) -> Classifier:
        tuner = self.tuner(technique)
        return tuner.finish(self.tokens, tuner.train(self.tokens, Outlets(), lambda values: None))

    @cached_property
    def tuned(self) -> Classifier:
        return self.finished("full")

    @cached_property
    def bundle_dir(self) -> Path:
        folder = self.folder / "bundle"
        folder.mkdir()
        write_fine_tuned(folder, self.tuned, self.base_dir, self.tokens.max_length)
        return folder

    def loss(self, classifier: Classifier) -> float:
        logits = answer_logits(classifier, self.tokens.practice, self.tokens.pad_id, CPU)
        return float(functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(self.tokens.practice.targets)))


@pytest.fixture(scope="module", params=FAMILIES, ids=lambda family: family.name)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return Model(request.param, tmp_path_factory.mktemp("family"))


def test_folder_is_fetched_and_its_config_understood(model: Model) -> None:
    assert is_whole(model.base_dir)
    config = load_backbone(model.base_dir).config
    known = architecture_of(model.base_dir)
    assert (known.hidden, known.n_layers) == (config.hidden_size, config.num_hidden_layers)
    assert known.kind == config.model_type
    assert known.is_decoder == model.family.is_decoder
    assert known.pad_id == (config.pad_token_id or 0)
    assert known.max_tokens == POSITIONS - model.family.n_reserved


def test_text_begins_and_ends_as_the_family_wants_it(model: Model) -> None:
    tokenizer = load_tokenizer(model.base_dir, 8)
    special = model.family.special
    for ids in encode(tokenizer, ["where is my card", LONG, *CHINESE]):
        tokens = [tokenizer.id_to_token(int(one)) for one in ids]
        assert len(tokens) <= 8
        assert ("first" not in special) or tokens[0] == special["first"]
        assert ("last" not in special) or tokens[-1] == special["last"]
        assert special.get("unk") not in tokens[1:]  # Chinese is read, too


def test_longest_text_is_read_to_the_last_position(model: Model) -> None:
    backbone = load_backbone(model.base_dir).eval()
    (ids,) = encode(load_tokenizer(model.base_dir, architecture_of(model.base_dir).max_tokens or 0), [LONG])
    assert len(ids) == POSITIONS - model.family.n_reserved
    with torch.no_grad():
        assert torch.isfinite(backbone(torch.from_numpy(ids)[None]).last_hidden_state).all()


def test_draft_reads_the_vectors_of_the_base_model(model: Model) -> None:
    """Every text alone in torch, all together under onnxruntime: padding changes nothing either."""
    backbone = load_backbone(model.base_dir).eval()
    got = FrozenEncoder.load(FrozenEncoder.prepare(model.base_dir, model.folder / "cache"), n_threads=1).embed(TEXTS)
    tokenizer = load_tokenizer(model.base_dir, architecture_of(model.base_dir).max_tokens or 0)
    pad = np.array([architecture_of(model.base_dir).pad_id])
    for vector, ids in zip(got, encode(tokenizer, TEXTS), strict=True):
        with torch.no_grad():
            hidden = backbone(torch.from_numpy(ids if len(ids) else pad)[None]).last_hidden_state
        expected = functional.normalize(pool(hidden, torch.ones(hidden.shape[:2]), "mean"), dim=-1)[0].numpy()
        assert np.abs(vector - expected).max() < (SAME_FP16 if model.family.kind == "Bert" else SAME)


def test_vocabulary_of_a_run_answers_as_the_whole_one(model: Model) -> None:
    compact = model.start().eval()
    whole = model.start().eval()
    whole.backbone.set_input_embeddings(load_backbone(model.base_dir).get_input_embeddings())
    whole.packs = False
    assert compact.backbone.get_input_embeddings().weight.shape[0] == len(model.tokens.seen)
    ids, mask = padded(model.tokens.practice, np.arange(12), model.tokens.pad_id)
    with torch.no_grad():
        torch.testing.assert_close(compact(ids, mask), whole(ids, mask), atol=1e-5, rtol=1e-5)


def test_only_bert_takes_the_way_without_padding(model: Model) -> None:
    assert model.start().packs == (model.family.kind == "Bert")


def test_training_all_weights_learns_and_leaves_unseen_words_alone(model: Model) -> None:
    assert model.loss(model.tuned) < 0.75 * model.loss(model.start())
    before = load_backbone(model.base_dir).get_input_embeddings().weight
    after = model.tuned.backbone.get_input_embeddings().weight
    unseen = np.setdiff1d(np.arange(len(before)), model.tokens.seen)
    assert len(unseen) and torch.equal(before[unseen], after[unseen])
    seen = np.setdiff1d(model.tokens.practice.ids, [model.tokens.pad_id])
    assert not torch.equal(before[seen], after[seen])


def test_lora_learns_in_every_layer_and_is_merged(model: Model) -> None:
    start = model.start("lora")
    _, _, layers = layers_of(start.backbone)
    for layer in layers:
        assert any("lora_A" in name and p.requires_grad for name, p in layer.named_parameters())
        assert not any(p.requires_grad for name, p in layer.named_parameters() if "lora_" not in name)
    merged = model.finished("lora")
    assert model.loss(merged) < 0.8 * model.loss(start)
    assert not any("lora" in name for name, _ in merged.named_parameters())
    assert type(merged.backbone) is type(model.tuned.backbone)


def test_half_precision_keeps_what_counts_positions(model: Model) -> None:
    exact, half = model.start().eval(), model.start().eval()
    in_precision(half, "bf16")
    before, after = dict(exact.backbone.named_buffers()), dict(half.backbone.named_buffers())
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    ids, mask = padded(model.tokens.practice, np.arange(12), model.tokens.pad_id)
    logits = half(ids, mask)
    torch.testing.assert_close(logits, exact(ids, mask), atol=0.03, rtol=0.0)
    logits.sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in half.parameters() if p.grad is not None)


def test_first_layers_can_be_used_alone_or_left_as_they_are(model: Model) -> None:
    cut = load_backbone(model.base_dir, 1)
    cut.save_pretrained(model.folder / "cut")
    again = load_backbone(model.folder / "cut")
    ids, mask = padded(model.tokens.practice, np.arange(12), model.tokens.pad_id)
    with torch.no_grad():
        shallow = cut.eval()(ids, attention_mask=mask).last_hidden_state
        assert torch.equal(again.eval()(ids, attention_mask=mask).last_hidden_state, shallow)
        deep = load_backbone(model.base_dir).eval()(ids, attention_mask=mask).last_hidden_state
    assert not torch.allclose(shallow, deep, atol=1e-3)
    if model.family.kind == "Albert":
        return  # all its layers are one and the same: there is nothing to leave as it is
    recipe = model.recipe("full").changed({"frozen_layers": 1})
    frozen = training_classifier(model.base_dir, recipe, TECHNIQUES["full"], len(LABELS), model.tokens.seen)
    _, _, layers = layers_of(frozen.backbone)
    assert not any(p.requires_grad for p in layers[0].parameters())
    assert all(p.requires_grad for p in layers[LAYERS - 1].parameters())
    assert not frozen.backbone.get_input_embeddings().weight.requires_grad
    frozen(ids, mask).sum().backward()
    assert all(p.grad is None for p in layers[0].parameters())


def test_saved_model_answers_as_the_trained_one(model: Model) -> None:
    loaded = load_classifier(model.bundle_dir / "fine_tuned", pooling=model.pooling)
    rows, pad_id = model.tokens.practice, model.tokens.pad_id
    assert np.array_equal(answer_logits(loaded, rows, pad_id, CPU), answer_logits(model.tuned, rows, pad_id, CPU))
    assert json.loads((model.bundle_dir / "fine_tuned" / "config.json").read_text())["model_type"]


def test_published_model_answers_without_torch_as_with_it(model: Model) -> None:
    """From the bundle's folder alone, all texts together; torch reads each alone."""
    task = "text_classification"
    member = FineTunedMember(model.bundle_dir, task=task, max_length=model.tokens.max_length, prefix="")
    got = member.answers(TEXTS, lambda n: None)
    for answer, ids in zip(got, encode(load_tokenizer(model.base_dir, model.tokens.max_length), TEXTS), strict=True):
        one = torch.from_numpy(ids if len(ids) else np.zeros(1, dtype=np.int64))[None]
        with torch.no_grad():
            expected = softmax(model.tuned(one, torch.ones_like(one)).numpy())[0]
        assert np.abs(answer - expected).max() < SAME
