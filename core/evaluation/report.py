"""The exam's result in numbers: pure numpy on true labels and probabilities, no model and no file."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.domain.model import EvaluationReport, LabelReport
from core.domain.run import Score

N_BINS = 15
Z_95 = 1.959963984540054  # the 97.5% quantile of the standard normal distribution

Counts = npt.NDArray[np.int64]


def build_report(
    labels: Sequence[str],
    true: Sequence[str],
    proba: npt.NDArray[np.floating],
    *,
    threshold: float,
    sure: npt.NDArray[np.bool_] | None = None,
    familiar: npt.NDArray[np.bool_] | None = None,
    majority_label: str,
    draft_score: Score | None = None,
    seconds: float,
) -> EvaluationReport:
    """Compare probabilities with the truth.

    Args:
        labels: the model's labels, one per column of `proba`.
        true: the right label of every row. Labels that the model does not know are counted as wrong; they are appended
            to the report's labels with nothing ever answered in their column.
        proba: shape (n, n_labels), rows sum to 1. The answer is the first label of the highest probability.
        threshold: an answer at or above it is "sure".
        sure: which answers are, where more than one threshold decides.
        familiar: which texts are like those of practice; an answer to another one is never sure.
        majority_label: what the baseline always answers: the biggest practice label.
    """
    if proba.shape != (len(true), len(labels)):
        raise ValueError(f"proba has shape {proba.shape}, expected {(len(true), len(labels))}")
    names = tuple(dict.fromkeys([*labels, *true]))
    place = {name: i for i, name in enumerate(names)}
    targets = np.array([place[label] for label in true], dtype=np.int64)
    answers = proba.argmax(axis=1) if len(true) else np.zeros(0, dtype=np.int64)
    confidences = proba.max(axis=1) if len(true) else np.zeros(0)
    right = answers == targets
    confusion = _confusion(targets, answers, len(names))
    if sure is None:
        sure = confidences >= threshold
    if familiar is not None:
        sure = sure & familiar
    n_right = int(right.sum())
    return EvaluationReport(
        score=_score(confusion),
        n_right=n_right,
        interval=wilson(n_right, len(true)),
        majority=score(true, [majority_label] * len(true)),
        draft=draft_score,
        labels=names,
        per_label=_per_label(names, confusion),
        confusion=tuple(tuple(int(n) for n in row) for row in confusion),
        threshold=threshold,
        n_sure=int(sure.sum()),
        n_sure_right=int((sure & right).sum()),
        ece=expected_calibration_error(confidences, right),
        seconds=seconds,
    )


def score(true: Sequence[str], predicted: Sequence[str]) -> Score:
    """Accuracy and macro-F1: the mean F1 over every label that occurs in the truth or in the answers, where a label
    that is never right has F1 = 0 (`sklearn.metrics.f1_score(..., average="macro", zero_division=0)`)."""
    if len(true) != len(predicted):
        raise ValueError(f"{len(true)} true labels but {len(predicted)} answers")
    place = {name: i for i, name in enumerate(dict.fromkeys([*true, *predicted]))}
    return _score(
        _confusion(
            np.array([place[label] for label in true], dtype=np.int64),
            np.array([place[label] for label in predicted], dtype=np.int64),
            len(place),
        )
    )


def wilson(n_right: int, n: int) -> tuple[float, float]:
    """95% score interval of a ratio (Wilson, 1927); (0, 1) when nothing was asked.

    With p = n_right / n and z = 1.96: (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    """
    if n == 0:
        return 0.0, 1.0
    p, z2 = n_right / n, Z_95**2
    center = p + z2 / (2 * n)
    half = Z_95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low, high = (center - half) / (1 + z2 / n), (center + half) / (1 + z2 / n)
    return (0.0 if n_right == 0 else low), (1.0 if n_right == n else high)


def mean_interval(values: npt.NDArray[np.number]) -> tuple[float, float]:
    """95% interval of a mean: mean ± 1.96 s / sqrt(n); (0, 0) below two values."""
    if len(values) < 2:
        return 0.0, 0.0
    mean, half = float(values.mean()), Z_95 * float(values.std(ddof=1)) / len(values) ** 0.5
    return mean - half, mean + half


def expected_calibration_error(confidences: npt.NDArray[np.floating], right: npt.NDArray[np.bool_]) -> float:
    """How far stated and real certainty are apart: sum over 15 equal bins of n_bin/n * |accuracy - mean confidence|
    (Guo et al., 2017, arXiv:1706.04599). Bins are open below and closed above."""
    if len(confidences) == 0:
        return 0.0
    bins = np.clip(np.ceil(confidences * N_BINS).astype(np.int64) - 1, 0, N_BINS - 1)
    gaps = np.bincount(bins, weights=right.astype(np.float64) - confidences, minlength=N_BINS)
    return float(np.abs(gaps).sum() / len(confidences))


def _confusion(targets: Counts, answers: Counts, n_labels: int) -> Counts:
    flat = np.bincount(targets * n_labels + answers, minlength=n_labels * n_labels)
    return flat.reshape(n_labels, n_labels).astype(np.int64)


def _score(confusion: Counts) -> Score:
    n = int(confusion.sum())
    if n == 0:
        return Score(accuracy=0.0, macro_f1=0.0, n=0)
    occurs = (confusion.sum(axis=0) + confusion.sum(axis=1)) > 0
    return Score(accuracy=float(np.trace(confusion) / n), macro_f1=float(_ratios(confusion)[2][occurs].mean()), n=n)


def _ratios(confusion: Counts) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Precision, recall and F1 per label; 0 where nothing can be divided."""
    hits = np.diag(confusion).astype(np.float64)
    n_true, n_answered = confusion.sum(axis=1), confusion.sum(axis=0)
    precision = hits / np.maximum(n_answered, 1)
    recall = hits / np.maximum(n_true, 1)
    f1 = 2 * hits / np.maximum(n_true + n_answered, 1)
    return precision, recall, f1


def _per_label(names: Sequence[str], confusion: Counts) -> tuple[LabelReport, ...]:
    precision, recall, f1 = _ratios(confusion)
    n_true, n_answered = confusion.sum(axis=1), confusion.sum(axis=0)
    return tuple(
        LabelReport(
            label=name,
            precision=float(precision[i]),
            recall=float(recall[i]),
            f1=float(f1[i]),
            n=int(n_true[i]),
            n_predicted=int(n_answered[i]),
        )
        for i, name in enumerate(names)
    )
