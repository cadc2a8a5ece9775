"""Answers of a model that gives numbers: for texts, for a whole table, and against the truth of a labeled one."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core import i18n
from core.datasets.decimal_signs import column_numbers
from core.datasets.joining import joined_name
from core.datasets.reading import read_table
from core.datasets.writing import Row
from core.domain.dataset import TableFormat
from core.domain.message import msg
from core.domain.number import NumberPrediction, NumberReport, NumberScale, NumberScore
from core.errors import BadData
from core.evaluation.numbers import build_number_report
from core.i18n import gettext as _
from core.prediction.filling import SCORING, look, open_to_fill, write_filled
from core.prediction.predictor import Predictor, Progress
from core.prediction.table import N_ADDED, choose_column, read_texts
from core.tasks.score import in_unit
from core.training.number_choice import COVERED
from core.training.types import ShouldStop

DIGITS = 4  # that count, of a number in a scored file

Numbers = npt.NDArray[np.float64]
_NO_LABEL = msg("No column of the file looks like scores. Name the one that holds them.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAnswers:
    """Numbers in the unit of the table and how far the truth lies from them in about 90 of 100 cases."""

    values: Numbers
    half_width: float
    scale: NumberScale

    def limits(self) -> tuple[Numbers, Numbers]:
        """Lowest and highest likely truth; nothing beyond what practice knew."""
        low, high = self.scale.low, self.scale.high
        return np.clip(self.values - self.half_width, low, high), np.clip(self.values + self.half_width, low, high)


def answer_numbers(
    predictor: Predictor,
    texts: Sequence[str],
    *,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> NumberAnswers:
    """In the order of `texts`. Raises Cancelled as `Predictor.mixed_proba` does."""
    scale = NumberScale(**predictor.about["scale"])
    values = in_unit(predictor.mixed_proba(texts, progress=progress, should_stop=should_stop), scale)
    return NumberAnswers(values=values, half_width=float(predictor.about["half_width"]) * scale.std, scale=scale)


def predict_numbers(predictor: Predictor, texts: Sequence[str]) -> list[NumberPrediction]:
    """One answer per text."""
    answers = answer_numbers(predictor, texts)
    low, high = answers.limits()
    return [
        NumberPrediction(text=text, value=float(value), low=float(least), high=float(most))
        for text, value, least, most in zip(texts, answers.values, low, high, strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    report: NumberReport
    values: Numbers  #: the answers, in the unit of the table


def examine_numbers(
    predictor: Predictor,
    texts: Sequence[str],
    truth: Numbers,
    *,
    middle: float,
    draft_score: NumberScore | None = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Examined:
    """Texts whose true numbers are known, asked."""
    started = time.monotonic()
    answers = answer_numbers(predictor, texts, progress=progress, should_stop=should_stop)
    report = build_number_report(
        truth,
        answers.values,
        middle=middle,
        number_range=(answers.scale.low, answers.scale.high),
        half_width=answers.half_width,
        promised=COVERED,
        draft_score=draft_score,
        seconds=round(time.monotonic() - started, 3),
    )
    return Examined(report=report, values=answers.values)


def score_file_numbers(
    predictor: Predictor,
    *,
    path: Path,
    filename: str,
    format: TableFormat,
    text_columns: Sequence[str] = (),
    out_path: Path,
    language: str | None = None,
    should_stop: ShouldStop | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """As `core.prediction.table.score_file`, with a number and its limits in every row: score, at least, at most.

    Returns:
        n_rows, n_scored, n_blank, mean, low, high (of the answers; None without any), text_column, text_columns, seconds.
    """
    started = time.monotonic()
    table = open_to_fill(path, filename, format, out_path=out_path, n_added=N_ADDED)
    chosen, texts = read_texts(predictor, table, text_columns, filename)
    asked = [i for i, text in enumerate(texts) if text.strip()]

    def share(done: float) -> None:
        look(None, progress, SCORING * done)

    answers = answer_numbers(predictor, [texts[i] for i in asked], progress=share, should_stop=should_stop)
    low, high = answers.limits()
    place_of = {i: place for place, i in enumerate(asked)}
    with i18n.speaking(language or i18n.language()):
        added = [_("score"), _("at least"), _("at most")]

    def cells_of(place: int) -> Row:
        at = place_of.get(place)
        return () if at is None else tuple(_short(one[at]) for one in (answers.values, low, high))

    n_rows = write_filled(table, out_path, added, cells_of, should_stop=should_stop, progress=progress)
    values = answers.values
    return {
        "n_rows": n_rows,
        "n_scored": len(asked),
        "n_blank": n_rows - len(asked),
        "mean": float(values.mean()) if len(values) else None,
        "low": float(values.min()) if len(values) else None,
        "high": float(values.max()) if len(values) else None,
        "text_column": joined_name(chosen),
        "text_columns": list(chosen),
        "seconds": round(time.monotonic() - started, 3),
    }


def evaluate_file_numbers(
    predictor: Predictor,
    *,
    path: Path,
    filename: str,
    format: TableFormat,
    text_columns: Sequence[str] = (),
    label_column: str | None = None,
    usual_label_column: str | None = None,
    middle: float | None = None,
) -> NumberReport:
    """The report on a table with scores. Rows without text or number are not asked. Raises as `evaluate_file` does."""
    table = read_table(path, filename, format)
    columns = list(table.frame.columns)
    chosen, texts = read_texts(predictor, table, text_columns, filename)
    label_column = choose_column(columns, label_column, (usual_label_column, table.label_column), filename, _NO_LABEL)
    numbers = column_numbers(table.frame[label_column].tolist())
    pairs = [(text, number) for text, number in zip(texts, numbers, strict=True) if text.strip() and number is not None]
    if not pairs:
        raise BadData(
            msg(
                "No row of {filename} has both a text in “{text_column}” and a number in “{label_column}”.",
                filename=filename,
                text_column=joined_name(chosen),
                label_column=label_column,
            ),
            hint=msg("Name other columns, or fill them."),
        )
    truth = np.array([number for _text, number in pairs])
    asked_middle = float(np.median(truth)) if middle is None else middle
    return examine_numbers(predictor, [text for text, _number in pairs], truth, middle=asked_middle).report


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
