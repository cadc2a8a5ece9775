"""Excel workbooks: python-calamine where it can, openpyxl's streaming reader where calamine gives up.

calamine unfolds a sheet into one rectangle, so a stray cell at XFD1048576 exhausts its memory; the parent then asks
again with `streaming=True`, which reads row by row and stops after 1,000 blank ones.
"""

import datetime
import re
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from core.datasets.parsing.assembling import Assembled, Records, assemble
from core.datasets.parsing.kinds import damaged
from core.datasets.parsing.layout import MAX_TITLE_ROWS
from core.domain.dataset import TableFormat
from core.domain.message import msg
from core.errors import NotFound, UnreadableFile, UserError

CHUNK_ROWS = 20_000
MAX_BLANK_ROWS = 1_000
MAX_RECTANGLE_CELLS = 60_000_000
MAX_UNCALCULATED_RATIO = 0.5  # of the rows; below it the blank cells are found row by row
UNCALCULATED = re.compile(rb"<f[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")


def read_excel_table(
    path: Path, filename: str, format: TableFormat, out_path: Path | None, *, streaming: bool
) -> tuple[TableFormat, tuple[str, ...], Assembled]:
    """Read one sheet; returns the format, the names of all sheets that hold cells, and the table.

    Raises:
        NotFound: no sheet has the name asked for.
        UnreadableFile: damaged, over a limit, or without rows.
    """
    try:
        sheets, visible = _sheets(path)
        sheet = _check_sheet(sheets, format.sheet) if format.sheet else _guess_sheet(path, visible or sheets, streaming)
        rows = _stream(path, sheet) if streaming else _unfold(path, sheet)
        table = assemble(
            _chunks(rows),
            filename=filename,
            header_row=format.header_row,
            rectangular=True,
            delimiter="",
            out_path=out_path,
        )
        _refuse_uncalculated(path, filename, sheet, table.n_rows)
    except (UserError, MemoryError):
        raise
    except Exception as error:  # each library has its own errors for a damaged part; all mean the same here
        raise damaged(filename) from error
    return TableFormat(header_row=table.header_row, sheet=sheet), sheets, table


def _sheets(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of all worksheets, and of those that are not hidden."""
    import python_calamine

    workbook = python_calamine.CalamineWorkbook.from_path(str(path))
    worksheets = [meta for meta in workbook.sheets_metadata if meta.typ == python_calamine.SheetTypeEnum.WorkSheet]
    visible = [meta.name for meta in worksheets if meta.visible == python_calamine.SheetVisibleEnum.Visible]
    return tuple(meta.name for meta in worksheets), tuple(visible)


def _check_sheet(sheets: tuple[str, ...], wanted: str) -> str:
    if wanted in sheets:
        return wanted
    raise NotFound(
        msg("There is no sheet named “{sheet}”.", sheet=wanted),
        hint=msg("Sheets in this workbook: {sheets}.", sheets=", ".join(sheets)),
    )


def _guess_sheet(path: Path, candidates: tuple[str, ...], streaming: bool) -> str:
    """The first sheet with at least two columns and two rows, so not the cover page."""
    for name in candidates:
        top = list(islice(_stream(path, name) if streaming else _unfold(path, name), 2 * MAX_TITLE_ROWS))
        wide = [cells for cells in top if sum(1 for cell in cells if cell.strip()) >= 2]
        if len(wide) >= 2:
            return name
    return candidates[0]


def _unfold(path: Path, sheet: str) -> Iterator[list[str]]:
    import python_calamine

    data = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet)
    if data.end and (data.end[0] + 1) * (data.end[1] + 1) > MAX_RECTANGLE_CELLS:
        raise MemoryError("the sheet's rectangle is mostly empty")
    margin = [""] * (data.start[1] if data.start else 0)
    for row in data.iter_rows():
        yield margin + [_shown(value) for value in row]


def _stream(path: Path, sheet: str) -> Iterator[list[str]]:
    import openpyxl

    with path.open("rb") as file:  # by handle: uploads are stored without a suffix, which openpyxl insists on
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        worksheet = workbook[sheet]
        worksheet.reset_dimensions()  # what the file claims about its size is not to be trusted
        n_blank = 0
        for row in worksheet.iter_rows(values_only=True):
            cells = [_shown(value) for value in row]
            while cells and not cells[-1]:
                cells.pop()
            n_blank = 0 if cells else n_blank + 1
            if n_blank > MAX_BLANK_ROWS:
                break
            yield cells
        workbook.close()


def _chunks(rows: Iterable[list[str]]) -> Iterator[Records]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK_ROWS)):
        yield chunk


def _shown(value: Any) -> str:
    """A cell as a person sees it: 1 and not 1.0, TRUE, 2026-03-01."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)


def _refuse_uncalculated(path: Path, filename: str, sheet: str, n_rows: int) -> None:
    """Programs that write workbooks without calculating them leave formulas that read as blank cells."""
    n_cells, rest = 0, b""
    with zipfile.ZipFile(path) as archive:
        name = _part_of_sheet(archive, sheet)
        if name is None:
            return
        with archive.open(name) as part:
            while chunk := part.read(1 << 20):
                rest += chunk
                n_cells += len(UNCALCULATED.findall(rest))
                rest = rest[rest.rfind(b"</c>") + 4 :] if b"</c>" in rest else rest[-(1 << 16) :]
    if n_cells > MAX_UNCALCULATED_RATIO * n_rows:
        raise UnreadableFile(
            msg(
                "{filename} holds formulas whose results were never calculated ({n} cells).",
                filename=filename,
                n=n_cells,
            ),
            hint=msg("Open it in Excel, so that the formulas are calculated, save it, and upload it again."),
        )


def _part_of_sheet(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The archive's member that holds the cells of `sheet`; None where the workbook does not say it the usual way."""
    names = set(archive.namelist())
    if "xl/_rels/workbook.xml.rels" not in names:
        return None
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).findall(".//{*}sheet"):
        if element.get("name") == sheet:
            identifier = next((value for key, value in element.items() if key.endswith("}id")), None)
            target = targets.get(identifier, "")
            name = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            return name if name in names else None
    return None


def has_macros(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("vbaProject.bin") for name in archive.namelist())
