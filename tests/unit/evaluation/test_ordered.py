"""Steps off are counted from the table of answers."""

import numpy as np
import pytest

from core.evaluation.ordered import steps_off
from core.evaluation.report import build_report


def report_of(true: list[str], answers: list[str]):
    labels = ("1", "2", "3")
    proba = np.array([[float(label == answer) for label in labels] for answer in answers]).reshape(-1, 3)
    return build_report(labels, true, proba, threshold=0.5, majority_label="1", seconds=0.0)


def test_steps_are_the_distance_between_places_in_the_order():
    steps = steps_off(report_of(["1", "1", "2", "3"], ["1", "3", "3", "3"]))
    assert steps is not None
    assert steps.mean == pytest.approx((0 + 2 + 1 + 0) / 4)
    assert steps.within_one == 0.75
    assert steps.middle == pytest.approx((1 + 1 + 0 + 1) / 4)  # always "2"; "1" would be off by as much
    assert "0.75 steps" in str(steps.words) and "75%" in str(steps.words)


def test_an_exam_without_rows_tells_nothing():
    assert steps_off(report_of([], [])) is None
