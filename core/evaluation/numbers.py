"""The exam's result of a model that answers with a number, and what it means for the work."""

import numpy as np
import numpy.typing as npt

from core.domain.message import Message, msg, nmsg
from core.domain.number import ErrorBand, NumberReport, NumberScore, shown
from core.evaluation.report import mean_interval
from core.evaluation.verdict import MIN_EXAM, Readiness, Verdict, percent, small_exam

N_BANDS = 5
QUANTILES = np.arange(5, 100, 5) / 100
MEANINGFUL = 0.3  # R²: below it the model tells little of the differences between texts
PRECISE = 0.8  # R²: from here on hardly any order of two texts is wrong that matters
ROUGH = 0.25  # half of the gain's interval as a share of the middle's error: wider says little

Numbers = npt.NDArray[np.float64]


def build_number_report(
    truth: Numbers,
    answers: Numbers,
    *,
    middle: float,
    number_range: tuple[float, float],
    half_width: float,
    promised: float,
    draft_score: NumberScore | None = None,
    seconds: float,
) -> NumberReport:
    """Compare answers with the truth, both of shape (n,) in the unit of the table.

    Args:
        middle: what the baseline always answers: the median of the practice rows, which no constant beats in mean error.
        half_width: answers are given as answer ± this, which was to hold for the share `promised` of all texts.
    """
    from core.tasks.score import number_score

    errors = answers - truth
    guessed = np.full(len(truth), middle)
    return NumberReport(
        score=number_score(answers, truth),
        rmse=float(np.sqrt(np.square(errors).mean())) if len(truth) else 0.0,
        spearman=spearman(answers, truth),
        middle=number_score(guessed, truth),
        middle_answer=middle,
        draft=draft_score,
        gain=mean_interval(np.abs(guessed - truth) - np.abs(errors)),
        range=number_range,
        half_width=half_width,
        coverage=float((np.abs(errors) <= half_width + 1e-9).mean()) if len(truth) else 0.0,
        promised=promised,
        bands=_bands(truth, errors),
        errors=tuple(float(q) for q in np.quantile(errors, QUANTILES)) if len(truth) else (),
        seconds=seconds,
    )


def spearman(answers: Numbers, truth: Numbers) -> float:
    """Correlation of ranks, equal numbers sharing the mean of theirs; 0 where either side is all the same."""
    if len(truth) < 2:
        return 0.0
    a, b = _ranks(answers), _ranks(truth)
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale else 0.0


def judge_number(report: NumberReport) -> Verdict:
    """The verdict on an exam. "Surely" means at the low end of a 95% interval.

    1. Not yet, unless 20 exam examples were asked, the mean error is surely smaller than that of always answering the
       middle, and at least 30% of the differences between texts are explained (R²).
    2. Fill in scores by itself, when 80% are explained.
    3. Suggest to staff otherwise.
    """
    readiness, headline, reason = _readiness(report)
    return Verdict(readiness=readiness, headline=headline, reason=reason, caution=_caution(report))


def _readiness(report: NumberReport) -> tuple[Readiness, Message, Message]:
    not_yet = msg("Not ready yet")
    n, r2 = report.score.n, report.score.r2
    if n < MIN_EXAM:
        return Readiness.NOT_YET, not_yet, small_exam(n)
    if report.gain[0] <= 0:
        reason = msg(
            "Always answering {middle} would be off by {guessed} on average; that this model is better is not sure.",
            middle=shown(report.middle_answer),
            guessed=shown(report.middle.mae),
        )
        return Readiness.NOT_YET, not_yet, reason
    explained = msg(
        "It explains {share} of the differences between texts; always answering {middle} would be off by {guessed} on average.",
        share=percent(max(r2, 0.0)),
        middle=shown(report.middle_answer),
        guessed=shown(report.middle.mae),
    )
    if r2 < MEANINGFUL:
        return Readiness.NOT_YET, not_yet, explained
    if r2 < PRECISE:
        return Readiness.SUGGEST, msg("Ready to suggest scores to staff"), explained
    return Readiness.AUTOMATE, msg("Ready to fill in scores"), explained


def _caution(report: NumberReport) -> Message | None:
    low, high = report.gain
    if not report.score.n or (high - low) / 2 <= ROUGH * report.middle.mae:
        return None
    return nmsg(
        "The exam has only {n} example, so the result is rough. More examples make it firmer.",
        "The exam has only {n} examples, so the result is rough. More examples make it firmer.",
        report.score.n,
    )


def _bands(truth: Numbers, errors: Numbers) -> tuple[ErrorBand, ...]:
    """Parts of the range of true numbers with about as many rows each."""
    if not len(truth):
        return ()
    edges = np.unique(np.quantile(truth, np.arange(N_BANDS + 1) / N_BANDS))
    place = np.clip(np.searchsorted(edges, truth, side="right") - 1, 0, max(len(edges) - 2, 0))
    return tuple(
        ErrorBand(
            low=float(truth[rows].min()),
            high=float(truth[rows].max()),
            n=int(rows.sum()),
            mae=float(np.abs(errors[rows]).mean()),
            bias=float(errors[rows].mean()),
        )
        for band in range(max(len(edges) - 1, 1))
        if (rows := place == band).any()
    )


def _ranks(values: Numbers) -> Numbers:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    ranks: Numbers = mean_rank[place].astype(np.float64)
    return ranks
