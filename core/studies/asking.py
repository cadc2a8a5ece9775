"""What studies that ask a model its exam texts again have in common: when they make sense, and how long they take."""

from typing import TYPE_CHECKING

from core.domain.message import Message, msg
from core.domain.task import CLASSIFICATION, PAIR
from core.studies.protocol import Subject

if TYPE_CHECKING:
    from core.training.machine import Machine

MIN_EXAM = 20
ASKED = (CLASSIFICATION, PAIR)


def refusal(subject: Subject) -> Message | None:
    if subject.recipe.task not in ASKED:
        return msg("Only models that sort each text into one category are asked so.")
    if subject.report.score.n < MIN_EXAM:
        return msg("The exam has fewer than {n} examples: too few to tell.", n=MIN_EXAM)
    return None


def seconds(subject: Subject, machine: "Machine", n_times: float) -> float:
    """To start, and to ask as many texts as `n_times` the exam holds."""
    from core.training.forecasting import EXAM_SECONDS, STARTING_SECONDS, formula_parts

    exam = formula_parts(subject.dataset.profile, subject.recipe, machine)["exam"] - EXAM_SECONDS
    return STARTING_SECONDS + EXAM_SECONDS + n_times * exam
