from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from core.tasks import TASKS
from core.techniques import TECHNIQUES
from core.training.lr_finder import FACTOR, FoundRate, choose, find_learning_rate
from core.training.model import trainable
from core.training.pass_size import find_pass_rows, long_rows
from core.training.types import Cancelled
from tests.unit.training.tiny import CPU, TinyRun, tiny_recipe

RATES = [float(rate) for rate in 1e-4 * np.geomspace(1 / 16, 64, 40)]


def test_steepest_descent_before_the_lowest_loss_is_chosen() -> None:
    logs = np.log(RATES)
    falls_at = np.log(2e-4)
    losses = 2 - 1 / (1 + np.exp(-4 * (logs - falls_at)))  # flat, falling around 2e-4, flat
    losses[-5:] = 9.0
    assert choose(RATES, losses.tolist(), 1e-4) == pytest.approx(2e-4, rel=0.15)


@pytest.mark.parametrize(("falls_at", "chosen"), [(5e-3, 4e-4), (7e-6, 2.5e-5)])
def test_choice_stays_near_the_usual_rate(falls_at: float, chosen: float) -> None:
    losses = 2 - 1 / (1 + np.exp(-8 * (np.log(RATES) - np.log(falls_at))))
    assert choose(RATES, losses.tolist(), 1e-4) == pytest.approx(chosen)


@pytest.mark.parametrize("losses", [[], [1.0], [1.0, 2.0, 3.0, 4.0]])
def test_losses_that_tell_nothing_leave_the_usual_rate(losses: list[float]) -> None:
    assert choose(RATES[: len(losses)], losses, 1e-4) == 1e-4


def found(run: TinyRun, **more: object) -> FoundRate:
    return find_learning_rate(
        run.classifier(),
        run.practice,
        recipe=run.recipe,
        task=TASKS["text_classification"],
        technique=run.technique,
        precision="fp32",
        device=CPU,
        pad_id=0,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(("technique", "extras"), [("full", ("r_drop", "ema")), ("lora", ())])
def test_equal_runs_find_the_same_and_nothing_is_left_behind(
    technique: str, extras: tuple[str, ...], base_dir: Path, tmp_path: Path
) -> None:
    recipe = tiny_recipe(technique=technique, extras=extras)
    run = TinyRun(base_dir, recipe, TECHNIQUES[technique], tmp_path)
    classifier = run.classifier()
    run.classifier = lambda: classifier  # type: ignore[method-assign]
    before = {name: value.detach().clone() for name, value in trainable(classifier).items()}
    state = torch.get_rng_state()
    first = found(run)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[name], value) for name, value in trainable(classifier).items())
    assert all(value.grad is None for value in trainable(classifier).values())
    assert asdict(found(run)) == asdict(first)
    assert recipe.learning_rate / FACTOR <= first.learning_rate <= recipe.learning_rate * FACTOR
    assert len(first.rates) == len(first.losses) > 8 and all(np.isfinite(first.losses))


def test_the_person_may_end_it(base_dir: Path, tmp_path: Path) -> None:
    def obey() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        found(TinyRun(base_dir, tiny_recipe(), TECHNIQUES["full"], tmp_path), obey=obey)


def test_rows_around_the_95th_percentile_are_tried() -> None:
    lengths = np.arange(1000)[::-1]
    assert sorted(lengths[long_rows(lengths, 32)]) == list(range(934, 966))
    assert sorted(long_rows(lengths[:5], 32)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("per_second", "rows", "why"),
    [
        ({4: 10.0, 8: 20.0, 16: 30.0, 32: 40.0}, 32, "step"),
        ({4: 10.0, 8: 20.0, 16: 20.1, 32: 40.0}, 8, "speed"),
        ({4: 10.0, 8: 20.0, 16: MemoryError()}, 8, "memory"),
        ({4: MemoryError()}, 1, "memory"),
    ],
)
def test_rows_are_doubled_until_something_says_stop(
    per_second: dict[int, float | Exception],
    rows: int,
    why: str,
    base_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def speed(_loop: object, tried: np.ndarray) -> float:
        value = per_second[len(tried)]
        if isinstance(value, Exception):
            raise value
        return value

    monkeypatch.setattr("core.training.pass_size._rows_per_second", speed)
    assert pass_rows(base_dir, tmp_path) == (rows, why)


def test_a_processor_without_memory_left_is_not_tried(
    base_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.training.pass_size.free_bytes", lambda: 0)
    assert pass_rows(base_dir, tmp_path) == (1, "memory")
    monkeypatch.undo()
    assert pass_rows(base_dir, tmp_path)[0] >= 4


def pass_rows(base_dir: Path, folder: Path) -> tuple[int, str]:
    run = TinyRun(base_dir, tiny_recipe(batch_size=32), TECHNIQUES["full"], folder)
    sizes = find_pass_rows(
        run.classifier(),
        run.practice,
        recipe=run.recipe,
        task=TASKS["text_classification"],
        technique=run.technique,
        precision="fp32",
        device=CPU,
        pad_id=0,
    )
    return sizes.n_rows, sizes.limited_by
