"""From records of any source to one table file: header, column names, row numbers, and what did not fit.

Columns of the file are named "0", "1", .., then "row" (1-based, as a spreadsheet shows it) and "cells" (how many cells the
row had where they did not fit the columns, else 0); names travel beside it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.parsing.distinct import DistinctValues
from core.datasets.parsing.layout import (
    SAMPLE_RECORDS,
    guess_header_row,
    guess_joined_column,
    name_columns,
    split_fullwidth,
)
from core.datasets.parsing.source import Chunk, Records, Source
from core.domain.message import msg
from core.errors import UnreadableFile

MAX_COLUMNS = 10_000
MAX_LISTED = 100
N_PREVIEW = 50
N_SAMPLE = 2_000
N_LAST = 3
HUGE_CELL_BYTES = 100_000
ROW, CELLS = "row", "cells"

Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]
Rows: TypeAlias = np.ndarray[Any, np.dtype[np.int32]]
#: Which cells of a column are worth a notice.
Watch: TypeAlias = Callable[[pa.Array], pa.Array]


@dataclass(slots=True)
class RowList:
    """Some rows of a table: how many, and the numbers of the first."""

    n: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, rows: Sequence[int]) -> None:
        self.n += len(rows)
        self.first += rows[: MAX_LISTED - len(self.first)]

    def append(self, other: "RowList") -> None:
        self.n += other.n
        self.first += other.first[: MAX_LISTED - len(self.first)]


@dataclass(slots=True, kw_only=True)
class Assembled:
    """What is known about a table once every record went by."""

    header_row: int
    guessed_header_row: int
    joined_column: int  #: 1-based column that takes surplus cells; 0: none does
    guessed_joined_column: int
    fullwidth_header: bool  #: the column names were separated by ，
    above: Records  #: what stands above the column names
    header: tuple[str, ...]  #: the cells of the header row, outer space removed
    names: tuple[str, ...] = ()
    kept: tuple[int, ...] = ()  #: positions of the columns that are no empty, nameless padding
    n_columns: int = 0  #: padding included
    n_rows: int = 0
    sample: Records = field(default_factory=list)  #: first rows, for the preview and the column guess
    values: list[Collection[str] | None] = field(default_factory=list)  #: every value of each column; None: too many
    last: list[tuple[int, list[str]]] = field(default_factory=list)  #: the last rows with their numbers
    blank_rows: RowList = field(default_factory=RowList)
    long_rows: RowList = field(default_factory=RowList)  #: more cells than columns
    short_rows: RowList = field(default_factory=RowList)  #: fewer cells
    joined_rows: RowList = field(default_factory=RowList)  #: more cells, joined into `joined_column`
    watched: dict[str, RowList] = field(default_factory=dict)  #: rows in which a watch found a cell


def assemble(
    source: Source,
    *,
    filename: str,
    header_row: int | None,
    joined_column: int | None = None,
    rectangular: bool,
    delimiter: str,
    out_path: Path | None,
    watches: Mapping[str, Watch],
) -> Assembled:
    """Write the table to `out_path` (Arrow IPC; None: only look) and return what is known about it.

    `rectangular` sources (Excel) pad their rows; in the others a row with another number of cells is noted.

    Raises:
        UnreadableFile: no header, no rows below it, or too many columns.
    """
    first = source.first()
    if not any(cell.strip() for record in first for cell in record):
        raise UnreadableFile(
            msg("{filename} has no rows.", filename=filename), hint=msg("Export it again and check that it has rows.")
        )
    split_header = None if rectangular else split_fullwidth(first[:SAMPLE_RECORDS])
    if split_header:
        first[split_header[0] - 1] = split_header[1]
    guessed_header_row = guess_header_row(first[:SAMPLE_RECORDS])
    header_row = guessed_header_row if header_row is None else header_row
    if header_row > len(first):
        raise UnreadableFile(
            msg("{filename} has no row {row} that could hold the column names.", filename=filename, row=header_row),
            hint=msg("Choose a smaller row number for the column names."),
        )
    header = first[header_row - 1] if header_row else []
    n_columns = _n_columns(header, first, rectangular)
    if n_columns > MAX_COLUMNS:
        raise UnreadableFile(
            msg(
                "{filename} has {n} columns; {limit} are the limit.", filename=filename, n=n_columns, limit=MAX_COLUMNS
            ),
            hint=msg("Remove columns that are not needed, or split the file."),
        )
    guessed_join = 0 if rectangular else guess_joined_column(first[header_row : header_row + SAMPLE_RECORDS], header)
    known = Assembled(
        header_row=header_row,
        guessed_header_row=guessed_header_row,
        joined_column=guessed_join if joined_column is None else min(joined_column, n_columns),
        guessed_joined_column=guessed_join,
        fullwidth_header=bool(split_header) and header_row == (split_header or (0,))[0],
        above=first[: max(header_row - 1, 0)],
        header=tuple(cell.strip() for cell in header),
        names=name_columns(header, n_columns),
        n_columns=n_columns,
    )
    table = _Table(known, delimiter, out_path, watches, rectangular)
    records = first[header_row:]
    del first
    try:
        if records:
            table.add(records)
            del records
        for chunk in source.rest(n_columns):
            table.add(chunk)
    finally:
        table.close()
    if known.n_rows == 0:
        raise UnreadableFile(
            msg("{filename} has column names but no rows below them.", filename=filename),
            hint=msg("Export it again and check that it has rows."),
        )
    return table.result()


def _n_columns(header: list[str], first: Records, rectangular: bool) -> int:
    if header and not rectangular:
        return len(header)
    widths = [max((index + 1 for index, cell in enumerate(record) if cell.strip()), default=0) for record in first]
    if rectangular:
        return max(widths, default=0)
    usual = Counter(width for width in map(len, first) if width).most_common(1)
    return usual[0][0] if usual else max(widths, default=0)


def _is_huge(column: pa.Array) -> pa.Array:
    return pc.greater(pc.binary_length(column), HUGE_CELL_BYTES)


class _Table:
    """Collects chunks of records as Arrow batches."""

    def __init__(
        self, known: Assembled, delimiter: str, out_path: Path | None, watches: Mapping[str, Watch], rectangular: bool
    ) -> None:
        self.known = known
        self.row = known.header_row + 1
        self.n_columns = len(known.names)
        self.delimiter = delimiter
        self.rectangular = rectangular
        self.trailing = RowList()  # blank rows that no other row followed so far
        self.watches: dict[str, Watch] = {**watches, "huge_cell": _is_huge}
        self.filled = np.zeros(self.n_columns, dtype=bool)
        self.distinct = DistinctValues(self.n_columns)
        self.schema = pa.schema(
            [(str(index), pa.large_string()) for index in range(self.n_columns)]
            + [(ROW, pa.int32()), (CELLS, pa.int32())]
        )
        self.writer = pa.ipc.new_file(out_path, self.schema) if out_path else None

    def add(self, chunk: Chunk) -> None:
        n_chunk = len(chunk)
        cells = np.zeros(n_chunk, dtype=np.int32)
        if isinstance(chunk, pa.RecordBatch):
            columns = chunk.columns
        else:
            if set(map(len, chunk)) != {self.n_columns}:
                for offset, record in enumerate(chunk):
                    if len(record) != self.n_columns:
                        cells[offset] = self._fit(record, self.row + offset)
            columns = [pa.array(column, pa.large_string()) for column in zip(*chunk, strict=True)]
        rows = np.arange(self.row, self.row + n_chunk, dtype=np.int32)
        self.row += n_chunk
        blank = self._blank(columns)
        if blank is not None:
            self._note_blank(rows, blank)
        elif self.trailing.n:
            self.known.blank_rows.append(self.trailing)
            self.trailing = RowList()
        if blank is not None:
            keep = pa.array(~blank)
            columns, rows, cells = [column.filter(keep) for column in columns], rows[~blank], cells[~blank]
        if not len(rows):
            return
        self.known.n_rows += len(rows)
        self._look(columns, rows)
        if self.writer:
            self.writer.write_batch(pa.record_batch([*columns, pa.array(rows), pa.array(cells)], schema=self.schema))

    def _fit(self, record: list[str], row: int) -> int:
        """Make one record as wide as the header, in place; nothing of it gets lost. Returns its width if that is odd."""
        n, width = self.n_columns, len(record)
        while len(record) > n and not record[-1].strip():
            record.pop()
        if len(record) > n:
            at = self.known.joined_column
            (self.known.joined_rows if at else self.known.long_rows).add([row])
            start = (at or n) - 1
            stop = start + 1 + len(record) - n
            record[start:stop] = [(self.delimiter or " ").join(record[start:stop])]
            return 0 if at else width
        if len(record) < n:
            odd = not self.rectangular and any(cell.strip() for cell in record)
            if odd:
                self.known.short_rows.add([row])
            record.extend([""] * (n - len(record)))
            return width if odd else 0
        return 0

    def _blank(self, columns: list[Any]) -> Mask | None:
        """Which rows are blank in every cell; None when there are none. Also learns which columns are filled."""
        blank = None
        for index, column in enumerate(columns):
            if blank is not None and not blank.any() and self.filled[index]:
                continue
            empty = pc.or_(pc.equal(pc.binary_length(column), 0), pc.utf8_is_space(column))
            empty = empty.to_numpy(zero_copy_only=False)
            self.filled[index] |= not empty.all()
            blank = empty if blank is None else blank & empty
        return blank if blank is not None and blank.any() else None

    def _look(self, columns: list[Any], rows: Rows) -> None:
        """Remember first and last rows, the values that repeat, and the rows with cells that are worth a notice."""
        if len(self.known.sample) < N_SAMPLE:
            start = [column.slice(0, N_SAMPLE - len(self.known.sample)).to_pylist() for column in columns]
            self.known.sample += [list(record) for record in zip(*start, strict=True)]
        self.distinct.add(columns)
        end = [column.slice(max(len(rows) - N_LAST, 0)).to_pylist() for column in columns]
        last = zip(rows[-N_LAST:].tolist(), map(list, zip(*end, strict=True)), strict=True)
        self.known.last = [*self.known.last, *last][-N_LAST:]
        for code, watch in self.watches.items():
            found = np.zeros(len(rows), dtype=bool)
            for column in columns:
                found |= watch(column).to_numpy(zero_copy_only=False)
            if found.any():
                self.known.watched.setdefault(code, RowList()).add(rows[found].tolist())

    def _note_blank(self, rows: Rows, blank: Mask) -> None:
        """Blank rows below the last example of a sheet are no rows of its table; a text file has them written out."""
        filled = np.flatnonzero(~blank)
        if self.rectangular:
            end = int(filled[-1]) if len(filled) else 0
            if len(filled):
                self.known.blank_rows.append(self.trailing)
                self.trailing = RowList()
            self.trailing.add(rows[end:][blank[end:]].tolist())
            rows, blank = rows[:end], blank[:end]
        self.known.blank_rows.add(rows[blank].tolist())

    def close(self) -> None:
        if self.writer:
            self.writer.close()

    def result(self) -> Assembled:
        known = self.known
        named = [index < len(known.header) and bool(known.header[index]) for index in range(self.n_columns)]
        known.kept = tuple(index for index in range(self.n_columns) if named[index] or self.filled[index])
        known.names = tuple(known.names[index] for index in known.kept)
        known.values = self.distinct.of(known.kept)
        known.sample = [[record[index] for index in known.kept] for record in known.sample]
        known.last = [(row, [record[index] for index in known.kept]) for row, record in known.last]
        return known
