"""Which rows of a dataset a person wants to see, in which order, and one page of them."""

from dataclasses import dataclass, replace
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFilter:
    """Conditions that a row meets all of. What is left empty is no condition."""

    text: str = ""  #: stands somewhere in the text; capitals, width and kinds of space do not matter
    labels: tuple[str, ...] = ()  #: one of these categories; of rows with several, any of them
    several: bool = False  #: whether rows may have several categories
    finding: str = ""  #: a finding's code: the rows that it speaks of
    file: str = ""  #: "practice" or "exam"
    split: str = ""  #: a value of `Split`
    reason: str = ""  #: set aside for this reason; a code of `core.datasets.rows.REASONS`
    used: bool | None = None  #: whether the row is in use, that is, not set aside
    rows: tuple[tuple[str, int], ...] | None = None  #: one of these, by file and row number

    @property
    def is_whole_labels(self) -> bool:
        """Whether it means all rows of some categories: a repair then names those, however many rows they have."""
        return bool(self.labels) and replace(self, several=False) == RowFilter(labels=self.labels)


class RowOrder(StrEnum):
    ROW = "row"  #: as in the files
    LENGTH = "length"  #: characters of the text
    LABEL = "label"  #: name of the category


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row of a dataset. `row` and `file` together name it in every version of the dataset."""

    row: int  #: 1-based, as a spreadsheet shows it
    file: str  #: "practice" or "exam"
    text: str  #: on a page: its first 2,000 characters
    label: str
    split: str  #: "" when it is set aside
    set_aside: str  #: reason code, or ""

    @property
    def is_taken_out(self) -> bool:
        """Whether a repair took it out of use: then no later repair changes it."""
        return self.set_aside in TAKEN_OUT


#: reasons given by repairs, not by checks
TAKEN_OUT = ("removed", "none_of_these")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPage:
    """A page of the rows that meet a filter."""

    n_found: int  #: rows that meet it, on all pages
    number: int  #: 1 is the first page; the last one when a later one was asked for
    n_pages: int  #: at least 1
    rows: tuple[TableRow, ...]
