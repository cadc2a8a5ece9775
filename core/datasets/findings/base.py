"""What every check works on and gives back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa

from core.datasets.hashing import Codes, Mask
from core.datasets.several import Members
from core.domain.dataset import Finding, Severity
from core.domain.message import Message
from core.domain.repair import Fix, Operation
from core.domain.task import CLASSIFICATION

if TYPE_CHECKING:
    from core.datasets.reading import RawTable

MAX_LISTED_ROWS = 100
PRACTICE_FILE, EXAM_FILE = "practice", "exam"


@dataclass(slots=True, kw_only=True)
class FileRows:
    """The text and label of every row of one file, and which rows are already set aside.

    `reasons[i]` is 0 while row i is used, otherwise the position of the check's name in `reason_names` + 1.
    """

    file: str  #: "practice" or "exam"
    text_column: str
    label_column: str
    rows: "np.ndarray[Any, np.dtype[np.int32]]"  #: row numbers as a spreadsheet shows them
    texts: pa.ChunkedArray
    text_codes: Codes  #: equal texts share a number, also across the two files
    same_codes: Codes  #: `text_codes`, but a pair of texts shares its number with the same pair turned round
    lots: Codes  #: `text_codes` as uploaded, which repairs do not change: the split is drawn from them
    label_codes: Codes  #: position in `label_names`; -1 for a blank label
    label_names: list[str]  #: shared by the two files
    lengths: "np.ndarray[Any, np.dtype[np.int32]]"  #: characters of each text
    ragged: Mask  #: rows whose cells do not fit the header
    language: str
    members: Members | None = None  #: where rows have several categories, which labels have which
    unclear: Mask | None = None  #: rows with a cell that says neither yes nor no, where categories are 0/1 columns
    unclear_cells: tuple[str, ...] = ()  #: what such cells say
    blank_rows: tuple[int, ...] = ()
    n_blank: int = 0
    raw: "RawTable | None" = None  #: the whole table as it was read, for checks that look at other columns
    reasons: "np.ndarray[Any, np.dtype[np.int16]]" = field(init=False)
    label_kind: str = field(init=False, default="")  #: see findings.label_kinds; empty until it was judged
    #: per row the number of its group of near texts, -1 for none; what the split keeps on one side
    near: "Codes | None" = field(init=False, default=None)
    #: code of a finding -> all its rows, kept beside the rows; the finding itself lists the first 100
    found: "dict[str, np.ndarray[Any, np.dtype[np.int32]]]" = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.reasons = np.zeros(len(self.rows), dtype=np.int16)

    @property
    def used(self) -> Mask:
        unused: Mask = np.equal(self.reasons, 0)
        return unused

    def used_counts(self) -> Codes:
        """Used rows per label, in the order of `label_names`."""
        return np.bincount(self.label_codes[self.used], minlength=len(self.label_names))

    @property
    def category_names(self) -> list[str]:
        """The single categories: the labels themselves, unless rows have several."""
        return self.label_names if self.members is None else self.members.names

    def category_counts(self) -> Codes:
        """Used rows that have each category, in the order of `category_names`."""
        counts = self.used_counts()
        return counts if self.members is None else self.members.counts(counts)

    def with_categories(self, categories: Codes) -> Mask:
        """The rows that have any of these categories, by their places in `category_names`."""
        labels = categories if self.members is None else self.members.labels_with(categories)
        return np.isin(self.label_codes, labels)

    def strata(self) -> Codes:
        """What practice, check-up and exam share alike: a row's category; of several the one with the fewest rows."""
        if self.members is None:
            return self.label_codes
        return np.append(self.members.rarest(self.used_counts()), -1)[self.label_codes]


@dataclass(slots=True, kw_only=True)
class BothFiles:
    """The table under check: the first file and, where given, the exam file."""

    practice: FileRows
    exam: FileRows | None
    task: str = CLASSIFICATION  #: decides which checks make sense
    reason_names: list[str] = field(default_factory=list)

    @property
    def files(self) -> tuple[FileRows, ...]:
        return (self.practice, self.exam) if self.exam else (self.practice,)

    def set_aside(self, file: FileRows, mask: Mask, reason: str) -> Mask:
        """Take the rows in `mask` that are still used out of use; returns exactly those."""
        if reason not in self.reason_names:
            self.reason_names.append(reason)
        taken = mask & file.used
        file.reasons[taken] = self.reason_names.index(reason) + 1
        return taken


class Check(Protocol):
    """One kind of thing that can be wrong. It may set rows aside; it never changes a text or a label."""

    @property
    def name(self) -> str:
        """The finding's code; stored, and scripts rely on it."""
        ...

    def find(self, data: BothFiles) -> list[Finding]: ...


def finding_of_rows(
    code: str,
    severity: Severity,
    file: FileRows,
    mask: Mask,
    message: Message,
    advice: Message | None = None,
    fixes: Sequence[Fix] = (),
) -> Finding:
    rows = file.rows[mask]
    file.found[code] = np.union1d(file.found[code], rows) if code in file.found else rows
    return Finding(
        code=code,
        severity=severity,
        count=len(rows),
        rows=tuple(rows[:MAX_LISTED_ROWS].tolist()),
        message=message,
        advice=advice,
        file=file.file,
        fixes=tuple(fixes),
    )


def names_listed(names: list[str], limit: int = 5) -> str:
    """A few names for a sentence; the rest as an ellipsis."""
    shown = [name if len(name) <= 40 else name[:39] + "…" for name in names[:limit]]
    return ", ".join(f"“{name}”" for name in shown) + (", …" if len(names) > limit else "")


def fix(key: str, title: Message, operation: str, **params: Any) -> Fix:
    """One way to mend a finding: the named repair with these parameters."""
    return Fix(key=key, title=title, operation=Operation(name=operation, params=params))
