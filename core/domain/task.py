"""The tasks by the name they are stored under, and what an answer of each is."""

from enum import StrEnum


class AnswerKind(StrEnum):
    """Reports, predictions and pages follow the kind of the answer; a task adds what it reads and how it learns."""

    CATEGORY = "category"  #: exactly one of several
    NUMBER = "number"  #: a score
    CATEGORIES = "categories"  #: any number of several, also none


CLASSIFICATION, ORDERED, SCORE = "text_classification", "ordered_categories", "score"
SEVERAL = "several_categories"
PAIR, PAIR_SCORE = "text_pair", "pair_score"
ANSWERS = {
    CLASSIFICATION: AnswerKind.CATEGORY,
    ORDERED: AnswerKind.CATEGORY,
    SCORE: AnswerKind.NUMBER,
    SEVERAL: AnswerKind.CATEGORIES,
    PAIR: AnswerKind.CATEGORY,
    PAIR_SCORE: AnswerKind.NUMBER,
}
PAIR_TASKS = frozenset({PAIR, PAIR_SCORE})


def answer_kind(task: str) -> AnswerKind:
    """Tasks of newer versions than this one count as sorting: nothing of theirs is opened by mistake."""
    return ANSWERS.get(task, AnswerKind.CATEGORY)


def reads_pairs(task: str) -> bool:
    """Whether an example is two texts (`core.domain.pairs`)."""
    return task in PAIR_TASKS
