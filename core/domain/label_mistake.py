"""A row whose category is likely wrong, and what a person decided about it."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMistake:
    """`row` and `file` name the row in every version of its dataset."""

    file: str  #: "practice" or "exam"
    row: int  #: 1-based, as a spreadsheet shows it
    split: str  #: a value of `Split`
    given: str
    likely: str
    suspicion: float  #: 0 to 1: 1 when all witnesses are sure of `likely`
    proba_given: float  #: of a draft that did not learn from the row
    proba_likely: float
    n_votes: int  #: of its nearest neighbours that are of `likely`


class LabelVerdict(StrEnum):
    KEEP = "keep"  #: the given category is right
    CHANGE = "change"  #: another one is right
    LEAVE_OUT = "leave_out"  #: the row is of no use


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelDecision:
    file: str
    row: int
    verdict: LabelVerdict
    label: str  #: the right category where it is changed; "" otherwise
