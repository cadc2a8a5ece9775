"""What every operation works on and gives back."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa

from core.datasets.comparing import Codes, text_keys
from core.datasets.findings.base import Mask
from core.domain.dataset import TableFormat, Upload
from core.domain.message import Message, msg
from core.domain.repair import Effect
from core.errors import BadData

if TYPE_CHECKING:
    from core.datasets.reading import RawTable

REMOVED, NONE_OF_THESE = "removed", "none_of_these"  #: why an operation took a row out of use; see rows.REASONS


@dataclass(slots=True, kw_only=True)
class FileTable:
    """Text and label of every row of one file while operations change them."""

    file: str  #: "practice" or "exam"
    rows: "np.ndarray[Any, np.dtype[np.int32]]"  #: row numbers; those of appended files go on counting
    texts: pa.ChunkedArray
    label_codes: Codes  #: position in `WorkingTable.label_names`; -1 for a blank label
    ragged: Mask  #: rows whose cells do not fit the header
    reasons: "np.ndarray[Any, np.dtype[np.int16]]" = field(init=False)  #: 0 in use, else `reason_names` + 1

    def __post_init__(self) -> None:
        self.reasons = np.zeros(len(self.rows), dtype=np.int16)

    @property
    def used(self) -> Mask:
        used: Mask = np.equal(self.reasons, 0)
        return used


@dataclass(slots=True, kw_only=True)
class WorkingTable:
    """Both files under repair. Operations change it in place; rows never leave it, they are taken out of use."""

    practice: FileTable
    exam: FileTable | None
    label_names: list[str]  #: shared by both files; a name no row has any more may stay
    reason_names: list[str] = field(default_factory=list)

    @property
    def files(self) -> tuple[FileTable, ...]:
        return (self.practice, self.exam) if self.exam else (self.practice,)

    def code_of(self, label: str) -> int:
        """The code of a category, which is added if it is new; -1 for a blank one."""
        label = label.strip()
        if not label:
            return -1
        if label not in self.label_names:
            self.label_names.append(label)
        return self.label_names.index(label)

    def remove(self, file: FileTable, mask: Mask, reason: str) -> int:
        """Take the rows in `mask` that are in use out of it; returns how many those are."""
        if reason not in self.reason_names:
            self.reason_names.append(reason)
        taken = mask & file.used
        file.reasons[taken] = self.reason_names.index(reason) + 1
        return int(taken.sum())

    def relabel(self, file: FileTable, mask: Mask, label: str) -> int:
        """Give the rows in `mask` that are in use a category; returns how many had another one."""
        code = self.code_of(label)
        changed = mask & file.used & (file.label_codes != code)
        file.label_codes = np.where(changed, code, file.label_codes)
        return int(changed.sum())

    def rewrite(self, file: FileTable, mask: Mask, rewrite: Callable[[str], str]) -> int:
        """Rewrite the texts in `mask` that are in use; returns how many came out different."""
        wanted = np.flatnonzero(mask & file.used)
        if not len(wanted):
            return 0
        before = file.texts.take(pa.array(wanted)).to_pylist()
        after = [rewrite(text) for text in before]
        changed = np.array([old != new for old, new in zip(before, after, strict=True)], dtype=bool)
        if changed.any():
            mended = np.zeros(len(file.rows), dtype=bool)
            mended[wanted[changed]] = True
            texts = pa.array([new for new, differs in zip(after, changed, strict=True) if differs], pa.large_string())
            import pyarrow.compute as pc

            file.texts = pa.chunked_array([pc.replace_with_mask(file.texts.combine_chunks(), pa.array(mended), texts)])
        return int(changed.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an operation may need beside the table."""

    text_columns: tuple[str, ...]
    label_column: str
    open_table: Callable[[Upload, TableFormat], "AbstractContextManager[RawTable]"]  #: reads a kept upload


class OperationKind(Protocol):
    """One kind of repair: a rule that gives the same result on the same table every time."""

    @property
    def name(self) -> str:
        """Stored in datasets and exported lists; stays for ever."""
        ...

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise BadData when `params` (perhaps from a file) are not what `apply` needs."""
        ...

    def title(self, params: Mapping[str, Any]) -> Message:
        """What it does, in words: "Merge “退款 ” into “退款”"."""
        ...

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect: ...


def row_refs(file: FileTable, mask: Mask) -> dict[str, Any]:
    """The rows in `mask` as JSON: their numbers, and keys of their texts by which they are found in another file."""
    texts = file.texts.take(pa.array(np.flatnonzero(mask)))
    return {"file": file.file, "rows": file.rows[mask].tolist(), "keys": text_keys(texts.to_pylist())}


def find_rows(table: WorkingTable, refs: Mapping[str, Any]) -> list[tuple[FileTable, Mask]]:
    """Where the rows of `row_refs` are now: row by row where number and text agree, elsewhere by the text alone.

    On the table they were taken from, that is exactly those rows, as long as no earlier operation rewrote their texts;
    then their numbers decide. On another file it is every row with one of the texts.
    """
    wanted = dict(zip(refs["rows"], refs["keys"], strict=True))
    same_file = next((file for file in table.files if file.file == refs["file"]), None)
    if same_file is not None and refs.get("by", "row") == "row":
        return [(same_file, np.isin(same_file.rows, list(wanted)))]
    keys = set(refs["keys"])
    return [
        (file, np.array([key in keys for key in text_keys(file.texts.to_pylist())], dtype=bool)) for file in table.files
    ]


def need(values: Mapping[str, Any], /, **kinds: type | tuple[type, ...]) -> None:
    """Check that `values` has values of these kinds.

    Raises:
        BadData: one is missing or of another kind.
    """
    for name, kind in kinds.items():
        if not isinstance(values.get(name), kind) or (kind is int and isinstance(values[name], bool)):
            raise BadData(
                msg("This repair needs a value for “{name}”.", name=name),
                hint=msg("Use a list of repairs that Tunedesk exported, unchanged."),
            )


def need_refs(params: Mapping[str, Any]) -> None:
    """Check that `params["rows"]` is what `row_refs` gives."""
    need(params, rows=dict)
    refs = params["rows"]
    need(refs, file=str, rows=list, keys=list)
    if len(refs["rows"]) != len(refs["keys"]):
        raise BadData(
            msg("This repair needs a value for “{name}”.", name="keys"),
            hint=msg("Use a list of repairs that Tunedesk exported, unchanged."),
        )


def by_text(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """`params` for another file: rows are found by their texts there, not by their numbers."""
    return {**params, "rows": {**params["rows"], "by": "text"}} if isinstance(params.get("rows"), dict) else params


def names_of(params: Mapping[str, Any], name: str) -> Sequence[str]:
    names: Sequence[str] = params[name]
    return names
