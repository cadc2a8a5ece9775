"""Minutes and memory before the start, and how earlier runs correct them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.dataset import DatasetProfile
from core.domain.recipe import TrainingRecipe
from core.training.busy import Stopwatch
from core.training.checkpoints import Position
from core.training.forecasting import forecast, forecast_parts, formula_parts, made_share, memory_bytes
from core.training.loop import LoopResult
from core.training.machine import Machine
from core.training.parts import PartTimes
from core.training.speed import N_RATIOS, read_ratios, record_ratios, record_speed

CPU = Machine(kind="cpu", name="A processor", n_cores=2, memory_bytes=8 << 30)
PROFILE = DatasetProfile(
    n_rows=2_000, n_labels=10, language="en", mean_chars=60, p95_chars=130, max_chars=400, imbalance=2.0
)
FULL = TrainingRecipe(base_model="minilm-l6-en", epochs=4, patience=0)
QUICK = TrainingRecipe(base_model="minilm-l6-en", technique="draft")


def test_more_work_takes_longer_part_by_part() -> None:
    few = formula_parts(PROFILE, FULL, CPU)
    many = formula_parts(replace(PROFILE, n_rows=8_000), FULL, CPU)
    assert many["steps"] == pytest.approx(4 * few["steps"])
    assert all(many[name] >= seconds for name, seconds in few.items())
    slow = formula_parts(PROFILE, FULL, replace(CPU, core_flops=CPU.core_flops / 2))
    assert slow["steps"] == pytest.approx(2 * few["steps"]) and slow["embedding"] > few["embedding"]


def test_long_texts_in_windows_cost_what_is_read_of_them() -> None:
    long = replace(PROFILE, mean_chars=2_000, p95_chars=4_000, max_chars=9_000)
    start, windows, measured = (
        formula_parts(long, FULL.changed({"long_texts": way}), CPU) for way in ("start", "windows", "measured")
    )
    assert 3 < windows["steps"] / start["steps"] < 8 and windows["embedding"] > 2 * start["embedding"]
    assert measured["trying"] > 0 and measured["steps"] == start["steps"]


def test_the_draft_of_very_many_rows_costs_no_more_than_its_share() -> None:
    many, more = (formula_parts(replace(PROFILE, n_rows=n), FULL, CPU) for n in (100_000, 1_000_000))
    assert more["embedding"] == many["embedding"] and more["fitting"] == many["fitting"]
    assert more["steps"] > 9 * many["steps"]


@pytest.mark.parametrize(
    ("changes", "factor"), [({"frozen_layers": 3}, 1 / 2), ({"technique": "lora"}, 0.85), ({"extras": "r_drop"}, 2.0)]
)
def test_what_changes_a_step_changes_its_seconds(changes: dict[str, str | int], factor: float) -> None:
    plain, other = formula_parts(PROFILE, FULL, CPU), formula_parts(PROFILE, FULL.changed(changes), CPU)
    assert other["steps"] / plain["steps"] == pytest.approx(factor, rel=0.15)


def test_layers_that_read_each_text_once_cost_once() -> None:
    frozen = formula_parts(PROFILE, FULL.changed({"frozen_layers": 6}), CPU)
    assert frozen["steps"] == 0.0
    again = formula_parts(PROFILE, FULL.changed({"frozen_layers": 6, "extras": "word_noise"}), CPU)
    whole = formula_parts(PROFILE, FULL, CPU)
    assert again["steps"] == pytest.approx(whole["steps"] / 3)
    assert 0 < frozen["checks"] < again["steps"] / 2  # 4 passes over practice against one


def test_threads_that_the_environment_allows_count_for_training_only() -> None:
    two, one = formula_parts(PROFILE, FULL, CPU), formula_parts(PROFILE, FULL, replace(CPU, n_threads=1))
    assert one["steps"] == pytest.approx(2 * two["steps"])
    assert one["embedding"] == two["embedding"]


def test_runs_that_may_stop_early_are_expected_to() -> None:
    assert made_share(FULL) == 1.0
    patient = FULL.changed({"epochs": 10, "patience": 4})  # 20 check-ups
    assert made_share(patient, best_check=6) == 0.5
    assert made_share(patient, best_check=30) == 1.0


def test_other_programs_stretch_the_minutes_and_runs_tell_how_much(tmp_path: Path) -> None:
    quiet = forecast(PROFILE, FULL, CPU, tmp_path)
    busy = forecast(PROFILE, FULL, CPU, tmp_path, free_share=0.25)
    assert busy.high_seconds == pytest.approx(4 * quiet.high_seconds)
    record_ratios(tmp_path, {"share": 2.0})
    assert forecast(PROFILE, FULL, CPU, tmp_path, free_share=0.25).high_seconds == pytest.approx(2 * quiet.high_seconds)
    assert forecast(PROFILE, FULL, CPU, tmp_path).high_seconds == pytest.approx(quiet.high_seconds)


def test_newest_runs_correct_the_parts_that_they_had(tmp_path: Path) -> None:
    before = forecast_parts(PROFILE, FULL, CPU, tmp_path)
    for ratio in (100.0, 2.0, 2.0, 3.0, 3.0, 3.0):
        record_ratios(tmp_path, {"fitting": ratio})
    assert len(json.loads((tmp_path / "speed.json").read_text())["ratios"]["fitting"]) == N_RATIOS
    after = forecast_parts(PROFILE, FULL, CPU, tmp_path)
    assert after["fitting"] == pytest.approx(3 * before["fitting"])
    assert {name: after[name] for name in after if name != "fitting"} == {
        name: before[name] for name in before if name != "fitting"
    }


def test_a_measured_speed_decides_the_steps_of_runs_like_it(tmp_path: Path) -> None:
    record_ratios(tmp_path, {"steps": 5.0})
    guessed = forecast_parts(PROFILE, FULL, CPU, tmp_path)["steps"]
    assert guessed == pytest.approx(5 * formula_parts(PROFILE, FULL, CPU)["steps"])
    record_speed(tmp_path, FULL, "cpu", 1_000.0)
    assert forecast_parts(PROFILE, FULL, CPU, tmp_path)["steps"] == 0.8 * 2_000 * 16 * 4 / 1_000
    frozen = FULL.changed({"frozen_layers": 3})
    assert forecast_parts(PROFILE, frozen, CPU, tmp_path)["steps"] < guessed


def test_a_damaged_file_is_no_forecast(tmp_path: Path) -> None:
    (tmp_path / "speed.json").write_text('{"ratios": {"steps": "often", "fitting": [0, "x", 2]}}')
    assert read_ratios(tmp_path) == {"fitting": 2.0}
    (tmp_path / "speed.json").write_text('{"ratios": 3}')
    assert read_ratios(tmp_path) == {}


def test_a_new_base_model_is_unpacked_first(tmp_path: Path) -> None:
    new = forecast_parts(PROFILE, QUICK, CPU, tmp_path)
    (tmp_path / "minilm-l6-en-0123").mkdir()
    here = forecast_parts(PROFILE, QUICK, CPU, tmp_path)
    assert sum(new.values()) > sum(here.values()) and "unpacking" not in here
    assert memory_bytes(PROFILE, QUICK, is_new=True) > memory_bytes(PROFILE, QUICK)


def test_a_run_tells_its_ratios_and_keeps_what_was_foreseen(tmp_path: Path) -> None:
    recipe = FULL.changed({"patience": 4})
    times = PartTimes(PROFILE, recipe, CPU, 0.5)
    foreseen = times.forecast(tmp_path, tmp_path)
    record_ratios(tmp_path, {"fitting": 9.0})
    assert PartTimes(PROFILE, recipe, CPU, 1.0).forecast(tmp_path, tmp_path) == foreseen
    formula = formula_parts(PROFILE, recipe, CPU, share=0.5)
    times.add_draft(3 * formula["embedding"], None)
    watch = Stopwatch()
    watch.stop()  # what else the machine does is told once
    at = Position(fingerprint="", step=100, best_step=75, seconds=2 * formula["steps"] / watch.share, stopped="early")
    times.add_loop(LoopResult(best={}, position=at, n_steps=200), watch)
    times.keep(tmp_path)
    found = read_ratios(tmp_path)
    assert found["embedding"] == pytest.approx(3, rel=0.01)
    assert found["steps"] == pytest.approx(2, rel=0.01)
    assert found["best_check"] == pytest.approx(3 / 6, rel=0.01)  # 75 of 200 steps is check-up 3 of 8
    assert found["fitting"] == 9.0 and found["share"] > 0


def test_a_loop_that_was_stopped_tells_nothing(tmp_path: Path) -> None:
    times = PartTimes(PROFILE, FULL, CPU, 1.0)
    at = Position(fingerprint="", step=10, seconds=5.0, stopped="by_person")
    times.add_loop(LoopResult(best={}, position=at, n_steps=200), Stopwatch())
    times.keep(tmp_path)
    assert read_ratios(tmp_path) == {}
