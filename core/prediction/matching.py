"""Best matches: of many texts those that go best with one, by a model of pairs.

Reading two texts at once takes milliseconds a pair, too long for thousands of candidates. So the vectors of the frozen
encoder, computed once a candidate, say which SHORTLIST of them are near, and the model judges those (retrieve and rerank:
Nogueira and Cho, 2019, arXiv:1901.04085). What the shortlist lacks cannot be found.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.base_models.pair_vectors import halves_of
from core.datasets.comparing import label_form
from core.datasets.findings.base import PRACTICE_FILE
from core.datasets.reading import read_table
from core.domain.dataset import TableFormat
from core.domain.matching import MOST_MATCHES, Match, Matches
from core.domain.message import msg
from core.domain.pairs import joined, parts
from core.domain.task import AnswerKind
from core.errors import BadData
from core.prediction.filling import look
from core.prediction.numbers import answer_numbers
from core.prediction.predictor import Predictor, Progress
from core.prediction.table import choose_texts, columns_of
from core.training.types import ShouldStop

if TYPE_CHECKING:
    import pandas as pd

SHORTLIST = MOST_MATCHES
MOST_CANDIDATES = 100_000  # different texts: 150 MB of vectors
EMBEDDED_AT_ONCE = 512
YES = ("true", "1")  # as `label_form` writes “yes”, “是” and the like

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Different texts with their vectors, (n, hidden) of length 1, and the first row of each in its table."""

    texts: tuple[str, ...]
    rows: tuple[int, ...]
    vectors: Floats

    def nearest(self, vector: Floats, n: int) -> tuple[npt.NDArray[np.int64], Floats]:
        """Places and cosines of the `n` nearest, the nearest first."""
        cosines = self.vectors @ vector
        order = np.argsort(-cosines, kind="stable")[:n]
        return order, cosines[order]


