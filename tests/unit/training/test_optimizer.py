from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.domain.recipe import TrainingRecipe
from core.tasks import TASKS
from core.techniques import TECHNIQUES
from core.training.batches import padded
from core.training.model import Classifier, trainable
from core.training.optimizer import FlatAdamW, fp32_state, in_precision, learning_rate_at
from tests.unit.training.tiny import TinyRun, tiny_recipe

TASK = TASKS["text_classification"]


def loss_of(classifier: Classifier, run: TinyRun, rows: range) -> torch.Tensor:
    ids, mask = padded(run.practice, np.array(rows), 0)
    return TASK.loss(classifier(ids, mask), torch.from_numpy(run.practice.targets[rows]), None) / len(rows)


@pytest.fixture
def run(base_dir: Path, tmp_path: Path) -> TinyRun:
    return TinyRun(base_dir, tiny_recipe(weight_decay=0.1, max_grad_norm=0.5), TECHNIQUES["full"], tmp_path)


def test_flat_updates_are_those_of_plain_adamw(run: TinyRun) -> None:
    ours, plain = run.classifier().eval(), run.classifier().eval()
    optimizer = FlatAdamW(ours, run.recipe, fp32_state(ours))
    decays = {name for group in optimizer.groups if group.decay for name in group.names}
    named = trainable(plain)
    adamw = torch.optim.AdamW(
        [
            {"params": [p for n, p in named.items() if n in decays], "weight_decay": 0.1},
            {"params": [p for n, p in named.items() if n not in decays], "weight_decay": 0.0},
        ]
    )
    for step in range(5):
        rows = range(8 * step, 8 * step + 8)
        loss_of(ours, run, rows).backward()
        optimizer.collect()
        norm = optimizer.gradient_norm()
        optimizer.step(1e-2, norm)
        optimizer.clear()
        loss_of(plain, run, rows).backward()
        plain_norm = torch.nn.utils.clip_grad_norm_(named.values(), 0.5)
        for group in adamw.param_groups:
            group["lr"] = 1e-2
        adamw.step()
        adamw.zero_grad()
        assert float(norm) == pytest.approx(float(plain_norm), rel=1e-5)
    state = optimizer.weights_by_name()
    for name, parameter in named.items():
        if "key.bias" not in name:  # attention does not depend on it: its gradient is rounding, which Adam blows up
            assert torch.allclose(state[name], parameter, atol=2e-5), name


def test_norms_biases_and_words_are_not_decayed(run: TinyRun) -> None:
    classifier = run.classifier()
    optimizer = FlatAdamW(classifier, run.recipe, fp32_state(classifier))
    decayed = {name for group in optimizer.groups if group.decay for name in group.names}
    assert "head.weight" in decayed and any("query.weight" in name for name in decayed)
    assert not [name for name in decayed if "LayerNorm" in name or "bias" in name or "embeddings" in name]


def test_half_precision_learns_on_exact_master_weights(run: TinyRun) -> None:
    classifier = run.classifier().eval()
    masters = fp32_state(classifier)
    in_precision(classifier, "bf16")
    optimizer = FlatAdamW(classifier, run.recipe, masters)
    before = float(loss_of(classifier, run, range(30)).detach())
    for _ in range(20):
        loss_of(classifier, run, range(30)).backward()
        optimizer.collect()
        optimizer.step(1e-4, optimizer.gradient_norm())  # far below what bf16 weights could hold
        optimizer.clear()
    state = optimizer.weights_by_name()
    assert all(value.dtype == torch.float32 for value in state.values())
    moved = [float((state[name] - masters[name]).abs().max()) for name in state]
    assert max(moved) > 1e-4
    assert float(loss_of(classifier, run, range(30)).detach()) < before


def test_restored_optimizer_goes_on_with_the_same_bytes(run: TinyRun) -> None:
    def stepped(optimizer: FlatAdamW, classifier: Classifier, steps: range) -> None:
        for step in steps:
            loss_of(classifier, run, range(8 * step, 8 * step + 8)).backward()
            optimizer.collect()
            optimizer.step(1e-2, optimizer.gradient_norm())
            optimizer.clear()

    one = run.classifier().eval()
    first = FlatAdamW(one, run.recipe, fp32_state(one))
    stepped(first, one, range(3))
    saved = {name: value.clone() for name, value in first.state().items()}
    stepped(first, one, range(3, 6))
    two = run.classifier().eval()
    second = FlatAdamW(two, run.recipe, fp32_state(two))
    second.restore(saved)
    stepped(second, two, range(3, 6))
    left, right = first.weights_by_name(), second.weights_by_name()
    assert all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize(
    ("schedule", "middle", "last"), [("linear", 0.5, 0.0), ("cosine", 0.5, 0.0), ("constant", 1.0, 1.0)]
)
def test_learning_rate_warms_up_and_follows_its_schedule(schedule: str, middle: float, last: float) -> None:
    recipe = TrainingRecipe(learning_rate=1.0, warmup_ratio=0.2, schedule=schedule)
    rates = [learning_rate_at(step, 100, recipe) for step in range(1, 101)]
    assert rates[0] == pytest.approx(1 / 20)
    assert rates[19] == pytest.approx(1.0)
    assert rates[60] == pytest.approx(middle, abs=0.02)
    assert rates[99] == pytest.approx(last, abs=0.02)
    assert learning_rate_at(1, 10, TrainingRecipe(learning_rate=1.0, warmup_ratio=0.0)) == 1.0


def test_frozen_layers_and_words_do_not_learn(base_dir: Path, tmp_path: Path) -> None:
    run = TinyRun(base_dir, tiny_recipe(frozen_layers=1, epochs=1), TECHNIQUES["full"], tmp_path)
    names = set(trainable(run.classifier()))
    assert any("layer.1." in name for name in names)
    assert not [name for name in names if "layer.0." in name or "embeddings" in name or "words" in name]
    result = run.train()
    assert set(result.best) == names
    before, after = (run.finished(r).backbone.state_dict() for r in (replace(result, best={}), result))
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed and all("layer.1." in name for name in changed)
