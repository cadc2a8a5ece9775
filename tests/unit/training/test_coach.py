"""What the coach says about made curves. Ten categories of equal size: guessing has a loss of ln 10 = 2.30."""

import math
import subprocess
import sys

import pytest

from core.domain.run import CHECKUP_ACCURACY, CHECKUP_LOSS, GRADIENT_NORM, PRACTICE_LOSS, MetricPoint
from core.training.coach import CheckUp, Curve, Trend, advice, checkups_of, guessing_loss, trend

GUESS = guessing_loss([50] * 10)


def curve(*checks: tuple[float, float, float], n_steps: int = 10_000) -> Curve:
    """(practice loss, check-up loss, accuracy) of check-ups a hundred steps apart."""
    found = [
        CheckUp(step=100 * n, practice_loss=practice, loss=loss, accuracy=accuracy)
        for n, (practice, loss, accuracy) in enumerate(checks, start=1)
    ]
    return Curve(checks=found, guess_loss=GUESS, n_steps=n_steps)


IMPROVING = curve((2.0, 1.6, 0.55), (1.2, 0.9, 0.78), (0.7, 0.6, 0.86))
LEVELLING = curve((2.0, 1.6, 0.55), (1.2, 0.60, 0.86), (0.7, 0.595, 0.862))
MEMORISING = curve((2.0, 1.6, 0.55), (0.8, 0.60, 0.86), (0.3, 0.66, 0.85), (0.1, 0.75, 0.85))
JUMPING = curve((2.0, 1.6, 0.5), (1.2, 0.9, 0.7), (1.1, 1.3, 0.6), (1.2, 0.8, 0.72), (1.1, 1.2, 0.6))
LOST = curve((2.0, 1.6, 0.5), (1.2, 0.9, 0.7), (2.3, 2.31, 0.1))
NOT_LEARNING = curve((2.31, 2.30, 0.1), (2.30, 2.31, 0.11), (2.30, 2.30, 0.1))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (curve((2.0, 1.6, 0.55)), Trend.STARTING),
        (IMPROVING, Trend.IMPROVING),
        (LEVELLING, Trend.LEVELLING),
        (MEMORISING, Trend.MEMORISING),
        (JUMPING, Trend.JUMPING),
        (LOST, Trend.JUMPING),
        (NOT_LEARNING, Trend.NOT_LEARNING),
    ],
)
def test_each_kind_of_curve_is_told_apart(made: Curve, expected: Trend) -> None:
    assert trend(made) is expected


def test_rising_loss_is_no_memorising_while_more_answers_get_right() -> None:
    surer = curve((2.0, 1.6, 0.55), (0.8, 0.60, 0.86), (0.3, 0.66, 0.88))
    assert trend(surer) is Trend.IMPROVING


def test_practice_and_check_up_rising_together_is_no_memorising() -> None:
    assert trend(curve((2.0, 1.6, 0.55), (0.8, 0.6, 0.86), (0.9, 0.7, 0.82))) is Trend.LEVELLING


def test_a_single_worse_check_up_may_be_chance() -> None:
    flat = curve((2.0, 1.6, 0.55), (0.8, 0.62, 0.90), (0.3, 0.66, 0.88), (0.2, 0.61, 0.88), (0.1, 0.65, 0.89))
    assert trend(flat) is Trend.LEVELLING


def test_slow_start_is_no_failure_to_learn() -> None:
    """Many categories: the answers are still those of guessing, but practice has begun to move."""
    assert trend(curve((2.31, 2.31, 0.1), (2.28, 2.30, 0.1), (2.20, 2.28, 0.12))) is not Trend.NOT_LEARNING


def test_small_swings_are_noise() -> None:
    steady = curve((1.0, 0.60, 0.86), (0.9, 0.62, 0.85), (0.88, 0.60, 0.86), (0.87, 0.62, 0.85), (0.86, 0.6, 0.86))
    assert trend(steady) is Trend.LEVELLING


@pytest.mark.parametrize(
    ("made", "patience", "words"),
    [
        (curve((2.0, 1.6, 0.55)), 4, "Right on 55 of 100 check-up examples at the first check-up."),
        (IMPROVING, 4, "Right on 86 of 100 check-up examples, still improving."),
        (LEVELLING, 4, "Right on 86 of 100 check-up examples; it is levelling off."),
        (MEMORISING, 4, "Practice goes down, the check-up goes up: it is memorising. Step 200 is kept."),
        (MEMORISING, 0, "it is memorising. You can stop now: step 200 is kept."),
        (
            MEMORISING,
            3,
            "No better for 2 of 3 check-ups: if the next one is no better either, it stops and keeps step 200.",
        ),
        (JUMPING, 4, "jumps up and down: a lower learning rate would be steadier. Step 400 is kept."),
        (NOT_LEARNING, 2, "no better than guessing"),
        (
            curve((1, 0.6, 0.86), (1, 0.61, 0.85)),
            4,
            "Right on 86 of 100 check-up examples at best; no better for 1 check-up.",
        ),
    ],
)
def test_the_sentence_says_how_it_goes_and_what_is_kept(made: Curve, patience: int, words: str) -> None:
    assert words in str(advice(made, patience=patience))


def test_after_the_last_step_nothing_is_said_about_a_next_one() -> None:
    over = Curve(checks=MEMORISING.checks, guess_loss=GUESS, n_steps=400)
    assert "next one" not in str(advice(over, patience=3)) and "stop now" not in str(advice(over, patience=0))


def test_check_ups_are_read_from_points_in_any_order_with_the_practice_between_them() -> None:
    points = [
        MetricPoint(name=CHECKUP_LOSS, step=20, value=0.8),
        MetricPoint(name=CHECKUP_ACCURACY, step=20, value=0.7),
        *(MetricPoint(name=PRACTICE_LOSS, step=step, value=step / 10) for step in range(20, 0, -1)),
        MetricPoint(name=CHECKUP_ACCURACY, step=10, value=0.5),
        MetricPoint(name=CHECKUP_LOSS, step=10, value=1.0),
        MetricPoint(name=GRADIENT_NORM, step=10, value=9.0),
    ]
    assert checkups_of(points) == [
        CheckUp(step=10, practice_loss=pytest.approx(0.55), loss=1.0, accuracy=0.5),
        CheckUp(step=20, practice_loss=pytest.approx(1.55), loss=0.8, accuracy=0.7),
    ]
    assert checkups_of([]) == []


def test_the_loss_of_guessing_is_the_entropy_of_the_shares() -> None:
    assert guessing_loss([5, 5, 0]) == pytest.approx(math.log(2))
    assert guessing_loss([99, 1]) < 0.06


def test_pages_may_ask_the_coach_without_torch() -> None:
    code = "import sys, core.training.coach; assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
