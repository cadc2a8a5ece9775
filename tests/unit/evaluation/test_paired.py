"""A difference on one exam is called real only where chance does not make it."""

import numpy as np
import pytest

from core.evaluation.paired import compare_paired, mcnemar


@pytest.mark.parametrize(
    ("first", "second", "p"), [(0, 0, 1.0), (5, 5, 1.0), (1, 0, 1.0), (6, 0, 2 / 64), (0, 6, 2 / 64), (1, 9, 22 / 1024)]
)
def test_p_is_that_of_a_fair_coin(first: int, second: int, p: float) -> None:
    assert mcnemar(first, second) == pytest.approx(p)


def test_only_rows_on_which_they_differ_tell() -> None:
    first = np.array([True] * 90 + [False] * 10)
    second = first.copy()
    second[:12] = False
    second[90:92] = True
    found = compare_paired(first, second)
    assert (found.n, found.n_first, found.n_second) == (100, 12, 2)
    assert found.is_real and found.p == pytest.approx(0.0129, abs=1e-4)
    assert not compare_paired(first, first).is_real


def test_thousands_of_differences_are_counted_without_overflow() -> None:
    assert mcnemar(5000, 5000) == pytest.approx(1.0)
    assert mcnemar(5400, 5000) < 1e-4


def test_answers_to_other_rows_are_our_mistake() -> None:
    with pytest.raises(ValueError, match="no answers to the same rows"):
        compare_paired(np.ones(3, dtype=bool), np.ones(4, dtype=bool))
