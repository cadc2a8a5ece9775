"""The report on several categories at once: figures, slips in words, intervals, and what the model is ready for."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from core.domain.plain import from_plain, to_plain
from core.domain.several import SeveralReport, categories_of, label_of
from core.evaluation.several import (
    added_words,
    build_several_report,
    f1_interval,
    flags_of,
    judge_several,
    missed_words,
)
from core.evaluation.verdict import Readiness

NAMES = ("delivery", "quality", "price")


def report_of(true: list[str], answered: list[str], **options) -> SeveralReport:
    proba = np.where(flags_of(answered, NAMES), 0.9, 0.1)
    usual = {"thresholds": [0.5, 0.5, 0.5], "usual_label": "delivery", "seconds": 0.1}
    return build_several_report(NAMES, true, proba, **usual | options)


def noisy(wrong: float, n: int = 400) -> SeveralReport:
    """Each of three categories is turned round with the chance `wrong`."""
    draw = np.random.default_rng(0)
    has = draw.random((n, 3)) < 0.4
    turned = has ^ (draw.random((n, 3)) < wrong)
    true, answered = ([label_of(np.array(NAMES)[row]) for row in flags] for flags in (has, turned))
    return report_of(true, answered)


def test_figures_agree_with_scikit_learn():
    true, answered = ["delivery|price", "quality", "|", "price"], ["delivery", "quality|price", "|", "price"]
    report = report_of(true, answered)
    y, z = flags_of(true, NAMES), flags_of(answered, NAMES)
    assert report.score.macro_f1 == pytest.approx(f1_score(y, z, average="macro"))
    assert report.score.micro_f1 == pytest.approx(f1_score(y, z, average="micro"))
    assert (report.n_exact, report.score.exact, report.score.n) == (2, 0.5, 4)
    price = report.per_label[2]
    assert (price.precision, price.recall, price.n, price.n_answered) == (0.5, 0.5, 2, 2)
    assert (report.n_none, report.n_answered_none) == (1, 1)
    assert (report.slips, report.mean_true, report.usual_slips) == (0.5, 1.0, 1.5)
    assert from_plain(SeveralReport, to_plain(report)) == report


def test_slips_are_told_with_what_stood_in_their_place():
    report = report_of(["delivery"] * 3 + ["quality"] * 2, ["quality", "quality", "|", "quality", "quality|price"])
    (missed,), added = report.missed, report.added
    assert str(missed_words(missed)) == "“delivery” is missed in 3 of 3; most often “quality” is answered instead."
    assert [slip.label for slip in added] == ["quality", "price"]
    assert "2 of 4 times" in str(added_words(added[0])) and "“delivery” would have been right" in str(
        added_words(added[0])
    )
    assert added[1].other is None and str(added_words(added[1])).endswith("1 of 1 times that it is answered.")


def test_thresholds_of_their_own_decide_and_unknown_categories_are_missed():
    proba = np.array([[0.4, 0.2, 0.6]])
    report = build_several_report(
        NAMES, ["delivery|gift"], proba, thresholds=[0.3, 0.3, 0.7], usual_label="|", seconds=0.0
    )
    assert [one.label for one in report.per_label] == [*NAMES, "gift"]
    assert [one.n_answered for one in report.per_label] == [1, 0, 0, 0]
    assert report.missed[0].label == "gift" and report.score.exact == 0.0


def test_the_interval_of_the_f1_narrows_with_the_exam_and_holds_the_figure():
    small, big = noisy(0.1, 60), noisy(0.1, 3000)
    for report in (small, big):
        assert report.f1_interval[0] < report.score.macro_f1 < report.f1_interval[1]
    assert big.f1_interval[1] - big.f1_interval[0] < 0.3 * (small.f1_interval[1] - small.f1_interval[0])
    rare = np.eye(30, dtype=bool)
    assert f1_interval(rare, rare) == (1.0, 1.0), (
        "a category of one row, which a draw may lack, fared no worse for that"
    )


@pytest.mark.parametrize(
    ("report", "readiness", "words"),
    [
        (noisy(0.01), Readiness.AUTOMATE, "get exactly their categories"),
        (noisy(0.1), Readiness.SUGGEST, "ticks a text instead of"),
        (noisy(0.35), Readiness.NOT_YET, "at least a quarter"),
        (noisy(0.28, n=30), Readiness.NOT_YET, "that may be luck"),
        (noisy(0.0, n=10), Readiness.NOT_YET, "The exam has 10 examples"),
    ],
)
def test_the_verdict_asks_for_saved_ticks(report, readiness, words):
    verdict = judge_several(report)
    assert (verdict.readiness, words in str(verdict.reason)) == (readiness, True), str(verdict.reason)


def test_a_caution_names_what_is_rough():
    assert "only 100 examples" in str(judge_several(noisy(0.1, 100)).caution)
    rare = report_of(["delivery|quality"] * 500 + ["price"], ["delivery|quality"] * 500 + ["price"])
    assert "“price”" in str(judge_several(rare).caution)
    assert judge_several(noisy(0.01)).caution is None


def test_an_exam_of_nothing_is_no_mishap():
    report = report_of([], [])
    assert report.score.n == 0 and judge_several(report).readiness is Readiness.NOT_YET
    assert categories_of(label_of(())) == ()
