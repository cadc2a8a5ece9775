"""From records of any source to one table file: header, column names, row numbers, and what did not fit.

Columns of the file are named "0", "1", .. and "row" (1-based, as a spreadsheet shows it); names travel beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.parsing.layout import SAMPLE_RECORDS, guess_header_row, name_columns
from core.domain.message import msg
from core.errors import UnreadableFile

MAX_COLUMNS = 10_000
MAX_LISTED = 100
N_PREVIEW = 50
N_SAMPLE = 2_000
MAX_RAGGED_RATIO = 0.2

Records = list[list[str]]


@dataclass(slots=True, kw_only=True)
class Assembled:
    """What is known about a table once every record went by."""

    header_row: int
    names: tuple[str, ...] = ()
    kept: tuple[int, ...] = ()  #: positions of the columns that are no empty, nameless padding
    n_rows: int = 0
    sample: Records = field(default_factory=list)  #: first rows, for the preview and the column guess
    blank_rows: list[int] = field(default_factory=list)
    n_blank: int = 0
    long_rows: dict[int, int] = field(default_factory=dict)  #: row -> cells, where there are more than columns
    short_rows: dict[int, int] = field(default_factory=dict)  #: row -> cells, where there are fewer


def assemble(
    chunks: Iterator[Records],
    *,
    filename: str,
    header_row: int | None,
    rectangular: bool,
    delimiter: str,
    out_path: Path | None,
) -> Assembled:
    """Write the table to `out_path` (Arrow IPC; None: only look) and return what is known about it.

    `rectangular` sources (Excel) pad their rows; in the others a row with another number of cells is noted.

    Raises:
        UnreadableFile: no header, no rows below it, too many columns, or too many rows do not fit the header.
    """
    first = next(chunks, [])
    if header_row is None:
        header_row = guess_header_row(first[:SAMPLE_RECORDS])
    if not any(cell.strip() for record in first for cell in record):
        raise UnreadableFile(
            msg("{filename} has no rows.", filename=filename), hint=msg("Export it again and check that it has rows.")
        )
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
    table = _Table(header_row, name_columns(header, n_columns), delimiter, out_path)
    row = header_row + 1
    records = first[header_row:]
    del first
    try:
        while records:
            table.add(records, row, rectangular)
            row += len(records)
            records = next(chunks, [])
    finally:
        table.close()
    result = table.result([cell.strip() for cell in header])
    if result.n_rows == 0:
        raise UnreadableFile(
            msg("{filename} has column names but no rows below them.", filename=filename),
            hint=msg("Export it again and check that it has rows."),
        )
    if len(result.long_rows) > MAX_RAGGED_RATIO * result.n_rows:
        number, n_cells = next(iter(result.long_rows.items()))
        raise UnreadableFile(
            msg(
                "Row {row} of {filename} has {n_cells} cells, but there are {n_columns} columns.",
                row=number,
                filename=filename,
                n_cells=n_cells,
                n_columns=n_columns,
            ),
            hint=msg("Put quotation marks around texts that contain the separator, or save the table as .xlsx."),
        )
    return result


def _n_columns(header: list[str], first: Records, rectangular: bool) -> int:
    if header and not rectangular:
        return len(header)
    return max(
        (max((index + 1 for index, cell in enumerate(record) if cell.strip()), default=0) for record in first),
        default=0,
    )


class _Table:
    """Collects chunks of records as Arrow batches."""

    def __init__(self, header_row: int, names: tuple[str, ...], delimiter: str, out_path: Path | None) -> None:
        self.known = Assembled(header_row=header_row, names=names)
        self.n_columns = len(names)
        self.delimiter = delimiter
        self.filled = np.zeros(self.n_columns, dtype=bool)
        self.schema = pa.schema(
            [(str(index), pa.large_string()) for index in range(self.n_columns)] + [("row", pa.int32())]
        )
        self.writer = pa.ipc.new_file(out_path, self.schema) if out_path else None

    def add(self, records: Records, first_row: int, rectangular: bool) -> None:
        n = self.n_columns
        if set(map(len, records)) != {n}:
            for offset, record in enumerate(records):
                if len(record) != n:
                    self._fit(record, first_row + offset, rectangular)
        columns = [pa.array(column, pa.large_string()) for column in zip(*records, strict=True)]
        rows = np.arange(first_row, first_row + len(records), dtype=np.int32)
        blank = self._blank(columns)
        if blank is not None:
            self.known.n_blank += int(blank.sum())
            self.known.blank_rows += rows[blank][: MAX_LISTED - len(self.known.blank_rows)].tolist()
            keep = pa.array(~blank)
            columns, rows = [column.filter(keep) for column in columns], rows[~blank]
            records = [record for record, skip in zip(records[: 2 * N_SAMPLE], blank, strict=False) if not skip]
        self.known.n_rows += len(rows)
        if len(self.known.sample) < N_SAMPLE:
            self.known.sample += records[: N_SAMPLE - len(self.known.sample)]
        if self.writer and len(rows):
            self.writer.write_batch(pa.record_batch([*columns, pa.array(rows)], schema=self.schema))

    def _fit(self, record: list[str], row: int, rectangular: bool) -> None:
        """Make one record as wide as the header, in place; nothing of it gets lost."""
        n, width = self.n_columns, len(record)
        while len(record) > n and not record[-1].strip():
            record.pop()
        if len(record) > n:
            self.known.long_rows[row] = width
            record[n - 1 :] = [(self.delimiter or " ").join(record[n - 1 :])]
        elif len(record) < n:
            if any(record) and not rectangular:
                self.known.short_rows[row] = width
            record.extend([""] * (n - len(record)))

    def _blank(self, columns: list[Any]) -> "np.ndarray[Any, np.dtype[np.bool_]] | None":
        """Which rows are blank in every cell; None when there are none. Also learns which columns are filled."""
        blank = None
        for index, column in enumerate(columns):
            if blank is not None and not blank.any() and self.filled[index]:
                continue
            empty = pc.equal(pc.utf8_trim_whitespace(column), "").to_numpy(zero_copy_only=False)
            self.filled[index] |= not empty.all()
            blank = empty if blank is None else blank & empty
        return blank if blank is not None and blank.any() else None

    def close(self) -> None:
        if self.writer:
            self.writer.close()

    def result(self, header: list[str]) -> Assembled:
        named = [index < len(header) and bool(header[index]) for index in range(self.n_columns)]
        self.known.kept = tuple(index for index in range(self.n_columns) if named[index] or self.filled[index])
        self.known.names = tuple(self.known.names[index] for index in self.known.kept)
        self.known.sample = [[record[index] for index in self.known.kept] for record in self.known.sample]
        return self.known
