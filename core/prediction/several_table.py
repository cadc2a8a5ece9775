"""Whole tables and a model that gives several categories: score a file, and examine the model on a labeled one."""

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core import i18n
from core.datasets.columns import find_column
from core.datasets.joining import joined_name
from core.datasets.label_reading import labels_of_table
from core.datasets.reading import Table, read_table
from core.datasets.writing import Row
from core.domain.dataset import TableFormat
from core.domain.message import msg
from core.domain.several import SeveralReport, label_of
from core.errors import NotFound
from core.i18n import gettext as _
from core.prediction.filling import SCORING, look, open_to_fill, write_filled
from core.prediction.predictor import Predictor, Progress
from core.prediction.several import answer_several, examine_several
from core.prediction.table import CHUNK, SUREST, choose_column, labeled, read_texts
from core.training.types import ShouldStop

N_ADDED = 2  # columns
_NO_LABEL = msg("No column of the file looks like categories. Name the one that holds them.")


def score_file_several(
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
    """As `core.prediction.table.score_file`, with two columns more: the categories, joined by "|" ("none" where no one fits),
    and how sure the least sure of them is.

    Returns:
        n_rows, n_scored, n_blank, n_none (answered with no category), label_counts (rows that got each category),
        mean_categories (a row), text_column, text_columns, seconds.
    """
    started = time.monotonic()
    table = open_to_fill(path, filename, format, out_path=out_path, n_added=N_ADDED)
    chosen, texts = read_texts(predictor, table, text_columns, filename)
    given, confidences = _answer(predictor, texts, should_stop, progress)
    is_asked = np.array([bool(text.strip()) for text in texts], dtype=bool)
    n_asked = int(is_asked.sum())
    with i18n.speaking(language or i18n.language()):
        added, nothing = [_("categories"), _("sure %")], _nothing()
    sure = np.minimum(np.round(100 * confidences, 1), SUREST).tolist()

    def cells_of(place: int) -> Row:
        if not is_asked[place]:
            return ()
        categories = [predictor.labels[k] for k in np.flatnonzero(given[place])]
        return label_of(categories) if categories else nothing, sure[place]

    n_rows = write_filled(table, out_path, added, cells_of, should_stop=should_stop, progress=progress)
    return {
        "n_rows": n_rows,
        "n_scored": n_asked,
        "n_blank": n_rows - n_asked,
        "n_none": int((is_asked & ~given.any(axis=1)).sum()),
        "label_counts": dict(zip(predictor.labels, given.sum(axis=0).tolist(), strict=True)),
        "mean_categories": float(given.sum() / n_asked) if n_asked else None,
        "text_column": joined_name(chosen),
        "text_columns": list(chosen),
        "seconds": round(time.monotonic() - started, 3),
    }


def _answer(
    predictor: Predictor, texts: Sequence[str], should_stop: ShouldStop | None, progress: Progress | None
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Which categories each text gets, (n, n_labels), none where it is blank, and how sure the least sure one is, (n,).

    Every distinct text is asked once, texts of like length together; all probabilities of a long table would not fit.
    """
    places: dict[str, list[int]] = {}
    for i, text in enumerate(texts):
        if text.strip():
            places.setdefault(text, []).append(i)
    given = np.zeros((len(texts), len(predictor.labels)), dtype=bool)
    confidences = np.zeros(len(texts))
    distinct = sorted(places, key=len, reverse=True)
    for start in range(0, len(distinct), CHUNK):
        chunk = distinct[start : start + CHUNK]

        def share(fraction: float, start: int = start, n: int = len(chunk)) -> None:
            look(None, progress, SCORING * (start + fraction * n) / len(distinct))

        answers = answer_several(predictor, chunk, progress=share, should_stop=should_stop)
        for text, chosen, confidence in zip(chunk, answers.chosen, answers.confidences, strict=True):
            rows = places[text]
            given[rows], confidences[rows] = chosen, confidence
    return given, confidences


def evaluate_file_several(
    predictor: Predictor,
    *,
    path: Path,
    filename: str,
    format: TableFormat,
    text_columns: Sequence[str] = (),
    label_columns: Sequence[str] = (),
    usual_label_columns: Sequence[str] = (),
    separator: str = "",
    usual_label: str | None = None,
) -> SeveralReport:
    """The report on a table with true categories. Rows without text, or that say nothing of categories, are not asked.
    "none", as `score_file_several` writes it, says that none fits.

    Args:
        label_columns: one column whose cells name categories, or several of 0 and 1; the usual ones, of the data that the
            model learned from, if none are named and the file has them.
        separator: between the categories of a cell, in that data.

    Raises as `core.prediction.table.evaluate_file` does.
    """
    table = read_table(path, filename, format)
    chosen, texts = read_texts(predictor, table, text_columns, filename)
    asked = _label_columns(table, label_columns, usual_label_columns, predictor.labels, filename)
    truth = labels_of_table(
        [table.frame[name].tolist() for name in asked],
        asked,
        known=predictor.labels,
        separator=separator,
        none=_nothing_in_all_languages(),
    )
    texts, labels = labeled(texts, truth, filename, chosen, asked)
    return examine_several(predictor, texts, labels, usual_label=usual_label).report


def _label_columns(
    table: Table, asked: Sequence[str], usual: Sequence[str], labels: Sequence[str], filename: str
) -> tuple[str, ...]:
    """The columns asked for, else those of the data that was learned from, else one named like each category, else what
    looks like categories."""
    columns = list(table.frame.columns)
    if asked:
        return tuple(dict.fromkeys(choose_column(columns, name, (), filename, _NO_LABEL) for name in asked))
    for wanted in (usual, labels):
        with suppress(NotFound):
            if found := tuple(dict.fromkeys(find_column(columns, name, filename) for name in wanted)):
                return found
    return (choose_column(columns, None, (table.label_column,), filename, _NO_LABEL),)


def _nothing() -> str:
    """What stands in the place of categories where none fits."""
    return _("none")


def _nothing_in_all_languages() -> list[str]:
    words = []
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            words.append(_nothing())
    return words
