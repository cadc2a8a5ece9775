"""The exam's numbers agree with sklearn, with published values and with what can be counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

from core.domain.run import Score
from core.evaluation.report import build_report, expected_calibration_error, score, wilson

LABELS = ("refund", "where is it", "退款")


def exam(n: int = 400, seed: int = 0) -> tuple[list[str], np.ndarray]:
    generator = np.random.default_rng(seed)
    true = [LABELS[i] for i in generator.integers(0, 3, n)]
    proba = generator.dirichlet(np.ones(3), n)
    for row, label in enumerate(true):  # right about two times in three
        proba[row, LABELS.index(label)] += 0.5
    return true, proba / proba.sum(axis=1, keepdims=True)


def test_report_agrees_with_sklearn():
    true, proba = exam()
    predicted = [LABELS[i] for i in proba.argmax(axis=1)]
    report = build_report(LABELS, true, proba, threshold=0.6, majority_label="refund", seconds=1.5)
    assert report.score.accuracy == pytest.approx(accuracy_score(true, predicted))
    assert report.score.macro_f1 == pytest.approx(f1_score(true, predicted, average="macro"))
    assert report.score.n == 400 and report.n_right == round(report.score.accuracy * 400)
    assert np.array(report.confusion).tolist() == confusion_matrix(true, predicted, labels=LABELS).tolist()
    precision, recall, f1, n = precision_recall_fscore_support(true, predicted, labels=LABELS)
    for i, label in enumerate(report.per_label):
        assert (label.precision, label.recall, label.f1, label.n) == pytest.approx(
            (precision[i], recall[i], f1[i], n[i])
        )
        assert label.n_predicted == predicted.count(label.label)
    majority = ["refund"] * 400
    assert report.majority.accuracy == pytest.approx(accuracy_score(true, majority))
    assert report.majority.macro_f1 == pytest.approx(f1_score(true, majority, average="macro", zero_division=0))
    assert report.seconds == 1.5 and report.draft is None


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), min_size=1, max_size=40))
def test_score_is_sklearns_macro_over_labels_that_occur(pairs):
    true, predicted = [a for a, _ in pairs], [b for _, b in pairs]
    ours = score(true, predicted)
    assert ours.accuracy == pytest.approx(accuracy_score(true, predicted))
    assert ours.macro_f1 == pytest.approx(f1_score(true, predicted, average="macro", zero_division=0))


def test_label_the_model_does_not_know_counts_as_wrong():
    report = build_report(
        ("a", "b"),
        ["a", "b", "c"],
        np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]),
        threshold=0.75,
        majority_label="a",
        draft_score=Score(accuracy=0.5, macro_f1=0.4, n=3),
        seconds=0.0,
    )
    assert report.labels == ("a", "b", "c")
    assert report.confusion == ((1, 0, 0), (0, 1, 0), (1, 0, 0))
    assert report.n_right == 2
    assert [label.recall for label in report.per_label] == [1.0, 1.0, 0.0]
    assert (report.n_sure, report.n_sure_right) == (2, 2)
    assert report.draft == Score(accuracy=0.5, macro_f1=0.4, n=3)


def test_answer_exactly_at_the_threshold_is_sure():
    report = build_report(("a", "b"), ["b"], np.array([[0.6, 0.4]]), threshold=0.6, majority_label="a", seconds=0.0)
    assert (report.n_sure, report.n_sure_right) == (1, 0)


def test_empty_exam_gives_an_empty_report():
    report = build_report(("a", "b"), [], np.zeros((0, 2)), threshold=0.6, majority_label="a", seconds=0.0)
    assert report.score == Score(accuracy=0.0, macro_f1=0.0, n=0)
    assert report.interval == (0.0, 1.0) and report.ece == 0.0


def test_probabilities_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match="shape"):
        build_report(("a", "b"), ["a"], np.zeros((2, 2)), threshold=0.6, majority_label="a", seconds=0.0)


@pytest.mark.parametrize(
    ("n_right", "n", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17: 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_interval_of_published_cases(n_right, n, low, high):
    assert wilson(n_right, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_ends_where_the_ratio_is_196_standard_errors_away(case):
    n_right, n = case
    low, high = wilson(n_right, n)
    assert 0.0 <= low <= n_right / n <= high <= 1.0
    for end in (low, high):
        distance, variance = n_right / n - end, end * (1 - end) / n
        assert distance**2 == pytest.approx(1.959964**2 * variance, rel=1e-5, abs=1e-12)


def test_calibration_error_is_the_gap_within_each_bin():
    confidences = np.array([0.95, 0.95, 0.95, 0.95, 0.5, 0.5])
    right = np.array([True, True, True, False, True, True])
    # bin of 0.95: |3/4 - 0.95| * 4/6; bin of 0.5: |1 - 0.5| * 2/6
    assert expected_calibration_error(confidences, right) == pytest.approx(0.2 * 4 / 6 + 0.5 * 2 / 6)


def test_calibrated_answers_have_a_small_calibration_error():
    generator = np.random.default_rng(1)
    confidences = generator.uniform(0.5, 1.0, 20_000)
    right = generator.uniform(size=20_000) < confidences
    assert expected_calibration_error(confidences, right) < 0.02
    assert expected_calibration_error(np.ones(20_000), right) > 0.2
