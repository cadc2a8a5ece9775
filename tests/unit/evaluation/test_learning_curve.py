"""More rows: a planted curve is found again, and where there is none to see the outlook says so."""

import numpy as np
import pytest

from core.evaluation.learning_curve import (
    curve_line,
    curve_points,
    drawn_f1_mistakes,
    drawn_mistakes,
    fit_power_laws,
    look_out,
)

SIZES = [100, 200, 400, 800, 1600]


def answers(mistakes: list[float], *, n_rows: int = 2000, repeats: int = 3, seed: int = 0) -> list[np.ndarray]:
    """Rows of growing difficulty, right where the share of mistakes is below their difficulty, with some luck."""
    rng = np.random.default_rng(seed)
    difficulty = rng.permutation(np.linspace(0, 1, n_rows))
    return [np.array([difficulty + rng.normal(0, 0.02, n_rows) > share for _ in range(repeats)]) for share in mistakes]


def test_a_planted_power_law_is_found_and_foretold() -> None:
    truth = [0.04 + 2.0 * n**-0.5 for n in SIZES]
    mistakes = drawn_mistakes(answers(truth))
    laws = fit_power_laws(SIZES, mistakes)
    outlook = look_out(laws, n_now=1600, n_more=1600)
    assert outlook.is_clear
    assert outlook.now == pytest.approx(1 - truth[-1], abs=0.01)
    assert outlook.then == pytest.approx(1 - 0.04 - 2.0 * 3200**-0.5, abs=0.01)
    assert outlook.low < outlook.then < outlook.high
    points, line = curve_points(SIZES, mistakes), curve_line(laws, 100, 3200)
    assert [point.n for point in points] == SIZES
    assert all(point.low < point.right < point.high for point in points)
    assert (line[0].n, line[-1].n) == (100, 3200)
    assert line[-1].right == pytest.approx(outlook.then)


def test_a_flat_curve_promises_nothing() -> None:
    outlook = look_out(fit_power_laws(SIZES, drawn_mistakes(answers([0.2] * 5))), n_now=1600, n_more=1600)
    assert not outlook.is_clear
    assert outlook.low < outlook.now < outlook.high


def test_few_asked_rows_promise_nothing() -> None:
    truth = [0.04 + 2.0 * n**-0.5 for n in SIZES]
    outlook = look_out(
        fit_power_laws(SIZES[2:], drawn_mistakes(answers(truth[2:], n_rows=15, repeats=1))), n_now=1600, n_more=400
    )
    assert not outlook.is_clear


def test_no_curve_falls_below_no_mistakes() -> None:
    laws = fit_power_laws([10, 20, 30], np.array([[0.4, 0.2, 0.0], [0.3, 0.1, 0.0]]))
    assert (laws.a >= 0).all()
    assert (laws.mistakes(1e6) >= 0).all()


def test_what_a_category_finds_at_the_cost_of_others_is_no_gain() -> None:
    fold, is_it = np.random.default_rng(0).integers(4, size=400), np.arange(400) % 2 == 0
    answered = [is_it.copy() for _ in range(3)]
    for i, n in enumerate((40, 20, 0)):  # ever more of its own are found, and as many are taken from the others
        answered[i][np.flatnonzero(is_it)[:n]] = False
        answered[i][np.flatnonzero(~is_it)[: 40 - n]] = True
    mistakes = drawn_f1_mistakes([one & is_it for one in answered], [one ^ is_it for one in answered], fold)
    assert mistakes[0] == pytest.approx([40 / 360, 40 / 400, 40 / 440])
    laws = fit_power_laws([50, 100, 200], mistakes)
    assert not look_out(laws, n_now=200, n_more=100).is_clear
