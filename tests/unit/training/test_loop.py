import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.domain.job import Wish
from core.domain.run import CHECKUP_ACCURACY, CHECKUP_LOSS, GRADIENT_NORM, LEARNING_RATE, PRACTICE_LOSS
from core.techniques import TECHNIQUES
from core.techniques.full import FullFineTuning
from core.techniques.protocol import Adaptable, Weights
from core.training.types import Cancelled
from tests.unit.training.tiny import TinyRun, same_tensors, tiny_recipe

MakeRun = Callable[..., TinyRun]


@pytest.fixture
def make_run(base_dir: Path, tmp_path: Path) -> MakeRun:
    def make(name: str = "run", **changes: str | int | float) -> TinyRun:
        return TinyRun(base_dir, tiny_recipe(**changes), TECHNIQUES["full"], tmp_path / name)

    return make


class BreaksAt(FullFineTuning):
    """Makes the weights infinite after an update, as an overflow would."""

    def __init__(self, step: int) -> None:
        self.step = step

    def after_step(
        self, classifier: Adaptable, weights: Weights, step: int, n_steps: int, learning_rate: float
    ) -> None:
        if step == self.step:
            with torch.no_grad():
                classifier.head.weight.fill_(math.inf)


def test_every_curve_is_told_and_steps_count_from_one(make_run: MakeRun) -> None:
    run = make_run(epochs=1)
    result = run.train()
    assert result.n_steps == result.position.step == 12
    assert [p.step for p in run.heard.points if p.name == PRACTICE_LOSS] == list(range(1, 13))
    assert [p.step for p in run.heard.points if p.name == CHECKUP_LOSS] == [6, 12]
    for name in (CHECKUP_ACCURACY, LEARNING_RATE, GRADIENT_NORM):
        assert run.heard.curve(name)


def test_accumulated_passes_equal_one_big_batch(make_run: MakeRun) -> None:
    whole = make_run("one", epochs=1, batch_size=16, dropout=0.0, learning_rate=1e-3)
    parts = make_run("two", epochs=1, batch_size=4, gradient_accumulation=4, dropout=0.0, learning_rate=1e-3)
    for run in (whole, parts):  # the encoder's own dropout would draw differently for other shapes
        classifier = run.classifier()
        for module in classifier.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        run.classifier = lambda ready=classifier: ready  # type: ignore[method-assign,misc]
    whole.train()
    parts.train()
    assert parts.heard.curve(PRACTICE_LOSS) == pytest.approx(whole.heard.curve(PRACTICE_LOSS), abs=1e-4)
    assert parts.heard.curve(GRADIENT_NORM) == pytest.approx(whole.heard.curve(GRADIENT_NORM), rel=1e-2)


def test_best_check_up_is_kept_not_the_last(make_run: MakeRun) -> None:
    run = make_run(epochs=6, learning_rate=2e-2)
    result = run.train()
    accuracies = run.heard.curve(CHECKUP_ACCURACY)
    assert result.position.best_accuracy == max(accuracies)
    steps = [p.step for p in run.heard.points if p.name == CHECKUP_ACCURACY]
    best = [s for s, a in zip(steps, accuracies, strict=True) if a == max(accuracies)]
    assert result.position.best_step in best


def test_patience_ends_a_run_that_gets_no_better(make_run: MakeRun) -> None:
    run = make_run(epochs=20, learning_rate=1e-7, patience=3)
    result = run.train()
    assert result.position.stopped == "early"
    assert result.position.n_worse == 3
    assert result.position.step < result.n_steps
    assert "stopping and keeping step" in str(run.heard.said[-1])


def test_infinite_weights_stop_at_once_and_the_best_finite_ones_are_kept(base_dir: Path, tmp_path: Path) -> None:
    run = TinyRun(base_dir, tiny_recipe(epochs=2), BreaksAt(8), tmp_path)
    result = run.train()
    assert result.position.stopped == "diverged"
    assert result.position.step == 8
    assert result.position.best_step == 6
    assert all(torch.isfinite(value).all() for value in result.best.values())
    assert all(math.isfinite(point.value) for point in run.heard.points)
    assert "step 6 is kept" in str(run.heard.said[-1])


def test_nothing_is_kept_where_no_finite_check_up_was_reached(base_dir: Path, tmp_path: Path) -> None:
    run = TinyRun(base_dir, tiny_recipe(epochs=1), BreaksAt(2), tmp_path)
    result = run.train()
    assert (result.position.stopped, result.best) == ("diverged", {})


def test_stop_keeps_the_best_so_far(make_run: MakeRun) -> None:
    run = make_run()
    asked = 0

    def stop_after_four() -> Wish:
        nonlocal asked
        asked += 1
        return Wish.STOP if asked > 4 else Wish.NONE

    result = run.train(should_stop=stop_after_four)
    assert (result.position.stopped, result.position.step, result.position.best_step) == ("by_person", 4, 4)
    assert result.best


def test_cancel_raises(make_run: MakeRun) -> None:
    with pytest.raises(Cancelled):
        make_run().train(should_stop=lambda: Wish.CANCEL)


def test_finished_run_is_not_run_again(make_run: MakeRun) -> None:
    first = make_run("same").train()
    again = make_run("same")
    result = again.train()
    assert same_tensors(result.best, first.best)
    assert again.heard.points == []


def test_damaged_checkpoint_is_passed_over(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = make_run("whole").train()
    run = make_run("hurt")
    monkeypatch.setattr(run.checkpoints, "is_due", lambda n_bytes: True)
    calls = 0

    def killed() -> Wish:
        nonlocal calls
        calls += 1
        if calls > 11:
            raise KeyboardInterrupt
        return Wish.NONE

    with pytest.raises(KeyboardInterrupt):
        run.train(should_stop=killed)
    newest = sorted(run.folder.glob("step-*"))[-1]
    path = newest / "optimizer.safetensors"
    damaged = bytearray(path.read_bytes())
    damaged[-100] ^= 255
    path.write_bytes(bytes(damaged))
    again = make_run("hurt")
    found = again.checkpoints.newest()
    assert found is not None and found.position.step == 10
    assert same_tensors(again.train().best, whole.best)


def test_checkpoints_of_other_data_are_not_used(base_dir: Path, make_run: MakeRun) -> None:
    make_run("same").train()
    other = TinyRun(base_dir, tiny_recipe(), TECHNIQUES["full"], make_run("same").folder, fingerprint="other")
    assert other.checkpoints.newest() is None


def test_bf16_run_learns_and_resumes_to_the_same_bytes(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    undisturbed = make_run("whole", epochs=2)
    whole = undisturbed.train(precision="bf16")
    run = make_run("killed", epochs=2)
    monkeypatch.setattr(run.checkpoints, "is_due", lambda n_bytes: True)
    calls = 0

    def killed() -> Wish:
        nonlocal calls
        calls += 1
        if calls > 9:
            raise KeyboardInterrupt
        return Wish.NONE

    with pytest.raises(KeyboardInterrupt):
        run.train(precision="bf16", should_stop=killed)
    again = make_run("killed", epochs=2)
    assert same_tensors(again.train(precision="bf16").best, whole.best)
    assert again.heard.said == undisturbed.heard.said[-len(again.heard.said) :]  # the coach knows what came before
