import numpy as np
import pytest
from sklearn.metrics import f1_score

from core.errors import NotFound
from core.tasks import TASKS
from core.tasks.text_classification import TextClassification


def test_macro_f1_is_that_of_sklearn() -> None:
    rng = np.random.default_rng(0)
    targets, proba = rng.integers(0, 5, 200), rng.random((200, 6))
    proba[:, 5] = 0  # a label that never occurs and is never answered does not count
    score = TextClassification().score(proba, targets)
    assert score.macro_f1 == pytest.approx(f1_score(targets, proba.argmax(axis=1), average="macro"))
    assert score.n == 200


def test_no_examples_score_zero() -> None:
    score = TextClassification().score(np.zeros((0, 3)), np.zeros(0, dtype=np.int64))
    assert (score.accuracy, score.macro_f1, score.n) == (0.0, 0.0, 0)


def test_unknown_task_names_the_known_ones() -> None:
    with pytest.raises(NotFound, match="text_classification"):
        TASKS["poetry"]
