"""Tables for people: .xlsx or .csv, every cell inert, written aside and then renamed."""

import csv
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from core.datasets.inert import inert
from core.domain.message import msg
from core.errors import NotPossible
from core.files import written_aside

Row = Sequence[str | float]  #: numbers stay numbers, strings stay strings whatever they look like

MAX_XLSX_ROWS, MAX_XLSX_COLUMNS = 1_048_576, 16_384  # what Excel opens, the header included
N_ROWS_MEASURED = 100  # for the column widths
MIN_WIDTH, MAX_WIDTH = 8, 60


def write_table(path: Path, headers: Sequence[str], rows: Iterable[Row], n_rows: int) -> None:
    """Write `n_rows` rows to `path`, whose suffix decides the format. An exception of `rows` leaves no file behind.

    Raises:
        NotPossible: the suffix is neither .xlsx nor .csv, or Excel could not open that many rows or columns.
    """
    check_writable(path, n_rows, len(headers))
    with written_aside(path) as aside:
        _WRITERS[path.suffix.lower()](aside, headers, rows)


def check_writable(path: Path, n_rows: int, n_columns: int) -> None:
    """Raises NotPossible, see `write_table`: asked before hours are spent on the content."""
    suffix = path.suffix.lower()
    if suffix not in _WRITERS:
        raise NotPossible(
            msg("Files are written as .xlsx or .csv, not as {suffix}.", suffix=suffix or path.name),
            hint=msg("Give the file a name that ends in .xlsx or .csv."),
        )
    if suffix == ".xlsx" and (n_rows >= MAX_XLSX_ROWS or n_columns > MAX_XLSX_COLUMNS):
        raise NotPossible(
            msg(
                "An Excel sheet holds {max_rows} rows and {max_columns} columns; this table has {n_rows} and {n_columns}.",
                max_rows=MAX_XLSX_ROWS - 1,
                max_columns=MAX_XLSX_COLUMNS,
                n_rows=n_rows,
                n_columns=n_columns,
            ),
            hint=msg("Choose .csv instead."),
        )


def _safe(row: Row, *, typed: bool) -> list[str | float]:
    return [inert(cell, typed=typed) if isinstance(cell, str) else cell for cell in row]


def _write_csv(path: Path, headers: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # Excel knows UTF-8 by the mark only
        writer = csv.writer(file)
        writer.writerow(_safe(headers, typed=False))
        writer.writerows(_safe(row, typed=False) for row in rows)


def _write_xlsx(path: Path, headers: Sequence[str], rows: Iterable[Row]) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ERROR_CODES
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    headers = [inert(header, typed=True) for header in headers]
    rows = iter(rows)
    first = list(islice(rows, N_ROWS_MEASURED))
    for index, width in enumerate(_widths([headers, *first]), start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.freeze_panes = "A2"

    def text(value: str, font: Font | None = None) -> Any:
        cell = WriteOnlyCell(sheet, value)
        cell.data_type = "s"
        if font:
            cell.font = font
        return cell

    def cell_of(value: str | float) -> Any:  # the library would make a formula of "=", an error of the text "#N/A"
        return text(value) if isinstance(value, str) and (value.startswith("=") or value in ERROR_CODES) else value

    sheet.append([text(header, Font(bold=True)) for header in headers])
    for row in chain(first, rows):
        sheet.append([cell_of(value) for value in _safe(row, typed=True)])
    book.save(path)


def _widths(rows: Sequence[Row]) -> list[int]:
    longest = [max((_width(str(row[i])) for row in rows if i < len(row)), default=0) for i in range(len(rows[0]))]
    return [min(max(n + 2, MIN_WIDTH), MAX_WIDTH) for n in longest]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text[:MAX_WIDTH])


_WRITERS: dict[str, Callable[[Path, Sequence[str], Iterable[Row]], None]] = {".xlsx": _write_xlsx, ".csv": _write_csv}
