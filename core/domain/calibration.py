"""Whether “90% sure” means right 90 times in 100."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SureBin:
    """Exam answers that were about equally sure."""

    confidence: float  #: their mean probability
    accuracy: float  #: share of them that is right
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport:
    """Of the exam. “Before” is what the members say, mixed; “after” what is shown, read with the temperature."""

    bins: tuple[SureBin, ...]  #: after, the least sure first; bins without answers are left out
    ece_before: float  #: expected calibration error
    ece_after: float
    brier_before: float  #: mean squared distance of the probabilities to the truth, summed over the categories
    brier_after: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
