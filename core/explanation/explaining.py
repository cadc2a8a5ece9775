"""Why a model answered as it did: the words that moved the answer and the practice rows nearest to the text."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.domain.explanation import VALUE, Answer, Explanation, Neighbour, Word
from core.domain.rows import TableRow
from core.domain.task import AnswerKind
from core.explanation.occlusion import Ask, log_odds, occlude
from core.explanation.words import words_of
from core.prediction.numbers import answer_numbers, predict_numbers
from core.prediction.predictor import Predictor
from core.prediction.several import answer_several, predict_several

N_NEIGHBOURS = 5

RowsOf = Callable[[Sequence[int]], Sequence[TableRow]]  #: practice rows by their numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """How a model of some kind is asked, and what its answers are called."""

    prediction: Answer
    ask: Ask
    names: tuple[str, ...]
    height: Callable[[float], float] = log_odds


def _of_category(predictor: Predictor, text: str) -> _Question:
    return _Question(prediction=predictor.predict([text])[0], ask=predictor.predict_proba, names=predictor.labels)


def _of_categories(predictor: Predictor, text: str) -> _Question:
    return _Question(
        prediction=predict_several(predictor, [text])[0],
        ask=lambda texts: answer_several(predictor, texts).proba,
        names=predictor.labels,
    )


def _of_number(predictor: Predictor, text: str) -> _Question:
    return _Question(
        prediction=predict_numbers(predictor, [text])[0],
        ask=lambda texts: answer_numbers(predictor, texts).values[:, None],
        names=(VALUE,),
        height=float,
    )


_QUESTIONS: dict[AnswerKind, Callable[[Predictor, str], _Question]] = {
    AnswerKind.CATEGORY: _of_category,
    AnswerKind.CATEGORIES: _of_categories,
    AnswerKind.NUMBER: _of_number,
}


def explain(predictor: Predictor, text: str, rows_of: RowsOf) -> Explanation:
    """Ask the model about `text` and about it without each of its words. A text of 60 words takes under a second."""
    started = time.monotonic()
    question = _QUESTIONS[predictor.answer_kind](predictor, text)
    spans, without = occlude(question.ask, text, words_of(text, predictor.pieces), question.height)
    words = tuple(
        Word(text=text[start:end], start=start, end=end, without=dict(zip(question.names, row.tolist(), strict=True)))
        for (start, end), row in zip(spans, without, strict=True)
    )
    return Explanation(
        prediction=question.prediction,
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
