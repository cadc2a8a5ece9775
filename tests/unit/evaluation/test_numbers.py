"""The report on numbers: errors, their baseline, the promised range, where it errs, and what it is ready for."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from core.domain.number import NumberReport
from core.domain.plain import from_plain, to_plain
from core.evaluation.numbers import build_number_report, judge_number, spearman
from core.evaluation.verdict import Readiness


def report_of(truth, answers, **options) -> NumberReport:
    usual = {"middle": 0.0, "number_range": (-4.0, 4.0), "half_width": 1.0, "promised": 0.9, "seconds": 0.1}
    return build_number_report(np.asarray(truth, float), np.asarray(answers, float), **usual | options)


def noisy(noise: float, n: int = 300) -> NumberReport:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=n)
    return report_of(truth, truth + noise * rng.normal(size=n))


def test_errors_are_counted_in_the_unit_of_the_table():
    report = report_of([0, 2, 4], [0, 3, 2])
    assert (report.score.mae, report.score.n) == (1.0, 3)
    assert report.rmse == pytest.approx(np.sqrt(5 / 3))
    assert report.middle.mae == 2.0
    assert report.coverage == pytest.approx(2 / 3)
    assert from_plain(NumberReport, to_plain(report)) == report


def test_ranks_agree_with_scipy_also_where_numbers_are_equal():
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 5, 60).astype(float), rng.integers(0, 5, 60).astype(float)
    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert spearman(np.ones(5), b[:5]) == 0.0


def test_bands_tell_in_which_direction_it_errs():
    truth = np.linspace(-4, 4, 100)
    bands = report_of(truth, truth / 2).bands
    assert sum(band.n for band in bands) == 100 and len(bands) == 5
    assert bands[0].bias > 0 > bands[-1].bias
    assert bands[2].mae < bands[0].mae


def test_an_exam_of_equal_numbers_or_of_none_is_no_mishap():
    assert len(report_of([3, 3, 3], [3, 3, 2]).bands) == 1
    assert report_of([], []).score.n == 0


@pytest.mark.parametrize(
    ("report", "readiness", "words"),
    [
        (noisy(0.2), Readiness.AUTOMATE, "explains 9"),
        (noisy(0.6), Readiness.SUGGEST, "explains 6"),
        (noisy(0.9), Readiness.NOT_YET, "explains 2"),
        (noisy(2.0), Readiness.NOT_YET, "is not sure"),
        (noisy(0.1, n=10), Readiness.NOT_YET, "The exam has 10 examples"),
    ],
)
def test_the_verdict_asks_for_a_sure_gain_and_explained_differences(report, readiness, words):
    verdict = judge_number(report)
    assert verdict.readiness is readiness
    assert words in str(verdict.reason)
