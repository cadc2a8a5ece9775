"""Whole tables: score a file, and examine a model on a labeled one. Same rows, same order, same columns, plus answers."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core import i18n
from core.datasets.joining import joined_name, joined_texts
from core.datasets.reading import Table, read_table
from core.datasets.telling import words_by_label
from core.datasets.writing import Row
from core.domain.dataset import TableFormat
from core.domain.goal import ACTIONS
from core.domain.message import Message, msg
from core.domain.model import EvaluationReport
from core.errors import BadData
from core.evaluation.report import build_report
from core.i18n import gettext as _
from core.i18n import say
from core.prediction.filling import SCORING, look, open_to_fill, write_filled
from core.prediction.predictor import Predictor, Progress
from core.training.types import ShouldStop

CHUNK = 4096  # distinct texts answered in one call
SUREST = 99.9  # percent; 100 would promise what no model can
N_ADDED = 3  # columns: the answer and what belongs to it


def score_file(
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
    """Answer every row of a table and write it to `out_path` (.xlsx or .csv) with three columns more: category, sure %
    and action, named in `language` (the language of this context if None). Rows without text stay unanswered.

    Args:
        text_columns: what is read, joined as one text; if none are named, those the model learned from where the file has
            them all, else the one that looks like texts. A model of pairs needs both of its columns, or two that are named.

    Returns:
        n_rows, n_scored, n_blank, n_sure, n_unfamiliar (like none of the categories), use (names the actions, see `ACTIONS`),
        label_counts, words (the telling words of each; none of pairs), text_column (for people), text_columns, seconds.

    Raises:
        UnreadableFile: the file is no table.
        NotFound: it lacks one of `text_columns`, or a column of a pair.
        BadData: no column looks like text, or a pair is not two columns.
        NotPossible: `out_path` cannot hold it, see `write_table`.
        Cancelled: `should_stop` asked for an end; no file is left behind.
    """
    started = time.monotonic()
    table = open_to_fill(path, filename, format, out_path=out_path, n_added=N_ADDED)
    chosen, texts = read_texts(predictor, table, text_columns, filename)
    answers = _answer(predictor, texts, should_stop, progress)
    with i18n.speaking(language or i18n.language()):
        added = [_("category"), _("sure %"), _("action")]
        actions, nothing = [say(action) for action in ACTIONS[predictor.use]], _("none of these")
    answered = answers.labels >= 0
    sure = answered & answers.familiar & predictor.is_sure(answers.labels, answers.ratios)

    def cells_of(place: int) -> Row:
        label, ratio = answers.labels[place], answers.ratios[place]
        if label < 0:
            return ()
        action = actions[bool(sure[place])] if answers.familiar[place] else nothing
        return predictor.labels[label], min(round(float(ratio) * 100, 1), SUREST), action

    n_rows = write_filled(table, out_path, added, cells_of, should_stop=should_stop, progress=progress)
    counts = np.bincount(answers.labels[answered], minlength=len(predictor.labels)).tolist()
    return {
        "n_rows": n_rows,
        "n_scored": int(answered.sum()),
        "n_blank": n_rows - int(answered.sum()),
        "n_sure": int(sure.sum()),
        "n_unfamiliar": int((answered & ~answers.familiar).sum()),
        "use": predictor.use.value,
        "label_counts": dict(zip(predictor.labels, counts, strict=True)),
        "words": {} if predictor.reads_pairs else _words(texts, answers.labels, predictor.labels),
        "text_column": joined_name(chosen),
        "text_columns": list(chosen),
        "seconds": round(time.monotonic() - started, 3),
    }


def _words(texts: Sequence[str], answers: npt.NDArray[np.int64], labels: Sequence[str]) -> dict[str, list[str]]:
    answered = [(text, labels[answer]) for text, answer in zip(texts, answers, strict=True) if answer >= 0]
    found = words_by_label([text for text, _label in answered], [label for _text, label in answered])
    return {one.label: [word.word for word in one.words] for one in found if one.words}


def texts_of_file(path: Path, filename: str, format: TableFormat, text_columns: Sequence[str] = ()) -> list[str]:
    """The text of every row of a table, chosen and joined as `score_file` does. Blank ones are among them.

    Raises:
        UnreadableFile: the file is no table.
        NotFound: it lacks one of `text_columns`.
        BadData: no column looks like text.
    """
    table = read_table(path, filename, format)
    chosen = choose_texts(list(table.frame.columns), text_columns, (), table.text_column, filename)
    return list(texts_of(table, chosen))


def evaluate_file(
    predictor: Predictor,
    *,
    path: Path,
    filename: str,
    format: TableFormat,
    text_columns: Sequence[str] = (),
    label_column: str | None = None,
    usual_label_column: str | None = None,
    majority_label: str | None = None,
) -> EvaluationReport:
    """The report on a labeled table. Rows without text or label are not asked; labels the model does not know are wrong.

    Args:
        text_columns: as for `score_file`.
        usual_label_column: that of the data the model learned from; it wins over a guess.
        majority_label: the biggest practice label, for the baseline; the biggest of this file if None.

    Raises:
        UnreadableFile: the file is no table.
        NotFound: it has no column of a given name.
        BadData: no text or label column can be found, or no row has both.
    """
    started = time.monotonic()
    table = read_table(path, filename, format)
    columns = list(table.frame.columns)
    chosen, texts = read_texts(predictor, table, text_columns, filename)
    label_column = choose_column(columns, label_column, (usual_label_column, table.label_column), filename, _NO_LABEL)
    labels = [label.strip() for label in table.frame[label_column]]
    texts, true = labeled(texts, labels, filename, chosen, (label_column,))
    proba = predictor.predict_proba(texts)
    return build_report(
        predictor.labels,
        true,
        proba,
        threshold=predictor.threshold,
        sure=predictor.is_sure(proba.argmax(axis=1), proba.max(axis=1)),
        familiar=predictor.is_familiar(texts, proba),
        majority_label=majority_label or Counter(true).most_common(1)[0][0],
        seconds=round(time.monotonic() - started, 3),
    )


def labeled(
    texts: Sequence[str],
    labels: Sequence[str],
    filename: str,
    text_columns: Sequence[str],
    label_columns: Sequence[str],
) -> tuple[list[str], list[str]]:
    """The texts that have a label, and those. Raises BadData where there are none."""
    both = [(text, label) for text, label in zip(texts, labels, strict=True) if text.strip() and label]
    if not both:
        raise BadData(
            msg(
                "No row of {filename} has both a text in “{text_column}” and a category in “{label_column}”.",
                filename=filename,
                text_column=joined_name(text_columns),
                label_column=joined_name(label_columns),
            ),
            hint=msg("Name other columns, or fill them."),
        )
    return [text for text, _label in both], [label for _text, label in both]


def read_texts(
    predictor: Predictor, table: Table, asked: Sequence[str], filename: str
) -> tuple[tuple[str, ...], list[str]]:
    """The columns that the model reads of a table, and the text of every row. Raises as `score_file`."""
    columns, usual = list(table.frame.columns), columns_of(predictor)
    if predictor.reads_pairs:
        chosen = choose_pair(columns, asked or usual, filename)
    else:
        chosen = choose_texts(columns, asked, usual, table.text_column, filename)
    return chosen, texts_of(table, chosen, as_pairs=predictor.reads_pairs)


def columns_of(predictor: Predictor) -> tuple[str, ...]:
    """What the model learned from; bundles of the first version name a single column, and none may be named."""
    column = predictor.about.get("text_column")
    return tuple(predictor.about.get("text_columns") or ([column] if column else []))


def choose_texts(
    columns: Sequence[str], asked: Sequence[str], usual: Sequence[str], guessed: str | None, filename: str
) -> tuple[str, ...]:
    """The columns asked for, else the usual ones if all are there, else the guessed one. Raises as `choose_column`."""
    from core.datasets.columns import find_column

    if asked:
        return tuple(dict.fromkeys(find_column(columns, name, filename) for name in asked))
    if usual and set(usual) <= set(columns):
        return tuple(usual)
    return (choose_column(columns, None, (guessed, *usual), filename, _NO_TEXT),)


def choose_pair(columns: Sequence[str], wanted: Sequence[str], filename: str) -> tuple[str, ...]:
    """The two columns of a pair.

    Raises:
        NotFound: one of `wanted` is not there.
        BadData: they are not two.
    """
    from core.datasets.columns import find_column

    found = tuple(dict.fromkeys(find_column(columns, name, filename) for name in wanted))
    if len(found) != 2:
        raise BadData(
            msg("This model compares two texts, and they stand in two columns: name both."),
            hint=msg("Choose from its columns: {columns}.", columns=", ".join(columns)),
        )
    return found


def texts_of(table: Table, columns: Sequence[str], *, as_pairs: bool = False) -> list[str]:
    import pyarrow as pa

    if len(columns) == 1:
        cells: list[str] = table.frame[columns[0]].tolist()
        return cells
    arrow = [pa.chunked_array([pa.array(table.frame[name].tolist(), pa.large_string())]) for name in columns]
    texts: list[str] = joined_texts(arrow, as_pairs=as_pairs).to_pylist()
    return texts


def choose_column(
    columns: Sequence[str], asked: str | None, likely: Sequence[str | None], filename: str, nothing: Message
) -> str:
    """The column that was asked for, else the first likely one that is there.

    Raises:
        NotFound: the column asked for is not there.
        BadData: none was asked for and none is likely; the message is `nothing`.
    """
    from core.datasets.columns import find_column

    if asked is not None:
        return find_column(columns, asked, filename)
    chosen = next((name for name in likely if name in columns), None)
    if chosen is None:
        raise BadData(nothing, hint=msg("Choose from its columns: {columns}.", columns=", ".join(columns)))
    return chosen


_NO_TEXT = msg("No column of the file looks like texts. Name the one that holds them.")
_NO_LABEL = msg("No column of the file looks like categories. Name the one that holds them.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answers:
    """Per text the label's index, -1 where there was nothing to answer, its probability, and whether the text is like those
    of practice."""

    labels: npt.NDArray[np.int64]
    ratios: npt.NDArray[np.float64]
    familiar: npt.NDArray[np.bool_]


def _answer(
    predictor: Predictor, texts: Sequence[str], should_stop: ShouldStop | None, progress: Progress | None
) -> _Answers:
    """Every distinct text is asked once, texts of like length together; of the probabilities only the best is kept."""
    places: dict[str, list[int]] = {}
    for i, text in enumerate(texts):
        if text.strip():
            places.setdefault(text, []).append(i)
    n = len(texts)
    answers = _Answers(labels=np.full(n, -1), ratios=np.zeros(n), familiar=np.ones(n, dtype=bool))
    distinct = sorted(places, key=len, reverse=True)
    for start in range(0, len(distinct), CHUNK):
        chunk = distinct[start : start + CHUNK]

        def share(fraction: float, start: int = start, n: int = len(chunk)) -> None:
            look(None, progress, SCORING * (start + fraction * n) / len(distinct))

        proba = predictor.predict_proba(chunk, progress=share, should_stop=should_stop)
        familiar = predictor.is_familiar(chunk, proba, should_stop)
        for text, label, ratio, known in zip(chunk, proba.argmax(axis=1), proba.max(axis=1), familiar, strict=True):
            rows = places[text]
            answers.labels[rows], answers.ratios[rows], answers.familiar[rows] = label, ratio, known
    return answers
