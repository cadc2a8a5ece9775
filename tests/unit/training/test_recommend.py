import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.dataset import DatasetProfile
from core.domain.recipe import Preset, TrainingRecipe
from core.training.forecasting import forecast
from core.training.machine import Machine, detect_machine
from core.training.recommend import learning_rate_for, recommend, with_overrides
from core.training.search.space import space_of
from core.training.speed import read_speed, record_speed

CPU = Machine(kind="cpu", name="A processor", n_cores=2, memory_bytes=8 << 30)
GPU = Machine(kind="cuda", name="A graphics card", n_cores=16, memory_bytes=64 << 30, gpu_memory_bytes=24 << 30)
BANKING = DatasetProfile(
    n_rows=13_083, n_labels=77, language="en", mean_chars=59, p95_chars=135, max_chars=433, imbalance=4.8
)
REVIEWS = DatasetProfile(
    n_rows=11_987, n_labels=2, language="zh", mean_chars=25, p95_chars=70, max_chars=463, imbalance=2.0
)


def test_dial_positions_cost_more_and_more() -> None:
    seconds = []
    for preset in Preset:
        recipe, _, _ = recommend(BANKING, preset, machine=CPU)
        seconds.append(forecast(BANKING, recipe, CPU, Path("nowhere")).high_seconds)
    assert seconds == sorted(seconds) and seconds[0] < seconds[1] < seconds[2]


def test_language_picks_the_base_model_unless_the_person_did() -> None:
    assert recommend(BANKING, Preset.BALANCED, machine=CPU)[0].base_model == "minilm-l6-en"
    assert recommend(REVIEWS, Preset.BALANCED, machine=CPU)[0].base_model == "e5-small-zh-en"
    assert recommend(REVIEWS, Preset.BALANCED, machine=CPU, base_model="mine")[0].base_model == "mine"


def test_chinese_balanced_uses_half_the_layers_and_says_why() -> None:
    recipe, reasons, _ = recommend(REVIEWS, Preset.BALANCED, machine=CPU)
    assert recipe.n_layers == 6
    assert any("6 of 12 layers" in str(reason) for reason in reasons)


def test_best_searches_from_the_recipe_of_balanced() -> None:
    balanced, best = (recommend(REVIEWS, preset, machine=CPU)[0] for preset in (Preset.BALANCED, Preset.BEST))
    assert best.n_layers == 6 and 0 in space_of(best).choices["n_layers"]
    start = replace(best, preset=Preset.BALANCED, max_length=balanced.max_length, search_minutes=0, folds=0)
    assert start == balanced and best.search_minutes >= 3


def test_few_rows_are_cross_checked_and_the_minutes_are_in_the_forecast(tmp_path: Path) -> None:
    few = replace(BANKING, n_rows=600)
    recipe, reasons, _ = recommend(few, Preset.BEST, machine=CPU)
    assert (recipe.folds, recommend(replace(few, n_rows=200), Preset.BEST, machine=CPU)[0].folds) == (3, 5)
    assert recommend(BANKING, Preset.BEST, machine=CPU)[0].folds == 0
    assert any("take turns as the check-up" in str(reason) for reason in reasons)
    longer = recipe.changed({"search_minutes": recipe.search_minutes + 20})
    without, short, long = (
        forecast(few, r, CPU, tmp_path) for r in (recipe.changed({"search_minutes": 0, "folds": 0}), recipe, longer)
    )
    assert short.low_seconds - without.low_seconds > 30 * recipe.search_minutes
    assert long.low_seconds - short.low_seconds > 0.5 * 20 * 60


@pytest.mark.parametrize("profile", [BANKING, REVIEWS])
@pytest.mark.parametrize("preset", list(Preset))
def test_exactly_the_proposed_position_is_recommended(profile: DatasetProfile, preset: Preset) -> None:
    assert recommend(profile, preset, machine=CPU)[2] is (preset is Preset.BALANCED)


def test_quick_is_proposed_where_fine_tuning_would_take_hours() -> None:
    huge = replace(BANKING, n_rows=2_000_000)
    assert recommend(huge, Preset.QUICK, machine=CPU)[2]
    assert not recommend(huge, Preset.BALANCED, machine=CPU)[2]
    assert recommend(replace(BANKING, n_rows=100_000), Preset.BALANCED, machine=GPU)[2]


def test_few_rows_get_more_passes() -> None:
    few, many = (
        recommend(replace(BANKING, n_rows=n), Preset.BALANCED, machine=CPU)[0].epochs for n in (8_000, 100_000)
    )
    assert few > many


def test_pairs_of_texts_get_more_passes_than_single_texts() -> None:
    table = replace(BANKING, n_rows=7_000, n_labels=2)
    single, pairs = (
        recommend(table, Preset.BALANCED, machine=CPU, task=task)[0].epochs for task in ("score", "pair_score")
    )
    assert pairs > single


