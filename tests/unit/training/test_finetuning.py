"""What is settled by trying before the first step, and what happens when the memory is not enough."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.domain.recipe import SettingValue
from core.domain.run import FINDER_LOSS, FINDER_RATE, LEARNING_RATE, PRACTICE_LOSS, MetricPoint
from core.tasks import TASKS
from core.techniques import TECHNIQUES
from core.training import finetuning
from core.training.checkpoints import Checkpoints
from core.training.finetuning import CHOICES, FineTuner
from core.training.loop import Loop, LoopResult, Outlets
from tests.unit.training.tiny import same_tensors, tiny_data, tiny_recipe


@dataclass
class Tuning:
    base_dir: Path
    work_dir: Path
    changes: dict[str, SettingValue] = field(default_factory=dict)
    points: list[MetricPoint] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)

    def run(self) -> LoopResult:
        self.work_dir.mkdir(exist_ok=True)
        recipe = tiny_recipe(**{"epochs": 2, "dropout": 0.0, **self.changes})
        tuner = FineTuner(
            tiny_data(),
            recipe,
            TASKS[recipe.task],
            TECHNIQUES[recipe.technique],
            base_dir=self.base_dir,
            base_models_dir=self.work_dir,
            work_dir=self.work_dir,
        )
        outlets = Outlets(report=self.points.append, say=lambda sentence: self.said.append(str(sentence)))
        return tuner.train(tuner.tokenize(), outlets, self.told.update)

    def curve(self, name: str) -> list[float]:
        return [value for _, value in sorted({p.step: p.value for p in self.points if p.name == name}.items())]

    @property
    def choices(self) -> dict[str, Any]:
        values: dict[str, Any] = json.loads((self.work_dir / CHOICES).read_text())
        return values


def full_memory(at_step: int, times: int, error: Exception) -> Callable[..., tuple[torch.Tensor, torch.Tensor]]:
    """The loop's gradients, which fail `times` times at a step."""
    left, real = [times], Loop.gradients

    def gradients(self: Loop, rows: np.ndarray, epoch: int, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        if step == at_step and left[0]:
            left[0] -= 1
            raise error
        return real(self, rows, epoch, step)

    return gradients


@pytest.mark.parametrize(
    ("error", "saved"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (MemoryError(), False),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), False),
    ],
    ids=["cuda, from its checkpoint", "python, from the start", "cpu, from the start"],
)
def test_full_memory_halves_the_passes_and_the_losses_stay(
    error: Exception, saved: bool, exact_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, halved = Tuning(exact_dir, tmp_path / "whole"), Tuning(exact_dir, tmp_path / "halved")
    whole.run()
    monkeypatch.setattr(Checkpoints, "is_due", lambda self, n_bytes: saved)
    monkeypatch.setattr(Loop, "gradients", full_memory(10, 1, error))
    seen: list[int] = []
    monkeypatch.setattr(finetuning, "free_unused", lambda: seen.append(len(halved.curve(PRACTICE_LOSS))))
    result = halved.run()
    assert seen == [9]
    assert result.position.step == 24
    assert halved.choices["halved_for_memory"] is True and halved.told["halved_for_memory"] is True
    assert any("half as many examples at once" in sentence for sentence in halved.said)
    np.testing.assert_allclose(halved.curve(PRACTICE_LOSS), whole.curve(PRACTICE_LOSS), rtol=1e-3, atol=1e-5)
    repeated = [p.step for p in halved.points if p.name == PRACTICE_LOSS and p.step == 1]
    assert len(repeated) == (1 if saved else 2)


def test_memory_that_is_full_twice_is_a_failure(
    exact_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Loop, "gradients", full_memory(3, 2, MemoryError()))
    with pytest.raises(MemoryError):
        Tuning(exact_dir, tmp_path / "run").run()


def test_another_error_is_not_tried_again(exact_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loop, "gradients", full_memory(3, 1, RuntimeError("shapes do not fit")))
    with pytest.raises(RuntimeError, match="shapes"):
        Tuning(exact_dir, tmp_path / "run").run()
    assert "halved_for_memory" not in Tuning(exact_dir, tmp_path / "run").choices


def test_found_values_are_used_kept_and_told(exact_dir: Path, tmp_path: Path) -> None:
    found = Tuning(exact_dir, tmp_path / "run", {"find_learning_rate": "on", "find_batch_size": "on"})
    found.run()
    rate, rows = found.choices["learning_rate"], found.choices["pass_rows"]
    assert 1e-2 / 4 <= rate <= 4e-2 and found.told["learning_rate"] == rate
    assert max(found.curve(LEARNING_RATE)) == pytest.approx(rate)
    assert rows in (4, 8) and found.told["pass_rows"] == rows
    assert len(found.curve(FINDER_LOSS)) == len(found.curve(FINDER_RATE)) > 8
    assert found.curve(FINDER_RATE) == sorted(found.curve(FINDER_RATE))
    assert any("Tried learning rates" in s for s in found.said) and any("read at once" in s for s in found.said)


def test_a_run_that_goes_on_does_not_try_again_and_ends_alike(
    exact_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, SettingValue] = {"find_learning_rate": "on"}
    whole = Tuning(exact_dir, tmp_path / "whole", asked)
    expected = whole.run()
    monkeypatch.setattr(Checkpoints, "is_due", lambda self, n_bytes: True)
    with monkeypatch.context() as patched:
        patched.setattr(Loop, "update", killed_at(15, Loop.update, whole.choices["learning_rate"]))
        with pytest.raises(KeyboardInterrupt):
            Tuning(exact_dir, tmp_path / "killed", asked).run()
    second = Tuning(exact_dir, tmp_path / "killed", asked)
    result = second.run()
    assert not second.curve(FINDER_LOSS)
    assert second.choices["learning_rate"] == whole.choices["learning_rate"]
    assert same_tensors(result.best, expected.best)


def killed_at(at_step: int, real: Callable[..., None], rate: float) -> Callable[..., None]:
    """An update that ends the process at a step of the run itself, not of what is tried before it."""

    def update(self: Loop, step: int, learning_rate: float, norm: torch.Tensor) -> None:
        if step == at_step and learning_rate <= rate and self.recipe.learning_rate == rate:
            raise KeyboardInterrupt
        real(self, step, learning_rate, norm)

    return update


def test_trying_leaves_weights_and_randomness_as_they_are(exact_dir: Path, tmp_path: Path) -> None:
    plain = Tuning(exact_dir, tmp_path / "plain")
    tried = Tuning(exact_dir, tmp_path / "tried", {"find_batch_size": "on"})
    expected, result = plain.run(), tried.run()
    if tried.choices["pass_rows"] == 8:
        assert same_tensors(result.best, expected.best)
    np.testing.assert_allclose(tried.curve(PRACTICE_LOSS), plain.curve(PRACTICE_LOSS), rtol=1e-3, atol=1e-5)
