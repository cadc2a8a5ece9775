"""Whole tables: score a file, and examine a model on a labeled one. Same rows, same order, same columns, plus answers."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core import i18n
from core.datasets.joining import joined_name, joined_texts
from core.datasets.reading import Table, read_table
from core.datasets.telling import words_by_label
from core.datasets.writing import Row, check_writable, write_table
from core.domain.dataset import TableFormat
from core.domain.goal import ACTIONS
from core.domain.message import Message, msg
from core.domain.model import EvaluationReport
from core.errors import BadData
from core.evaluation.report import build_report
from core.i18n import gettext as _
from core.i18n import say
from core.prediction.predictor import Predictor, Progress
from core.training.types import Cancelled, ShouldStop

CHUNK = 4096  # distinct texts answered in one call
N_ROWS_BETWEEN_LOOKS = 2000  # while writing
SUREST = 99.9  # percent; 100 would promise what no model can
N_ADDED = 3  # columns: the answer and what belongs to it
SCORING = 0.9  # share of the progress; writing takes the rest


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
    table, places, chosen, texts = open_to_score(
        predictor, path=path, filename=filename, format=format, text_columns=text_columns, out_path=out_path
    )
    columns, n_rows = list(table.frame.columns), len(places)
    answers = _answer(predictor, texts, should_stop, progress)
    with i18n.speaking(language or i18n.language()):
        added = distinct_names([_("category"), _("sure %"), _("action")], columns)
        actions, nothing = [say(action) for action in ACTIONS[predictor.use]], _("none of these")
    answered = answers.labels >= 0
    sure = answered & answers.familiar & predictor.is_sure(answers.labels, answers.ratios)

    def rows() -> Iterator[Row]:
        cells = table.frame.itertuples(index=False, name=None)
        blank: Row = ("",) * (len(columns) + N_ADDED)
        for i, place in enumerate(places):
            if i % N_ROWS_BETWEEN_LOOKS == 0:
                look(should_stop, progress, SCORING + (1 - SCORING) * i / n_rows)
            if place < 0:
                yield blank
                continue
            label, ratio = answers.labels[place], answers.ratios[place]
            if label < 0:
                yield *next(cells), "", "", ""
            else:
                action = actions[bool(sure[place])] if answers.familiar[place] else nothing
                yield *next(cells), predictor.labels[label], min(round(float(ratio) * 100, 1), SUREST), action

    write_table(out_path, [*columns, *added], rows(), n_rows)
    look(None, progress, 1.0)
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


def open_to_score(
    predictor: Predictor,
    *,
    path: Path,
    filename: str,
    format: TableFormat,
    text_columns: Sequence[str],
    out_path: Path,
) -> tuple[Table, npt.NDArray[np.int64], tuple[str, ...], list[str]]:
    """The table, where its rows stand (`places_of`), the columns that are read, and the text of every row.

    Raises what `score_file` does, before anything is answered.
    """
    check_writable(out_path, 0, 0)
    table = read_table(path, filename, format)
    columns = list(table.frame.columns)
    places = places_of(table)
    check_writable(out_path, len(places), len(columns) + N_ADDED)
    chosen, texts = read_texts(predictor, table, text_columns, filename)
    return table, places, chosen, texts


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
    pairs = [
        (text, label.strip())
        for text, label in zip(texts, table.frame[label_column], strict=True)
        if text.strip() and label.strip()
    ]
    if not pairs:
        raise BadData(
            msg(
                "No row of {filename} has both a text in “{text_column}” and a category in “{label_column}”.",
                filename=filename,
                text_column=joined_name(chosen),
                label_column=label_column,
            ),
            hint=msg("Name other columns, or fill them."),
        )
    true = [label for _text, label in pairs]
    texts = [text for text, _label in pairs]
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

    if len(set(wanted)) != 2:
        raise BadData(
            msg("This model compares two texts, and they stand in two columns: name both."),
            hint=msg("Choose from its columns: {columns}.", columns=", ".join(columns)),
        )
    return tuple(find_column(columns, name, filename) for name in wanted)


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


def places_of(table: Table) -> npt.NDArray[np.int64]:
    """Where each row of the written table stands in the frame, which lacks rows that are blank in every cell: -1."""
    header_row = table.format.header_row or 0
    numbers = table.frame.index.to_numpy()
    places = np.full(int(numbers[-1]) - header_row, -1)
    places[numbers - header_row - 1] = np.arange(len(numbers))
    return places


def distinct_names(wanted: Sequence[str], taken: Sequence[str]) -> list[str]:
    """The wanted names, numbered where a column is called so already: "category", "category 2"."""
    used = {name.casefold() for name in taken}
    names = []
    for name in wanted:
        free = next(n for n in chain([name], (f"{name} {i}" for i in count(2))) if n.casefold() not in used)
        used.add(free.casefold())
        names.append(free)
    return names


def look(should_stop: ShouldStop | None, progress: Progress | None, fraction: float) -> None:
    if should_stop is not None and should_stop():
        raise Cancelled
    if progress is not None:
        progress(fraction)