def test_text_length_follows_the_data_up_to_a_limit() -> None:
    short = replace(BANKING, mean_chars=20, p95_chars=30, max_chars=40)
    long = replace(BANKING, mean_chars=2000, p95_chars=5000, max_chars=9000)
    assert recommend(short, Preset.BALANCED, machine=CPU)[0].max_length == 32
    recipe, reasons, _ = recommend(long, Preset.BALANCED, machine=CPU)
    assert recipe.max_length == 256
    assert recipe.long_texts == "measured" and any("tried out first" in str(reason) for reason in reasons)
    recipe, reasons, _ = recommend(replace(long, p95_chars=800), Preset.BALANCED, machine=CPU)
    assert recipe.long_texts == "start" and any("cut after 256 tokens" in str(reason) for reason in reasons)
    assert recommend(long, Preset.BEST, machine=CPU)[0].max_length == 512


def test_measured_speed_replaces_the_guess_and_narrows_the_range(tmp_path: Path) -> None:
    recipe, _, _ = recommend(BANKING, Preset.BALANCED, machine=CPU)
    guess = forecast(BANKING, recipe, CPU, tmp_path)
    record_speed(tmp_path, recipe, "cpu", 20_000.0)
    measured = forecast(BANKING, recipe, CPU, tmp_path)
    assert measured.high_seconds < guess.low_seconds
    assert measured.high_seconds / measured.low_seconds < guess.high_seconds / guess.low_seconds


def test_another_technique_brings_its_own_learning_rate_unless_one_is_given() -> None:
    recipe, _, _ = recommend(BANKING, Preset.BALANCED, machine=CPU)
    lora = with_overrides(recipe, {"technique": "lora"})
    assert lora.learning_rate == pytest.approx(5 * recipe.learning_rate)
    assert learning_rate_for("full", lora) == recipe.learning_rate
    given = with_overrides(recipe, {"technique": "lora", "learning_rate": 3e-4})
    assert given.learning_rate == 3e-4


def test_extras_that_cost_time_are_in_the_forecast(tmp_path: Path) -> None:
    recipe, _, _ = recommend(BANKING, Preset.BALANCED, machine=CPU)
    twice = recipe.changed({"extras": "r_drop"})
    for speed in (None, 5_000.0):
        if speed:
            record_speed(tmp_path, recipe, "cpu", speed)
            assert read_speed(tmp_path, twice, "cpu") == speed / 2
        plain, longer = (forecast(BANKING, r, CPU, tmp_path).high_seconds for r in (recipe, twice))
        assert 1.3 * plain < longer < 2 * plain


def test_best_learns_from_many_texts_without_a_category_where_no_cross_check_judges() -> None:
    many = replace(BANKING, n_unlabeled=4_000)
    recipe, reasons, _ = recommend(many, Preset.BEST, machine=CPU)
    assert recipe.pseudo_labels == "on"
    assert any("4000 texts have no category" in str(reason) for reason in reasons)
    off = recipe.changed({"pseudo_labels": "off", "search_minutes": 0})
    on = off.changed({"pseudo_labels": "on"})
    shorter, longer = (forecast(many, r, CPU, Path("nowhere")).high_seconds for r in (off, on))
    assert shorter < longer < 1.1 * shorter
    for other, preset in ((many, Preset.BALANCED), (replace(many, n_rows=400), Preset.BEST), (BANKING, Preset.BEST)):
        assert recommend(other, preset, machine=CPU)[0].pseudo_labels == "off"


def test_speeds_are_kept_per_recipe_and_survive_a_damaged_file(tmp_path: Path) -> None:
    recipe = TrainingRecipe()
    record_speed(tmp_path, recipe, "cpu", 1000.0)
    record_speed(tmp_path, recipe.changed({"technique": "lora"}), "cpu", 2000.0)
    assert read_speed(tmp_path, recipe, "cpu") == 1000.0
    assert read_speed(tmp_path, recipe, "cuda") is None
    (tmp_path / "speed.json").write_text("{")
    assert read_speed(tmp_path, recipe, "cpu") is None


def test_machine_is_told_without_torch() -> None:
    machine = detect_machine()
    assert machine.kind in ("cpu", "cuda", "mps")
    assert machine.n_cores >= 1 and machine.memory_bytes > 1 << 30 and machine.name
    code = (
        "import sys\n"
        "from core.training.machine import detect_machine\n"
        "from core.training.forecasting import forecast\n"
        "from core.training.recommend import recommend\n"
        "detect_machine()\n"
        "assert not {'torch', 'transformers', 'sklearn', 'onnxruntime'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
