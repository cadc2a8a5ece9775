"""What every operation works on and gives back. Knows no check, so that checks may offer operations."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.comparing import CHUNK_ROWS, text_keys
from core.datasets.hashing import Codes, Mask
from core.datasets.several import in_known_order
from core.datasets.taking import take_rows
from core.domain.dataset import Finding, TableFormat, Upload
from core.domain.message import Message
from core.domain.pairs import in_halves
from core.domain.repair import Effect
from core.domain.several import categories_of, label_of

if TYPE_CHECKING:
    from core.datasets.label_reading import LabelSource
    from core.datasets.reading import RawTable

BY_TEXT = "text"  #: in `rows.by` of an operation for another file
REMOVED, NONE_OF_THESE = "removed", "none_of_these"  #: why an operation took a row out of use; see rows.REASONS


@dataclass(slots=True, kw_only=True)
class FileTable:
    """Text and label of every row of one file while operations change them."""

    file: str  #: "practice" or "exam"
    rows: "np.ndarray[Any, np.dtype[np.int32]]"  #: row numbers; those of appended files go on counting
    texts: pa.ChunkedArray
    label_codes: Codes  #: position in `WorkingTable.label_names`; -1 for a blank label
    ragged: Mask  #: rows whose cells do not fit the header
    unclear: Mask | None = None  #: rows with a cell that says neither yes nor no, where categories are 0/1 columns
    unclear_cells: tuple[str, ...] = ()  #: what such cells say
    n_blank: int = 0  #: rows that are blank in every cell, which are not among `rows`
    blank_rows: tuple[int, ...] = ()  #: the first of them
    reasons: "np.ndarray[Any, np.dtype[np.int16]]" = field(init=False)  #: 0 in use, else `reason_names` + 1
    n_own: int = field(init=False)  #: rows of the upload itself; those after them were appended
    as_uploaded: pa.ChunkedArray = field(init=False)  #: the texts before any operation
    _keyed: tuple[pa.ChunkedArray, Codes] | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        self.reasons = np.zeros(len(self.rows), dtype=np.int16)
        self.n_own = len(self.rows)
        self.as_uploaded = self.texts

    @property
    def used(self) -> Mask:
        used: Mask = np.equal(self.reasons, 0)
        return used

    @property
    def teachable(self) -> Mask:
        """Rows in use that have a text, a category and all their cells: the checks will not set them aside for that."""
        blank = pc.equal(pc.utf8_trim_whitespace(self.texts), "").to_numpy()
        teachable: Mask = self.used & (self.label_codes >= 0) & ~self.ragged & ~blank
        return teachable

    def text_keys(self) -> Codes:
        """`core.datasets.comparing.text_keys` of all texts as numbers; computed once as long as no text changes."""
        if self._keyed is None or self._keyed[0] is not self.texts:
            keys = np.empty(len(self.texts), dtype=np.int64)
            for start in range(0, len(keys), CHUNK_ROWS):
                part = self.texts.slice(start, CHUNK_ROWS).to_pylist()
                keys[start : start + len(part)] = _numbers(text_keys(part))
            self._keyed = (self.texts, keys)
        return self._keyed[1]


@dataclass(slots=True, kw_only=True)
class WorkingTable:
    """Both files under repair. Operations change it in place; rows never leave it, they are taken out of use."""

    practice: FileTable
    exam: FileTable | None
    label_names: list[str]  #: shared by both files; a name no row has any more may stay
    reason_names: list[str] = field(default_factory=list)
    of_pairs: bool = False  #: whether a text is a pair of texts
    #: of rows with several categories at once: every single one, in the order in which labels list them; else None
    order: dict[str, int] | None = None

    @property
    def files(self) -> tuple[FileTable, ...]:
        return (self.practice, self.exam) if self.exam else (self.practice,)

    def code_of(self, label: str) -> int:
        """The code of a category, which is added if it is new; -1 for a blank one."""
        return int(self.codes_of([label])[0])

    def codes_of(self, labels: Sequence[str]) -> Codes:
        """The same for many: one pass over the names, however many there are."""
        wanted = [label.strip() for label in labels]
        known = dict.fromkeys(wanted, -1) | {"": -1}
        for code, name in enumerate(self.label_names):
            if name in known:
                known[name] = code
        for name in known:
            if name and known[name] < 0:
                known[name] = len(self.label_names)
                self.label_names.append(name)
        return np.array([known[name] for name in wanted], dtype=np.int64)

    def rows_of(self, file: FileTable, labels: Sequence[str]) -> Mask:
        """The rows that have any of these categories, or none where "|" is among them; names that no row has are passed over."""
        wanted = {label.strip() for label in labels}
        codes = [
            code
            for code, name in enumerate(self.label_names)
            if name in wanted or not wanted.isdisjoint(self.categories_in(name))
        ]
        found: Mask = np.isin(file.label_codes, codes)
        return found

    def categories_in(self, label: str) -> tuple[str, ...]:
        """The single categories of a row's label."""
        return (label,) if self.order is None else categories_of(label)

    def settle(self) -> None:
        """Where rows have several categories: give equal sets one code, and list each in the same order."""
        if self.order is None:
            return
        settled = [in_known_order(label, self.order) for label in self.label_names]
        names = list(dict.fromkeys(label for label in settled if label))
        code = {name: place for place, name in enumerate(names)} | {"": -1}
        codes = np.array([code[label] for label in settled] + [-1], dtype=np.int64)  # -1 picks the last one: blank
        for file in self.files:
            file.label_codes = codes[file.label_codes]
        self.label_names[:] = names

    def remove(self, file: FileTable, mask: Mask, reason: str) -> int:
        """Take the rows in `mask` that are in use out of it; returns how many those are."""
        taken = mask & file.used
        n_taken = int(taken.sum())
        if n_taken and reason not in self.reason_names:
            self.reason_names.append(reason)
        if n_taken:
            file.reasons[taken] = self.reason_names.index(reason) + 1
        return n_taken

    def relabel(self, file: FileTable, mask: Mask, label: str) -> int:
        """Give the rows in `mask` that are in use a category; returns how many had another one."""
        return self.relabel_each(file, mask, np.int64(self.code_of(label)))

    def relabel_each(self, file: FileTable, mask: Mask, codes: "Codes | np.int64") -> int:
        """The same with a code for each row of the file."""
        changed = mask & file.used & (file.label_codes != codes)
        file.label_codes = np.where(changed, codes, file.label_codes)
        return int(changed.sum())

    def rename(self, names: Mapping[str, str]) -> int:
        """Give all rows in use of some categories the name that `names` has for it; a blank one blanks them.

        Of several categories a row keeps the others; it is blank when none is left.
        """
        if self.order is None:
            return self.rename_labels(names)

        def renamed(label: str) -> str:
            parts = [part for name in categories_of(label) if (part := names.get(name, name).strip())]
            return label_of(parts) if parts else ""

        named = [label for label in self.label_names if not names.keys().isdisjoint(categories_of(label))]
        return self.rename_labels({label: renamed(label) for label in named})

    def rename_labels(self, names: Mapping[str, str]) -> int:
        """The same with the whole labels of rows."""
        old = [code for code, name in enumerate(self.label_names) if name in names]
        if not old:
            return 0
        new = self.codes_of([names[self.label_names[code]] for code in old])
        renamed = np.arange(-1, len(self.label_names))  # the code of a blank label is -1, so all stand one further
        renamed[np.array(old) + 1] = new
        everywhere = [np.ones(len(file.rows), dtype=bool) for file in self.files]
        return sum(
            self.relabel_each(file, mask, renamed[file.label_codes + 1])
            for file, mask in zip(self.files, everywhere, strict=True)
        )

    def rewrite(self, file: FileTable, mask: Mask, rewrite: Callable[[str], str]) -> int:
        """Rewrite the texts in `mask` that are in use, of a pair each of both; returns how many came out different.

        `rewrite` is called for each of them: leave out of `mask` what a vectorized look can tell will not change.
        """
        of_one = in_halves(rewrite) if self.of_pairs else rewrite
        return self.rewrite_each(file, mask, lambda texts, _rows: [of_one(text) for text in texts])

    def rewrite_each(self, file: FileTable, mask: Mask, rewrite: Callable[[list[str], Codes], list[str]]) -> int:
        """The same for a `rewrite` that takes some texts and their places in the file."""
        wanted = np.flatnonzero(mask & file.used)
        if not len(wanted):
            return 0
        chunks: list[pa.Array] = []
        n_changed = start = 0
        for chunk in _pieces(file.texts):
            rows = wanted[slice(*np.searchsorted(wanted, (start, start + len(chunk))))]
            before = chunk.take(pa.array(rows - start)).to_pylist()
            after = rewrite(before, rows) if before else []
            differs = np.array([old != new for old, new in zip(before, after, strict=True)], dtype=bool)
            if differs.any():
                places = np.zeros(len(chunk), dtype=bool)
                places[(rows - start)[differs]] = True
                new = pa.array([text for text, wins in zip(after, differs, strict=True) if wins], pa.large_string())
                n_changed += len(new)
                chunks.append(pc.replace_with_mask(chunk, pa.array(places), new))
            else:
                chunks.append(chunk)
            start += len(chunk)
        if n_changed:
            file.texts = pa.chunked_array(chunks, pa.large_string())
        return n_changed


