"""Read a table of unknown origin. The bytes are parsed in a limited child process; this side only loads the result.

Every cell is a string exactly as it stands in the file: "NA" stays "NA", "001" stays "001".
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.datasets import table_cache
from core.datasets.limited_child import ChildKilled, ask
from core.datasets.reading_child import TABLE
from core.domain.dataset import Finding, TableFormat, TablePreview, Understanding
from core.domain.message import msg
from core.domain.plain import from_plain, to_plain
from core.errors import UnreadableFile

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MEMORY_BYTES = 4 << 30
ROW, CELLS = "row", "cells"  # columns of the table file beside those of the upload
RAGGED_ROW = "ragged_row"  # a notice of the preview; of a data set, the check of this name says it
BASE_SECONDS, SECONDS_PER_MB = 60, 1.5
#: For a person to choose from; any Python codec name works.
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "gb18030",
    "big5",
    "shift_jis",
    "cp949",
    "cp1252",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
)
DELIMITERS = (",", ";", "\t", "|", "")  # "": one column only


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A whole table. Rows that are blank in every cell are left out of `frame` and counted."""

    format: TableFormat  #: every field that applies filled in
    frame: "pd.DataFrame"  #: columns as named, all str; index "row" = row number as a spreadsheet shows it
    text_column: str | None  #: guessed
    label_column: str | None
    n_blank: int  #: rows that are blank in every cell
    blank_rows: tuple[int, ...]  #: the first of them
    ragged_rows: Mapping[int, int] = field(
        default_factory=dict
    )  #: row -> its cells, where that is not the column count
    notices: tuple[Finding, ...] = ()  #: what the reader had to guess, mend or leave out


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """What the child left: Arrow columns, not yet loaded into memory of this process."""

    format: TableFormat
    names: tuple[str, ...]
    columns: "pa.Table"  #: memory-mapped, in the order of `names`, then "row"
    path: Path  #: the file that they are mapped from
    text_column: str | None
    label_column: str | None
    n_blank: int
    blank_rows: tuple[int, ...]
    long_rows: Mapping[int, int]  #: more cells than columns: the rest was joined onto the last cell
    short_rows: Mapping[int, int]  #: fewer cells: padded with blanks
    notices: tuple[Finding, ...] = ()  #: what the reader had to guess, mend or leave out; ragged rows a check tells
    pair: tuple[str, ...] = ()  #: two columns of texts of one kind, which could be compared
    flag_columns: tuple[str, ...] = ()  #: guessed: 0/1 columns, each of them a category

    def column(self, name: str) -> "pa.ChunkedArray":
        """Mapped for itself, so that what was read of it leaves the memory with it."""
        import pyarrow as pa

        table = pa.ipc.open_file(pa.memory_map(str(self.path))).read_all()
        return table.column(str(self.position(name)))

    def position(self, name: str) -> int:
        """Of a column among all cells of a row, padding columns included; counts from 0."""
        return int(self.columns.column_names[self.names.index(name)])


def read_preview(
    path: Path,
    filename: str,
    format: TableFormat = TableFormat(),  # noqa: B008
    *,
    cache_dir: Path | None = None,
) -> TablePreview:
    """The first rows of a table and guesses about it. `filename` is only for sentences; the content decides.

    Args:
        cache_dir: keeps the whole table there for `read_raw`; `path` must be named by the sha256 of its bytes then.

    Raises:
        UnreadableFile: no table, damaged, or over a limit; says what was found and the way out.
        NotFound: no such sheet or encoding.
    """
    with _parsed(path, filename, format, cache_dir, whole=False) as (answer, _):
        understanding = answer["understanding"]
        return TablePreview(
            format=TableFormat(**answer["format"]),
            sheets=tuple(answer["sheets"]),
            columns=tuple(answer["names"]),
            rows=tuple(tuple(row) for row in answer["rows"]),
            n_rows=answer["n_rows"],
            text_column=answer["text_column"],
            label_column=answer["label_column"],
            notices=_notices(answer),
            understanding=from_plain(Understanding, understanding) if understanding else None,
            flag_columns=tuple(answer.get("flag_columns", ())),
        )


