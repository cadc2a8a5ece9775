"""Scores are learned on a scale of their own and come back in the unit of the table."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score

from core.domain.number import COMMA, POINT, number_of, shown
from core.domain.recipe import Preset, TrainingRecipe, presets_of
from core.errors import UserError
from core.tasks import TASKS
from core.tasks.score import in_unit, number_score, r_squared

TASK = TASKS["score"]


def test_targets_have_mean_0_and_spread_1_on_the_practice_rows():
    labels = ["1", "2,5", "1,000", "85 %"]
    scale = TASK.scale(labels)
    targets = TASK.targets(labels, (), scale)
    assert targets.mean() == pytest.approx(0, abs=1e-6) and targets.std() == pytest.approx(1, abs=1e-6)
    assert in_unit(targets[:, None], scale) == pytest.approx([1, 2.5, 1000, 85], rel=1e-4)


def test_answers_stay_within_the_range_that_practice_knew():
    scale = TASK.scale(["0", "10"])
    assert in_unit(np.array([[-9.0], [0.0], [9.0]]), scale).tolist() == [0, 5, 10]


def test_practice_rows_that_all_say_the_same_do_no_harm():
    scale = TASK.scale(["3", "3"])
    assert TASK.targets(["3", "4"], (), scale).tolist() == [0, 1]


def test_measures_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    truth, answers = rng.normal(size=50), rng.normal(size=50)
    score = number_score(answers, truth)
    assert score.mae == pytest.approx(mean_absolute_error(truth, answers))
    assert score.r2 == pytest.approx(r2_score(truth, answers))
    assert r_squared(answers[:3], np.ones(3)) == 0.0


def test_a_hopeless_check_up_still_counts_as_one():
    assert TASK.goodness(np.array([[99.0], [-99.0]]), np.array([0.0, 1.0], dtype=np.float32)) == -1.0


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("4.27", 4.27),
        ("4,27", 4.27),
        ("0,125", 0.125),
        ("-0,125", -0.125),
        ("1,250", 1250),
        ("１２", 12),
        ("−3", -3),
        ("1.250,5", 1250.5),
        ("1.250.000", 1250000),
        ("1.250", 1.25),
        ("1.2.3", None),
        ("n/a", None),
    ],
)
def test_cells_are_read_as_people_write_numbers(cell, number):
    assert number_of(cell) == number


@pytest.mark.parametrize(("cell", "by_comma"), [("1,250", 1.25), ("1.250", 1250), ("3.5", 3.5), ("0.125", 0.125)])
def test_the_columns_sign_decides_about_what_a_cell_leaves_open(cell, by_comma):
    assert number_of(cell, COMMA) == by_comma
    assert number_of(cell, POINT) == number_of(cell)


@pytest.mark.parametrize(
    ("number", "words"), [(0.01234, "0.0123"), (4.2749, "4.27"), (186, "186"), (12345.6, "12,346")]
)
def test_numbers_are_shown_with_the_digits_that_count(number, words):
    assert shown(number) == words


@pytest.mark.parametrize(
    "settings",
    [
        {"extras": ("label_smoothing",)},
        {"extras": ("mixup",)},
        {"search_minutes": 5},
        {"folds": 4},
        {"pseudo_labels": "on"},
        {"head_start": "fitted"},
    ],
)
def test_what_needs_categories_is_refused_with_its_reason(settings):
    with pytest.raises(UserError, match="score"):
        TrainingRecipe(task="score", **settings)
    TrainingRecipe(**settings)


def test_extras_that_know_no_categories_are_welcome():
    TrainingRecipe(task="score", extras=("word_noise", "fgm", "ema", "layer_decay", "multi_dropout"))


def test_the_search_is_for_categories_only():
    assert Preset.BEST not in presets_of("score") and Preset.BEST in presets_of("text_classification")
