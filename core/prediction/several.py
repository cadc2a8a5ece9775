"""Answers of a model that gives several categories: for texts, and against the truth of those where it is known."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.domain.several import SeveralPrediction, SeveralReport, SeveralScore, label_of
from core.evaluation.several import build_several_report
from core.prediction.predictor import Predictor, Progress
from core.training.calibration import Proba
from core.training.types import ShouldStop


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralAnswers:
    """`proba` and `chosen` of shape (n, n_labels)."""

    labels: tuple[str, ...]
    proba: Proba
    chosen: npt.NDArray[np.bool_]

    def categories(self, row: int) -> tuple[str, ...]:
        return tuple(self.labels[k] for k in np.flatnonzero(self.chosen[row]))

    def label_strings(self) -> list[str]:
        """The label of every row, as `rows.parquet` would hold it."""
        return [label_of(self.categories(row)) for row in range(len(self.chosen))]

    @property
    def confidences(self) -> npt.NDArray[np.float64]:
        """Of the least sure of the given categories; where none is given, that the likeliest is rightly left out. (n,)"""
        if not len(self.proba):
            return np.zeros(0)
        least = np.where(self.chosen, self.proba, 1.0).min(axis=1)
        sure: npt.NDArray[np.float64] = np.where(self.chosen.any(axis=1), least, 1 - self.proba.max(axis=1))
        return sure


def thresholds_of(predictor: Predictor) -> npt.NDArray[np.float64]:
    """From this probability on a text gets a category, (n_labels,)."""
    own = predictor.about.get("thresholds", {})
    return np.array([own.get(label, predictor.about["threshold"]) for label in predictor.labels], dtype=np.float64)


def answer_several(
    predictor: Predictor,
    texts: Sequence[str],
    *,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> SeveralAnswers:
    """In the order of `texts`. Raises Cancelled as `Predictor.mixed_proba` does."""
    return _read(predictor, predictor.mixed_proba(texts, progress=progress, should_stop=should_stop))


def _read(predictor: Predictor, mixed: Proba) -> SeveralAnswers:
    proba = predictor.sharpened(mixed)
    return SeveralAnswers(labels=predictor.labels, proba=proba, chosen=proba >= thresholds_of(predictor))


def predict_several(predictor: Predictor, texts: Sequence[str]) -> list[SeveralPrediction]:
    """One answer per text."""
    answers = answer_several(predictor, texts)
    thresholds = dict(zip(predictor.labels, thresholds_of(predictor).tolist(), strict=True))
    return [
        SeveralPrediction(
            text=text,
            categories=answers.categories(row),
            probabilities={
                predictor.labels[k]: float(answers.proba[row, k])
                for k in np.argsort(-answers.proba[row], kind="stable")
            },
            thresholds=thresholds,
        )
        for row, text in enumerate(texts)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralExamined:
    report: SeveralReport
    answers: SeveralAnswers
    mixed: Proba  #: as `Predictor.mixed_proba`, before the temperature


def examine_several(
    predictor: Predictor,
    texts: Sequence[str],
    truth: Sequence[str],
    *,
    usual_label: str | None = None,
    draft_score: SeveralScore | None = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> SeveralExamined:
    """Texts whose true labels ("delivery|price") are known, asked. `usual_label` None: the most frequent of these."""
    started = time.monotonic()
    mixed = predictor.mixed_proba(texts, progress=progress, should_stop=should_stop)
    answers = _read(predictor, mixed)
    if usual_label is None:
        usual_label = Counter(truth).most_common(1)[0][0] if truth else label_of(())
    report = build_several_report(
        predictor.labels,
        truth,
        answers.proba,
        thresholds=thresholds_of(predictor).tolist(),
        usual_label=usual_label,
        draft_score=draft_score,
        seconds=round(time.monotonic() - started, 3),
    )
    return SeveralExamined(report=report, answers=answers, mixed=mixed)