def _pieces(texts: pa.ChunkedArray) -> Iterator[pa.Array]:
    """Its chunks, in pieces small enough to hold as Python strings."""
    for chunk in texts.chunks:
        for start in range(0, len(chunk), CHUNK_ROWS):
            yield chunk.slice(start, CHUNK_ROWS)


def _numbers(keys: Sequence[str]) -> Codes:
    return np.array([int(key, 16) for key in keys], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an operation may need beside the table."""

    text_columns: tuple[str, ...]
    labels: "LabelSource"  #: which columns say what a text is
    open_table: Callable[[Upload, TableFormat], "AbstractContextManager[RawTable]"]  #: reads a kept upload
    notices: list[Finding] = field(default_factory=list)  #: what reading those had to guess, mend or leave out


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


class SomeRows(Protocol):
    """The rows of a file, under repair or under check."""

    @property
    def file(self) -> str: ...

    @property
    def rows(self) -> "np.ndarray[Any, np.dtype[np.int32]]": ...

    @property
    def texts(self) -> pa.ChunkedArray: ...


def row_refs(file: SomeRows, mask: Mask) -> dict[str, Any]:
    """The rows in `mask` as JSON: their numbers, and keys of their texts by which they are found in another file."""
    texts = take_rows(file.texts, np.flatnonzero(mask))
    return refs_of(file.file, file.rows[mask].tolist(), texts.to_pylist())


def refs_of(file: str, rows: Sequence[int], texts: Sequence[str]) -> dict[str, Any]:
    """The same from numbers and texts, e.g. of rows that a person marked."""
    return {"file": file, "rows": list(rows), "keys": text_keys(texts)}


def find_rows(table: WorkingTable, refs: Mapping[str, Any]) -> list[tuple[FileTable, Mask]]:
    """Where the rows of `row_refs` are now.

    On the table they were taken from the number decides, also where another repair rewrote the text. Rows that were
    appended may count from elsewhere once a file before them is no longer added: there number and text must agree,
    else the text decides. On another file (`by_text`) it is every row with one of the texts, blank ones apart.
    """
    keys = _numbers(refs["keys"])
    file = next((file for file in table.files if file.file == refs["file"]), None)
    if file is None or refs.get("by") == BY_TEXT:
        keys = keys[keys != _numbers(text_keys([""]))[0]]
        return [(file, np.isin(file.text_keys(), keys)) for file in table.files]
    numbers = np.array(refs["rows"], dtype=np.int64)
    found = np.isin(file.rows, numbers)
    if found[file.n_own :].any() or (len(file.rows) > file.n_own and found.sum() < len(numbers)):
        _confirm_appended(file, found, dict(zip(refs["rows"], keys.tolist(), strict=True)))
    return [(file, found)]


def _confirm_appended(file: FileTable, found: Mask, wanted: dict[int, int]) -> None:
    """Settle which of the appended rows are `wanted` (row number -> key of its text), in place."""
    settled = set(file.rows[: file.n_own][found[: file.n_own]].tolist())
    keys = file.text_keys()
    for place in np.flatnonzero(found[file.n_own :]) + file.n_own:
        row = int(file.rows[place])
        if wanted[row] == keys[place]:
            settled.add(row)
        else:
            found[place] = False
    lost = [key for row, key in wanted.items() if row not in settled]
    found[file.n_own :] |= np.isin(keys[file.n_own :], lost)


def by_text(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """`params` for another file: rows are found by their texts there, not by their numbers."""
    return {**params, "rows": {**params["rows"], "by": BY_TEXT}} if isinstance(params.get("rows"), dict) else params


def ragged_rows(raw: "RawTable", columns: Sequence[str]) -> Mask:
    """Rows with more cells than columns, and those too short to reach every one of `columns`."""
    reach = max(raw.position(column) for column in columns)
    ragged = [*raw.long_rows, *(row for row, n_cells in raw.short_rows.items() if n_cells <= reach)]
    mask: Mask = np.isin(raw.columns.column("row").to_numpy(), ragged)
    return mask
