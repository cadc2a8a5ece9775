"""Texts unlike those of practice are told, with a threshold that needs none of them."""

import numpy as np
import pytest

from core.domain.familiarity import KEEPS, USUAL
from core.training.familiarity import FEWEST, PracticeRows, load_practice, settle_threshold


def bundle_of(n: int, centers: np.ndarray, seed: int) -> np.ndarray:
    """Vectors of length 1 around the centers in turn."""
    draw = np.random.default_rng(seed)
    vectors = centers[np.arange(n) % len(centers)] + 0.15 * draw.normal(size=(n, centers.shape[1]))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


CENTERS = np.eye(6)[:3]
PRACTICE, CHECKUP, JUNK = bundle_of(300, CENTERS, 0), bundle_of(200, CENTERS, 1), bundle_of(200, np.eye(6)[3:], 2)
SURE = np.full(200, 0.9)


def known() -> PracticeRows:
    return PracticeRows.of(PRACTICE, range(2, 302), seed=0).fitted(CHECKUP, SURE)


def test_the_threshold_keeps_most_of_what_is_in_scope_and_refuses_what_is_far_away():
    practice = known()
    familiar = practice.familiarity(bundle_of(200, CENTERS, 3), SURE)
    assert practice.threshold_at(None) == practice.threshold == practice.threshold_at(USUAL)
    assert [(familiar >= practice.threshold_at(keeps)).mean() for keeps in KEEPS] == pytest.approx(
        [keeps / 100 for keeps in KEEPS], abs=0.05
    )
    assert list(practice.thresholds) == sorted(practice.thresholds)
    assert (practice.familiarity(JUNK, SURE) < practice.threshold).all()


def test_an_unsure_answer_makes_a_text_less_familiar():
    practice = known()
    assert (practice.familiarity(CHECKUP, 0.5 * SURE) < practice.familiarity(CHECKUP, SURE)).all()


def test_few_checkup_rows_give_no_threshold():
    few = FEWEST - 1
    assert not PracticeRows.of(PRACTICE, (), seed=0).fitted(CHECKUP[:few], SURE[:few]).can_tell


def test_practice_of_a_single_row_breaks_nothing():
    practice = PracticeRows.of(PRACTICE[:1], [2], seed=0).fitted(CHECKUP, SURE)
    assert np.isfinite(practice.familiarity(JUNK, SURE)).all()


def test_it_comes_back_from_a_bundle_as_it_was(tmp_path):
    assert load_practice(tmp_path) is None
    practice = known()
    practice.save(tmp_path)
    found = load_practice(tmp_path)
    assert found is not None and found.threshold == practice.threshold and found.thresholds == practice.thresholds
    assert np.abs(found.vectors - practice.vectors).max() < 1e-3
    assert found.rows.tolist() == list(range(2, 302))
    assert np.abs(found.familiarity(JUNK, SURE) - practice.familiarity(JUNK, SURE)).max() < 0.02


def test_another_threshold_is_settled_in_one_of_two_linked_bundles(tmp_path):
    for name in ("job", "model"):
        (tmp_path / name).mkdir()
    practice = known()
    practice.save(tmp_path / "job")
    (tmp_path / "model" / "practice_rows.safetensors").hardlink_to(tmp_path / "job" / "practice_rows.safetensors")
    settle_threshold(tmp_path / "model", practice.threshold_at(90))
    job, model = load_practice(tmp_path / "job"), load_practice(tmp_path / "model")
    assert job is not None and model is not None
    assert (job.threshold, model.threshold) == (practice.threshold, practice.threshold_at(90))
    assert model.threshold_at(98) == practice.threshold_at(98) < model.threshold


def test_a_bundle_holds_no_more_rows_than_it_should(monkeypatch):
    monkeypatch.setattr("core.training.familiarity.MAX_KEPT", 50)
    practice = PracticeRows.of(PRACTICE, range(2, 302), seed=0)
    assert (len(practice.vectors), len(practice.rows)) == (50, 50)
    assert np.array_equal(practice.vectors, PRACTICE[practice.rows - 2])
    numbers, cosines = practice.nearest(practice.vectors[7], 3)
    assert numbers[0] == practice.rows[7] and cosines[0] == pytest.approx(1, abs=1e-4)
