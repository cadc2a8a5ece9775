"""Why a model answered as it did: the words that moved the answer and the practice rows nearest to the text."""

import time
from collections.abc import Callable, Sequence

from core.domain.explanation import Explanation, Neighbour, Word
from core.domain.rows import TableRow
from core.explanation.occlusion import occlude
from core.explanation.words import words_of
from core.prediction.predictor import Predictor

N_NEIGHBOURS = 5

RowsOf = Callable[[Sequence[int]], Sequence[TableRow]]  #: practice rows by their numbers


def explain(predictor: Predictor, text: str, rows_of: RowsOf) -> Explanation:
    """Ask the model about `text` and about it without each of its words. A text of 60 words takes under a second."""
    started = time.monotonic()
    (prediction,) = predictor.predict([text])
    spans, without = occlude(predictor.predict_proba, text, words_of(text, predictor.pieces))
    words = tuple(
        Word(
            text=text[start:end],
            start=start,
            end=end,
            without=dict(zip(predictor.labels, row.tolist(), strict=True)),
        )
        for (start, end), row in zip(spans, without, strict=True)
    )
    return Explanation(
        prediction=prediction,
        words=words,
        neighbours=nearest_rows(predictor, text, rows_of),
        seconds=round(time.monotonic() - started, 3),
    )


def nearest_rows(predictor: Predictor, text: str, rows_of: RowsOf) -> tuple[Neighbour, ...] | None:
    """None where the bundle does not tell its practice rows."""
    practice = predictor.practice
    if practice is None or not len(practice.rows):
        return None
    (vector,) = predictor.embed([text])
    numbers, cosines = practice.nearest(vector, N_NEIGHBOURS)
    similarity = dict(zip(numbers.tolist(), cosines.tolist(), strict=True))
    return tuple(
        Neighbour(row=row.row, file=row.file, text=row.text, label=row.label, similarity=round(similarity[row.row], 4))
        for row in rows_of(list(similarity))
    )
