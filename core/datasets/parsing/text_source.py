"""The records of a UTF-8 text table, region by region: quickly through pyarrow where that provably gives the same cells as
the csv module in strict mode, through the csv module everywhere else.

A region starts and ends at the border of a record. Both parsers agree on it when every quotation mark opens a cell, closes
one, or is doubled inside one, when lines end in LF or CRLF, and when all records have the same number of cells.
"""

import csv
import io
import mmap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from core.datasets.parsing.layout import NO_SEPARATOR
from core.datasets.parsing.source import Chunk, Records

FIRST_BYTES = 1 << 20
SLOW_BYTES = 4 << 20
FAST_BYTES = 8 << 20
MAX_REGION_BYTES = 512 << 20
MAX_CELL_CHARS = 128 << 20  # an unclosed quote would otherwise swallow any file into one cell
MAX_FAST_COLUMNS = 500
QUOTE, LF, CR = ord('"'), ord("\n"), ord("\r")
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How cells are enclosed."""

    name: str
    quoting: int = csv.QUOTE_MINIMAL
    escape: str | None = None
    rewrite: Callable[[str, str], str] | None = None  #: makes other marks ordinary; told the text and the delimiter

    @property
    def is_plain(self) -> bool:
        return self.escape is None and self.rewrite is None

    def options(self, delimiter: str) -> dict[str, Any]:
        return {
            "delimiter": delimiter or NO_SEPARATOR,
            "strict": True,
            "quoting": self.quoting,
            "escapechar": self.escape,
        }


class TextSource:
    """Records between `start` and `end` of a UTF-8 file. `first` comes before `rest`."""

    def __init__(
        self, path: Path, start: int, end: int, delimiter: str, dialect: Dialect, *, fast: bool = True
    ) -> None:
        self.file = path.open("rb")
        self.bytes = mmap.mmap(self.file.fileno(), 0, access=mmap.ACCESS_READ)
        self.offset, self.end = start, end
        self.delimiter, self.dialect = delimiter, dialect
        self.fast = fast and dialect.is_plain and len((delimiter or NO_SEPARATOR).encode()) == 1
        csv.field_size_limit(MAX_CELL_CHARS)

    def close(self) -> None:
        self.bytes.close()
        self.file.close()

    def first(self) -> Records:
        """Raises csv.Error where a quotation mark is wrong, as `rest` does."""
        records: Records = []
        while not any(map(any, records)) and self.offset < self.end:
            records += self._slow(FIRST_BYTES)
        return records

    def rest(self, n_columns: int) -> Iterator[Chunk]:
        fast = self.fast and 0 < n_columns <= MAX_FAST_COLUMNS
        while self.offset < self.end:
            batch = self._fast(n_columns) if fast else None
            yield self._slow(SLOW_BYTES) if batch is None else batch

    def _slow(self, n_bytes: int) -> Records:
        while True:
            end = self._line_end(self.offset + n_bytes)
            text = self.bytes[self.offset : end].decode("utf-8")
            if self.dialect.rewrite:
                text = self.dialect.rewrite(text, self.delimiter)
            try:
                records = list(csv.reader(io.StringIO(text, newline=""), **self.dialect.options(self.delimiter)))
            except csv.Error as error:
                unfinished = "unexpected end of data" in str(error)
                if not unfinished or end == self.end or n_bytes >= MAX_REGION_BYTES:
                    raise
                n_bytes *= 4
                continue
            self.offset = end
            return records

    def _line_end(self, wanted: int) -> int:
        """The last line border at or before `wanted`, or the first one after it."""
        if wanted >= self.end:
            return self.end
        at = self.bytes.rfind(b"\n", self.offset, wanted)
        if at < 0:
            at = self.bytes.rfind(b"\r", self.offset, wanted - 1)
        if at < 0:
            at = self.bytes.find(b"\n", wanted, self.end)
        return at + 1 if at >= 0 else self.end

    def _fast(self, n_columns: int) -> pa.RecordBatch | None:
        block = self.bytes[self.offset : min(self.offset + FAST_BYTES, self.end)]
        size = self._provable(block, is_last=self.offset + len(block) == self.end)
        if not size:
            return None
        names = [str(index) for index in range(n_columns)]
        try:
            table = pa_csv.read_csv(
                pa.BufferReader(pa.py_buffer(block).slice(0, size)),
                read_options=pa_csv.ReadOptions(column_names=names, block_size=size + 1, use_threads=False),
                parse_options=pa_csv.ParseOptions(
                    delimiter=self.delimiter or NO_SEPARATOR,
                    quote_char='"' if self.dialect.quoting == csv.QUOTE_MINIMAL else False,
                    newlines_in_values=True,
                    ignore_empty_lines=False,
                ),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.large_string()),
                    strings_can_be_null=False,
                    quoted_strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:  # a record with another number of cells: the csv module tells which
            return None
        self.offset += size
        return table.combine_chunks().to_batches()[0]

    def _provable(self, block: bytes, *, is_last: bool) -> int:
        """How many bytes of `block` are whole records that both parsers read alike; 0 when one may not be."""
        if block.startswith(BOM) or b"\0" in block or (b"\r" in block and block.count(b"\r") != block.count(b"\r\n")):
            return 0
        quoted = self.dialect.quoting == csv.QUOTE_MINIMAL and b'"' in block
        if not quoted:
            return len(block) if is_last else block.rfind(b"\n") + 1
        codes = np.frombuffer(block, dtype=np.uint8)
        quotes = np.flatnonzero(codes == QUOTE)
        size = len(block) if is_last else _last_record_end(codes, quotes)
        quotes = quotes[: np.searchsorted(quotes, size)]
        if len(quotes) % 2:
            return 0
        borders = np.array([ord(self.delimiter or NO_SEPARATOR), LF, CR, QUOTE], dtype=np.uint8)
        opening, closing = quotes[::2], quotes[1::2]
        before = codes[opening[opening > 0] - 1]
        after = codes[closing[closing + 1 < size] + 1]
        return size if np.isin(before, borders).all() and np.isin(after, borders).all() else 0


def _last_record_end(codes: "np.ndarray[Any, Any]", quotes: "np.ndarray[Any, Any]") -> int:
    """Just after the last line end outside of quotation marks; 0 when there is none."""
    ends = np.flatnonzero(codes == LF)
    outside = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0
