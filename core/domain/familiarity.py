"""How well a model tells texts that it was made for from those that it was not."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FamiliarityReport:
    """Measured when the model was published. Texts marked as “none of these” take no part in learning or choosing."""

    n_exam: int
    n_kept: int  #: of them, taken for one of the categories
    n_marked: int  #: rows that the person marked as none of the categories
    n_refused: int  #: of them, taken for none

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "FamiliarityReport":
        return cls(**value)
