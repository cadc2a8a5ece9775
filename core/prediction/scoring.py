"""Score a file with any model: the way that its kind of answer has."""

from collections.abc import Callable
from typing import Any

from core.domain.task import AnswerKind
from core.prediction.numbers import score_file_numbers
from core.prediction.predictor import Predictor
from core.prediction.several_table import score_file_several
from core.prediction.table import score_file

_WAYS: dict[AnswerKind, Callable[..., dict[str, Any]]] = {
    AnswerKind.CATEGORY: score_file,
    AnswerKind.NUMBER: score_file_numbers,
    AnswerKind.CATEGORIES: score_file_several,
}


def score_any(predictor: Predictor, **asked: Any) -> dict[str, Any]:
    """Arguments and errors are those of `core.prediction.table.score_file`; what comes back is told by each way."""
    return _WAYS[predictor.answer_kind](predictor, **asked)
