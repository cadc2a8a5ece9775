"""Stated and real certainty side by side."""

import json

import numpy as np
import pytest

from core.evaluation.calibration import brier_score, calibration_of, sure_bins
from core.training.answers import EXAM, Answers

PROBA = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.35, 0.65]])
TARGETS = np.array([0, 1, 1, 1])


def test_brier_score_is_the_squared_distance_to_the_truth():
    truth = np.eye(2)[TARGETS]
    assert brier_score(PROBA, TARGETS) == pytest.approx(float(((PROBA - truth) ** 2).sum(axis=1).mean()))
    assert brier_score(np.array([[1.0, 0.0]]), np.array([-1])) == 2.0  # sure of something that is not there at all


def test_answers_that_are_equally_sure_stand_together():
    bins = sure_bins(PROBA, TARGETS)
    assert [(one.n, one.accuracy) for one in bins] == [(1, 1.0), (1, 1.0), (2, 0.5)]
    assert bins[-1].confidence == pytest.approx(0.9)


def test_before_is_without_the_temperature_and_after_with_it(tmp_path):
    (tmp_path / "model.json").write_text(json.dumps({"temperature": 2.0}))
    assert calibration_of(tmp_path) is None
    Answers.of(PROBA, TARGETS, ()).save(tmp_path, EXAM)
    report = calibration_of(tmp_path)
    assert report is not None
    assert report.brier_before == pytest.approx(brier_score(PROBA, TARGETS), abs=1e-6)
    assert report.brier_after != pytest.approx(report.brier_before, abs=1e-3)
    assert max(one.confidence for one in report.bins) < 0.9  # a temperature above 1 makes answers less sure