def own_candidates(
    predictor: Predictor,
    rows: "pd.DataFrame",
    *,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Candidates:
    """The second texts of the table that the model learned from; `rows` as `core.datasets.rows.load_rows` gives them.

    Of the practice rows that the bundle keeps the vectors are known, the others are computed. Raises as `candidates_of`.
    """
    used = rows[rows["split"] != ""]
    seconds = [parts(str(text))[1] for text in used["text"]]
    known: dict[str, Floats] = {}
    if predictor.practice is not None and len(predictor.practice.rows):
        vector_of = dict(zip(predictor.practice.rows.tolist(), halves_of(predictor.practice.vectors)[1], strict=True))
        for text, row, file in zip(seconds, used["row"], used["file"], strict=True):
            if file == PRACTICE_FILE and row in vector_of:
                known[text] = vector_of[row]
    return candidates_of(
        predictor, seconds, used["row"].tolist(), known=known, progress=progress, should_stop=should_stop
    )


def file_candidates(
    predictor: Predictor,
    path: Path,
    filename: str,
    format: TableFormat,
    column: str | None = None,
    *,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Candidates:
    """The texts of one column of a table: the one that is named, else that of the model's second texts, else what looks
    like texts. Raises as `candidates_of`, and UnreadableFile, NotFound and BadData as `core.prediction.table.score_file`."""
    table = read_table(path, filename, format)
    (chosen,) = choose_texts(
        list(table.frame.columns),
        [column] if column else [],
        columns_of(predictor)[1:],
        table.text_column,
        filename,
    )
    rows = [int(row) for row in table.frame.index]
    return candidates_of(predictor, table.frame[chosen].tolist(), rows, progress=progress, should_stop=should_stop)


def candidates_of(
    predictor: Predictor,
    texts: Sequence[str],
    rows: Sequence[int],
    *,
    known: "dict[str, Floats] | None" = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Candidates:
    """The different ones of `texts` with their vectors; `known` holds some.

    Raises:
        BadData: all are blank, or they are too many.
        Cancelled: `should_stop` asked for an end.
    """
    first_row: dict[str, int] = {}
    for text, row in zip(texts, rows, strict=True):
        if text.strip():
            first_row.setdefault(text.strip(), row)
    if not first_row:
        raise BadData(msg("There are no texts to choose from."), hint=msg("Name the column that holds them."))
    if len(first_row) > MOST_CANDIDATES:
        raise BadData(
            msg("{n:,} texts to choose from are too many: {most:,} at most.", n=len(first_row), most=MOST_CANDIDATES),
            hint=msg("Leave out those that cannot be meant, or split the table."),
        )
    distinct, vectors = list(first_row), dict(known or {})
    new = [text for text in distinct if text not in vectors]
    for start in range(0, len(new), EMBEDDED_AT_ONCE):
        look(should_stop, progress, start / len(new))
        chunk = new[start : start + EMBEDDED_AT_ONCE]
        vectors |= zip(chunk, predictor.embed_texts(chunk, should_stop), strict=True)
    return Candidates(
        texts=tuple(distinct),
        rows=tuple(first_row.values()),
        vectors=np.stack([vectors[text] for text in distinct]).astype(np.float32),
    )


def best_matches(
    predictor: Predictor,
    text: str,
    candidates: Candidates,
    *,
    label: str,
    n: int,
    should_stop: ShouldStop | None = None,
) -> Matches:
    """The `n` candidates that go best with `text`: those with the highest probability of `label`, or the highest score.

    Raises:
        Cancelled: `should_stop` asked for an end.
    """
    started = time.monotonic()
    n_asked = min(max(n, SHORTLIST), len(candidates.texts))
    (found,) = matches_of(predictor, [text], candidates, label=label, n_asked=n_asked, should_stop=should_stop)
    return Matches(
        text=text,
        label=label,
        matches=found[:n],
        n_candidates=len(candidates.texts),
        n_asked=n_asked,
        seconds=round(time.monotonic() - started, 3),
    )


def matches_of(
    predictor: Predictor,
    texts: Sequence[str],
    candidates: Candidates,
    *,
    label: str,
    n_asked: int,
    should_stop: ShouldStop | None = None,
) -> list[tuple[Match, ...]]:
    """For each text the `n_asked` nearest candidates, the best first. Raises as `best_matches`."""
    near = [candidates.nearest(vector, n_asked) for vector in predictor.embed_texts(texts, should_stop)]
    pairs = [
        joined(text, candidates.texts[place])
        for text, (places, _cosines) in zip(texts, near, strict=True)
        for place in places
    ]
    judged = iter((_chances if label else _scores)(predictor, pairs, label, should_stop))
    found = []
    for places, cosines in near:
        matches = [
            Match(
                text=candidates.texts[place],
                row=candidates.rows[place],
                value=value,
                low=low,
                high=high,
                sure=sure,
                cosine=round(float(cosine), 4),
            )
            for place, cosine, (value, low, high, sure) in zip(
                places, cosines, islice(judged, len(places)), strict=True
            )
        ]
        found.append(tuple(sorted(matches, key=lambda one: (-one.value, -one.cosine))))
    return found


_Judged = tuple[float, float | None, float | None, bool]  # value, low, high, sure


def _chances(predictor: Predictor, pairs: list[str], label: str, should_stop: ShouldStop | None) -> list[_Judged]:
    proba = predictor.predict_proba(pairs, should_stop=should_stop)
    place = predictor.labels.index(label)
    answers = proba.argmax(axis=1)
    sure = (answers == place) & predictor.is_sure(answers, proba.max(axis=1))
    sure &= predictor.is_familiar(pairs, proba, should_stop)
    return [(float(p), None, None, bool(is_sure)) for p, is_sure in zip(proba[:, place], sure, strict=True)]


def _scores(predictor: Predictor, pairs: list[str], label: str, should_stop: ShouldStop | None) -> list[_Judged]:
    answers = answer_numbers(predictor, pairs, should_stop=should_stop)
    low, high = answers.limits()
    return [
        (float(value), float(least), float(most), False)
        for value, least, most in zip(answers.values, low, high, strict=True)
    ]


def likely_label(predictor: Predictor, rows: "pd.DataFrame") -> str:
    """The category that means a match: of two the one called yes, else the one whose practice pairs are most alike; "" for scores.

    `rows` as `core.datasets.rows.load_rows` gives them.
    """
    if predictor.answer_kind is AnswerKind.NUMBER:
        return ""
    named = [label for label in predictor.labels if label_form(label) in YES]
    if len(named) == 1 and len(predictor.labels) == 2:
        return named[0]
    practice = predictor.practice
    if practice is None or not len(practice.rows):
        return predictor.labels[-1]
    first, second = halves_of(practice.vectors)
    alike = dict(zip(practice.rows.tolist(), (first * second).sum(axis=1).tolist(), strict=True))
    known = rows[(rows["file"] == PRACTICE_FILE) & rows["row"].isin(list(alike))]
    means = known["row"].map(alike).groupby(known["label"].astype(str)).mean()
    return max(predictor.labels, key=lambda label: float(means.get(label, -1.0)))
