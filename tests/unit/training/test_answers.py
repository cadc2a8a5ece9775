"""Answers on rows the model did not know: kept whole, bounded in size, and absent in old bundles."""

from pathlib import Path

import numpy as np
import pytest

from core.training import answers
from core.training.answers import CHECKUP, EXAM, Answers, load_answers
from core.training.calibration import sharpen


def some(n: int, n_labels: int = 3) -> np.ndarray:
    return np.random.default_rng(1).dirichlet(np.ones(n_labels), size=n)


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    proba = some(5)
    Answers.of(proba, [0, 1, 2, 0, 1], [7, 8, 9, 10, 12]).save(tmp_path, CHECKUP)
    found = load_answers(tmp_path, CHECKUP)
    assert found is not None
    assert found.targets.tolist() == [0, 1, 2, 0, 1] and found.rows.tolist() == [7, 8, 9, 10, 12]
    np.testing.assert_allclose(found.sharpened(0.5), sharpen(proba, 0.5), atol=1e-6)


def test_a_bundle_of_earlier_has_none(tmp_path: Path) -> None:
    assert load_answers(tmp_path, EXAM) is None


def test_many_answers_are_cut_to_a_sample_that_is_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_NUMBERS", 300)
    proba, targets = some(1000), np.arange(1000)
    kept = Answers.of(proba, targets, targets)
    assert len(kept.proba) == len(kept.targets) == 100
    assert (kept.rows == kept.targets).all() and (np.diff(kept.rows) > 0).all()
    np.testing.assert_allclose(kept.proba, proba[kept.rows], atol=1e-7)
    assert (Answers.of(proba, targets, targets).rows == kept.rows).all()


def test_answers_without_their_targets_are_our_mistake() -> None:
    with pytest.raises(ValueError, match="5 answers, 4 targets"):
        Answers.of(some(5), [0, 1, 2, 0], [])
