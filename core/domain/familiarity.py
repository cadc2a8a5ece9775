"""How well a model tells texts that it was made for from those that it was not, and how strict it may be about it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.domain.plain import from_plain

KEEPS = (
    98,
    95,
    90,
)  #: of 100 texts like those of practice so many are taken for one of the categories; the strictest last
USUAL = 95  # where nobody chose


@dataclass(frozen=True, slots=True, kw_only=True)
class FamiliarityLevel:
    """One way of being strict, measured on rows that took no part in learning or choosing."""

    keeps: int  #: one of KEEPS, as the check-up has it
    threshold: float  #: texts less familiar than that are none of the categories
    n_kept: int  #: exam rows taken for one of the categories
    n_refused: int  #: marked rows taken for none


@dataclass(frozen=True, slots=True, kw_only=True)
class FamiliarityReport:
    """Measured when the model was published, as strict as training chose. `levels` holds the other ways too."""

    n_exam: int
    n_kept: int  #: of them, taken for one of the categories
    n_marked: int  #: rows that the person marked as none of the categories, without those that training chose by
    n_refused: int  #: of them, taken for none
    keeps: int = USUAL  #: as strict as training chose
    n_chosen_by: int = 0  #: marked rows that it chose by
    levels: tuple[FamiliarityLevel, ...] = ()  #: in the order of KEEPS; none in models of earlier versions

    def level(self, keeps: int | None) -> FamiliarityLevel | None:
        """That of `keeps`, or of None what training chose; None in models of earlier versions."""
        return next((level for level in self.levels if level.keeps == (keeps or self.keeps)), None)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "FamiliarityReport":
        return from_plain(cls, value)