def read_table(
    path: Path,
    filename: str,
    format: TableFormat = TableFormat(),  # noqa: B008
    *,
    cache_dir: Path | None = None,
) -> Table:
    """The whole table. Raises what `read_preview` raises."""
    import pandas as pd

    with read_raw(path, filename, format, cache_dir=cache_dir) as raw:
        data = {
            name: raw.columns.column(index).to_pandas(types_mapper=lambda _: pd.StringDtype(na_value=float("nan")))
            for index, name in enumerate(raw.names)
        }
        index = pd.Index(raw.columns.column(ROW).to_numpy(), name=ROW)
        frame = pd.DataFrame(data)
        frame.index = index
        return Table(
            format=raw.format,
            frame=frame,
            text_column=raw.text_column,
            label_column=raw.label_column,
            n_blank=raw.n_blank,
            blank_rows=raw.blank_rows,
            ragged_rows={**raw.long_rows, **raw.short_rows},
            notices=raw.notices,
        )


@contextmanager
def read_raw(path: Path, filename: str, format: TableFormat, *, cache_dir: Path | None = None) -> Iterator[RawTable]:
    """The whole table as Arrow columns, mapped from a file while the block runs. `cache_dir` as in `read_preview`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    with (
        _parsed(path, filename, format, cache_dir, whole=True) as (answer, table_path),
        pa.memory_map(str(table_path)) as source,
    ):
        table = pa.ipc.open_file(source).read_all()
        odd = table.select([ROW, CELLS]).filter(pc.not_equal(table.column(CELLS), 0))
        widths = list(zip(odd.column(ROW).to_pylist(), odd.column(CELLS).to_pylist(), strict=True))
        yield RawTable(
            format=TableFormat(**answer["format"]),
            names=tuple(answer["names"]),
            columns=table.select([str(index) for index in answer["kept"]] + [ROW]),
            path=table_path,
            text_column=answer["text_column"],
            label_column=answer["label_column"],
            n_blank=answer["n_blank"],
            blank_rows=tuple(answer["blank_rows"]),
            long_rows={row: n_cells for row, n_cells in widths if n_cells > answer["n_columns"]},
            short_rows={row: n_cells for row, n_cells in widths if n_cells < answer["n_columns"]},
            notices=tuple(notice for notice in _notices(answer) if notice.code != RAGGED_ROW),
            pair=tuple((answer["understanding"] or {}).get("pair", ())),
            flag_columns=tuple(answer.get("flag_columns", ())),
        )


def _notices(answer: Mapping[str, Any]) -> tuple[Finding, ...]:
    return tuple(from_plain(Finding, notice) for notice in answer["notices"])


@contextmanager
def _parsed(
    path: Path, filename: str, format: TableFormat, cache_dir: Path | None, *, whole: bool
) -> Iterator[tuple[dict[str, Any], Path]]:
    """What the child answers, and where the table is, from the cache where it is there."""
    if cache_dir is None:
        with _parsed_now(path, filename, format, whole=whole) as found:
            yield found
        return
    known = table_cache.find(cache_dir, path.name, filename, format, whole=whole)
    if known is not None:
        yield known
        return
    with _parsed_now(path, filename, format, whole=True) as (answer, table_path):
        if whole:
            kept = table_path.with_name("kept.arrow")
            kept.hardlink_to(table_path)
        else:
            kept = table_path
        table_cache.keep(cache_dir, path.name, filename, format, answer, kept)
        yield answer, table_path


@contextmanager
def _parsed_now(
    path: Path, filename: str, format: TableFormat, *, whole: bool
) -> Iterator[tuple[dict[str, Any], Path]]:
    request = {"path": str(path.resolve()), "filename": filename, "format": to_plain(format), "whole": whole}
    seconds = int(BASE_SECONDS + SECONDS_PER_MB * (path.stat().st_size >> 20))
    with tempfile.TemporaryDirectory(prefix="tunedesk-table-") as name:
        folder = Path(name)

        def parse(streaming: bool) -> dict[str, Any]:
            request["streaming"] = streaming
            return ask("core.datasets.reading_child", folder, request, memory_bytes=MEMORY_BYTES, seconds=seconds)

        try:
            try:
                answer = parse(streaming=False)
            except ChildKilled:
                if not _looks_zipped(path):
                    raise
                answer = parse(streaming=True)  # the fast Excel reader gave up; the patient one may not
        except ChildKilled:
            raise UnreadableFile(
                msg("{filename} needs more memory or time than one upload may take.", filename=filename),
                hint=msg("Remove columns and sheets that are not needed, or save the table as .csv."),
            ) from None
        yield answer, folder / TABLE


def _looks_zipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"
