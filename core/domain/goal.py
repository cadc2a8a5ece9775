"""What a person wants a model for: all that a verdict and a threshold need to know about the business. Every part may stay
open. Costs are amounts in the person's own money, whatever that is."""

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from core.domain.message import Message, msg
from core.errors import NotPossible

USUAL_ALLOWED = 5.0  # mistakes per 100 automatic answers, where nothing is known about costs
MOST_ALLOWED = 50.0  # above that a coin does as well


class Use(StrEnum):
    """What happens to each message that the model answers."""

    FILL = "fill"  #: a sure answer is filled in automatically, the rest goes to people
    SUGGEST = "suggest"  #: staff see the answer as a suggestion
    WATCH = "watch"  #: answers are counted, nobody acts on a single one


#: what a scored file says is done with an unsure answer, and with a sure one
ACTIONS: dict[Use, tuple[Message, Message]] = {
    Use.FILL: (msg("to a person"), msg("automatic")),
    Use.SUGGEST: (msg("to a person"), msg("suggest")),
    Use.WATCH: (msg("unsure"), msg("count")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstMixUp:
    """The one mistake that hurts most: `truth` answered as `answer` counts as `weight` mistakes."""

    truth: str
    answer: str
    weight: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    use: Use = Use.FILL
    n_messages: int | None = None  #: a month
    wrong_cost: float | None = None  #: of one wrong automatic answer
    reading_cost: float | None = None  #: of one message read by a person
    allowed: float | None = None  #: most mistakes per 100 automatic answers
    worst: WorstMixUp | None = None

    def __post_init__(self) -> None:
        """Raises NotPossible: a number is out of its range, or the worst mix-up is none."""
        weight = self.worst.weight if self.worst else None
        numbers = (self.n_messages, self.wrong_cost, self.reading_cost, self.allowed, weight)
        for value, (low, high, refusal) in zip(numbers, _RANGES, strict=True):
            if value is not None and not (isfinite(value) and low <= value <= high):
                raise NotPossible(refusal, hint=msg("Leave it open if you do not know."))
        if self.worst and self.worst.truth == self.worst.answer:
            raise NotPossible(
                msg("A mix-up is between two categories, not “{label}” and itself.", label=self.worst.truth),
                hint=msg("Choose another category as the answer."),
            )

    @property
    def knows_costs(self) -> bool:
        return bool(self.wrong_cost and self.reading_cost)

    @property
    def limit(self) -> float:
        """Most mistakes per 100 automatic answers: as told, else where a mistake eats what not reading saves, else 5."""
        if self.allowed is not None:
            return self.allowed
        if self.wrong_cost and self.reading_cost:
            return min(MOST_ALLOWED, 100 * self.reading_cost / self.wrong_cost)
        return USUAL_ALLOWED


_RANGES = (
    (1, 1e9, msg("Messages a month must be a number from 1 to a billion.")),
    (0, 1e9, msg("The cost of a wrong answer must be a number from 0 to a billion.")),
    (0, 1e9, msg("The cost of a reading must be a number from 0 to a billion.")),
    (0.1, MOST_ALLOWED, msg("The most mistakes allowed must be a number from 0.1 to 50 per 100 automatic answers.")),
    (1, 1000, msg("A mix-up can count as 1 to 1,000 mistakes.")),
)
