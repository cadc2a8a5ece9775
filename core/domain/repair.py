"""Repairs: what was done to a table since it arrived, in order, and what the checks offer to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One named repair. A dataset version is its upload's hash and its operations, applied in order from the upload.

    `params` are plain JSON values; what they mean is defined by the operation's class in `core.datasets.operations`.
    """

    name: str  #: in the operation registry; stored, stays for ever
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one operation did when a version was built."""

    n_changed: int = 0  #: rows whose text or category it changed
    n_removed: int = 0  #: rows it took out of use; they stay on record with their reason
    n_added: int = 0  #: rows it brought in


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A one-click way to mend a finding. It can be undone, so it needs no confirmation."""

    key: str  #: names it within its finding, e.g. "merge"; `data fix ID CODE --choose KEY`
    title: Message  #: the button
    operation: Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """One row that two versions treat differently. What a version does not have of it is ""."""

    file: str  #: "practice" or "exam"
    row: int  #: its number in the version that has it, the later one if both do
    before_text: str = ""
    after_text: str = ""
    before_label: str = ""
    after_label: str = ""
    reason: str = ""  #: why it is out of use now; a code of `core.datasets.rows.REASONS`


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChanges:
    """All rows that differ in one respect."""

    count: int
    rows: tuple[RowChange, ...]  #: the first 100


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionComparison:
    """What lies between two versions, from the one called before to the one called after. Only rows in use count."""

    before: str  #: id
    after: str
    by_text: bool  #: rows were matched by their texts, because the versions are of different tables
    added: RowChanges
    taken_out: RowChanges
    text_changed: RowChanges
    label_changed: RowChanges
    label_counts: Mapping[str, tuple[int, int]]  #: category -> its rows before and after
    operations_before: tuple[Operation, ...]  #: repairs that only the first has, in order
    operations_after: tuple[Operation, ...]  #: repairs that only the second has
    n_exam_before: int
    n_exam_after: int
    n_exam_kept: int  #: rows that examine in both
    n_moved: int  #: rows in use in both that changed sides: practice, check-up or exam
    findings_gone: tuple[tuple[str, str], ...]  #: code and file
    findings_new: tuple[tuple[str, str], ...]
