"""The next step for a category of several, by what it gets wrong and how many examples it has."""

import pytest

from core.domain.several import CategoryReport
from core.evaluation.several_advice import advice_for


@pytest.mark.parametrize(
    ("precision", "recall", "n", "n_examples", "words"),
    [
        (0.0, 0.0, 0, 300, "nothing is known"),
        (0.97, 0.95, 40, 300, "Nothing to do"),
        (0.5, 0.5, 5, 20, "Add 30 examples"),
        (0.9, 0.5, 40, 300, "what was missed"),
        (0.5, 0.9, 40, 300, "wrongly added"),
        (0.7, 0.7, 40, 300, "its mistakes"),
    ],
)
def test_the_advice_follows_the_weakness(precision: float, recall: float, n: int, n_examples: int, words: str) -> None:
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    one = CategoryReport(label="price", threshold=0.4, precision=precision, recall=recall, f1=f1, n=n, n_answered=40)
    assert words in str(advice_for(one, n_examples))
