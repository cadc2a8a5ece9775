"""What the XML of a sheet says that its readers keep to themselves: merged cells, errors, formulas without results."""

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

CHUNK_BYTES = 1 << 20
KEPT_BYTES = 1 << 16  # of a chunk without the end of a cell
MAX_LISTED = 100
MAX_COLUMN = 16_384
CELL_END = b"</c>"
UNCALCULATED = re.compile(rb"<f[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
ERROR = re.compile(
    rb'<c\b(?=[^>]*\br="([A-Z]{1,3})(\d+)")(?=[^>]*\bt="e")[^>]*>(?:<f[^>]*(?:/>|>[^<]*</f>))?\s*<v>([^<]*)</v>'
)
MERGED = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
WIDE = re.compile(rb'\br="([A-Z]{2,3})\d')
ROW = re.compile(rb'<row\b[^>]*\br="(\d+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A merged cell: its rows and its first column, counted from 1."""

    first_row: int
    last_row: int
    column: int


@dataclass(slots=True, kw_only=True)
class SheetScan:
    merged: list[Span] = field(default_factory=list)  #: those that span several rows
    errors: dict[int, dict[int, str]] = field(default_factory=dict)  #: row -> column -> what the cell says, e.g. #N/A
    n_errors: int = 0
    n_uncalculated: int = 0  #: formulas without a result
    uncalculated_rows: list[int] = field(default_factory=list)  #: the first of their rows


@dataclass(slots=True, kw_only=True)
class Shape:
    """How far a sheet reaches, by the places that its cells claim."""

    is_filled: bool = True
    n_rows: int = 0
    n_columns: int = 26

    @property
    def n_cells(self) -> int:
        return self.n_rows * self.n_columns


def sheet_shapes(path: Path, sheets: Sequence[str]) -> dict[str, Shape]:
    """The shape of each sheet, before anything unfolds it; a sheet whose part is not found counts as small and filled."""
    shapes = {}
    with zipfile.ZipFile(path) as archive:
        for sheet in sheets:
            shape = shapes[sheet] = Shape()
            name = _part_of_sheet(archive, sheet)
            if name is None:
                continue
            shape.is_filled = False
            with archive.open(name) as part:
                while chunk := part.read(CHUNK_BYTES):
                    shape.is_filled |= b"<v" in chunk or b"<is" in chunk
                    shape.n_columns = max([shape.n_columns, *map(column_number, set(WIDE.findall(chunk)))])
                    last = chunk.rfind(b"<row")
                    began = ROW.match(chunk, last) if last >= 0 else None
                    shape.n_rows = max(shape.n_rows, int(began[1]) if began else 0)
    return shapes


def scan_sheet(path: Path, sheet: str) -> SheetScan:
    """Look through the part of the archive that holds `sheet`."""
    scan = SheetScan()
    with zipfile.ZipFile(path) as archive:
        name = _part_of_sheet(archive, sheet)
        if name is None:
            return scan
        row, rest = 0, b""
        with archive.open(name) as part:
            while chunk := part.read(CHUNK_BYTES):
                rest += chunk
                end = rest.rfind(CELL_END) + len(CELL_END)
                if end < len(CELL_END):
                    rest = rest[-KEPT_BYTES:] if b"<mergeCell" not in rest else rest
                    continue
                row = _look(rest[:end], row, scan)
                rest = rest[end:]
        for first_column, first_row, _last_column, last_row in MERGED.findall(rest):
            span = Span(first_row=int(first_row), last_row=int(last_row), column=column_number(first_column))
            if span.last_row > span.first_row and span.column <= MAX_COLUMN:
                scan.merged.append(span)
    return scan


def _look(cells: bytes, row: int, scan: SheetScan) -> int:
    """Add what some whole cells say; returns the number of the last row that began in them."""
    starts = [(match.start(), int(match[1])) for match in ROW.finditer(cells)] if _is_odd(cells) else []
    if b"<f" in cells:
        for match in UNCALCULATED.finditer(cells):
            scan.n_uncalculated += 1
            number = max((number for start, number in starts if start < match.start()), default=row)
            if len(scan.uncalculated_rows) < MAX_LISTED and number not in scan.uncalculated_rows[-1:]:
                scan.uncalculated_rows.append(number)
    if b't="e"' in cells:
        for column, number, text in ERROR.findall(cells):
            scan.n_errors += 1
            place = column_number(column)
            if place <= MAX_COLUMN:
                scan.errors.setdefault(int(number), {})[place] = unescape(text.decode("utf-8", "replace"))
    last = cells.rfind(b"<row")
    began = ROW.match(cells, last) if last >= 0 else None
    return int(began[1]) if began else row


def _is_odd(cells: bytes) -> bool:
    return b"<f" in cells and UNCALCULATED.search(cells) is not None


def column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _part_of_sheet(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The archive's member that holds the cells of `sheet`; None where the workbook does not say it the usual way."""
    names = set(archive.namelist())
    if "xl/_rels/workbook.xml.rels" not in names:
        return None
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets: Mapping[str | None, str] = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).findall(".//{*}sheet"):
        if element.get("name") == sheet:
            identifier = next((value for key, value in element.items() if key.endswith("}id")), None)
            target = targets.get(identifier, "")
            name = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            return name if name in names else None
    return None
