"""Which answers go out by themselves, and what is promised about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

NEVER = 2.0  # a threshold that no probability reaches
NEXT = 1000  # messages that a promise speaks of


class Handle(StrEnum):
    """What the person held when the threshold was chosen."""

    MISTAKES = "mistakes"  #: most mistakes allowed per 100 automatic answers
    SHARE = "share"  #: messages to automate, per 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """An answer is automatic when its probability reaches the threshold of its category."""

    threshold: float
    overrides: Mapping[str, float] = field(default_factory=dict)  #: category -> its own threshold; NEVER for none
    handle: Handle | None = None  #: None where training chose the threshold
    value: float | None = None  #: of the handle, per 100
    keeps: int | None = (
        None  #: how strict about "none of these", one of `core.domain.familiarity.KEEPS`; None as training chose
    )

    def threshold_of(self, label: str) -> float:
        return self.overrides.get(label, self.threshold)

    def decides_as(self, other: "Policy") -> bool:
        """Whether both send the same answers out, whatever the person held when choosing them."""
        mine, its = ((one.threshold, dict(one.overrides), one.keeps) for one in (self, other))
        return mine == its


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a policy did on the exam, and what that says about the next NEXT messages if they are like the exam's.

    Mistakes are counted, which is more than their number where the worst mix-up weighs more than others.
    """

    n_exam: int
    n_auto: int  #: exam rows answered automatically
    n_wrong: int  #: of those, answered wrong
    n_worst: int = 0  #: of those, the worst mix-up
    weight: float = 1.0  #: as how many mistakes the worst mix-up counts
    at_most: int = 0  #: mistakes of the next NEXT messages that are exceeded in 1 of 20 cases at most

    @property
    def share(self) -> float:
        return self.n_auto / self.n_exam if self.n_exam else 0.0

    @property
    def next_auto(self) -> int:
        """Of the next NEXT messages."""
        return round(NEXT * self.share)

    @property
    def counted(self) -> float:
        """Mistakes among the automatic exam rows."""
        return self.n_wrong + (self.weight - 1) * self.n_worst

    @property
    def rate(self) -> float:
        """Mistakes per automatic answer."""
        return self.counted / self.n_auto if self.n_auto else 0.0

    @property
    def about(self) -> int:
        return round(self.next_auto * self.rate)

    @property
    def highest_rate(self) -> float:
        return self.at_most / self.next_auto if self.next_auto else 1.0
