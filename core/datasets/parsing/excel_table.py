"""Excel workbooks: python-calamine where it can, openpyxl's streaming reader where calamine gives up.

calamine unfolds a sheet into one rectangle, so a stray cell at XFD1048576 would exhaust its memory. Such sheets are read
row by row, up to 1,000 blank ones; the parent asks for that too (`streaming=True`) when a first try hit a limit.
"""

import datetime
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from core.datasets.parsing.assembling import Assembled, assemble
from core.datasets.parsing.kinds import damaged
from core.datasets.parsing.layout import MAX_TITLE_ROWS
from core.datasets.parsing.notices import layout_notices, notice, watches
from core.datasets.parsing.sheet_scan import SheetScan, Span, scan_sheet, sheet_shapes
from core.datasets.parsing.source import Chunk, Records
from core.domain.dataset import Finding, OtherReading, Severity, TableFormat
from core.domain.message import msg, nmsg
from core.errors import NotFound, UnreadableFile, UserError

CHUNK_ROWS = 20_000
MAX_BLANK_ROWS = 1_000
MAX_RECTANGLE_CELLS = 60_000_000
MAX_UNCALCULATED_RATIO = 0.5  # of the rows; below it the blank cells are found row by row
TOP_ROWS = 2 * MAX_TITLE_ROWS


def read_excel_table(
    path: Path, filename: str, format: TableFormat, out_path: Path | None, *, streaming: bool
) -> tuple[TableFormat, tuple[str, ...], Assembled, list[Finding]]:
    """Read one sheet; returns the format, the names of all worksheets, the table, and what there is to tell.

    Raises:
        NotFound: no sheet has the name asked for.
        UnreadableFile: damaged, over a limit, without rows, or its formulas were never calculated.
    """
    try:
        sheets, visible = _sheets(path)
        shapes = sheet_shapes(path, sheets)
        filled = [name for name, shape in shapes.items() if shape.is_filled]
        streaming = streaming or any(shape.n_cells > MAX_RECTANGLE_CELLS for shape in shapes.values())
        guess = _guess_sheet(path, [name for name in filled if name in visible] or filled or list(sheets), streaming)
        sheet = _check_sheet(sheets, format.sheet) if format.sheet else guess
        scan = scan_sheet(path, sheet)
        rows = _filled_down(
            _stream(path, sheet) if streaming else _with_errors(_unfold(path, sheet), scan.errors),
            scan.merged if format.fill_merged else (),
        )
        table = assemble(
            _RowSource(rows),
            filename=filename,
            header_row=format.header_row,
            rectangular=True,
            delimiter="",
            out_path=out_path,
            watches=watches(nul=False, mark=False),
        )
        _refuse_uncalculated(filename, scan, table.n_rows)
    except (UserError, MemoryError):
        raise
    except Exception as error:  # each library has its own errors for a damaged part; all mean the same here
        raise damaged(filename) from error
    merged = [span for span in scan.merged if span.last_row > max(table.header_row, span.first_row)]
    resolved = TableFormat(
        header_row=table.header_row, sheet=sheet, fill_merged=bool(format.fill_merged) if merged else None
    )
    others = [name for name in filled if name != sheet]
    notices = [
        *(_sheet_notices(sheet, others, visible) if sheet == guess else ()),
        *layout_notices(table, resolved, is_excel=True),
        *_merged_notices(resolved, [span.first_row for span in merged]),
        *_uncalculated_notices(scan),
        *_macro_notices(path),
    ]
    return resolved, sheets, table, notices


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


def _guess_sheet(path: Path, candidates: list[str], streaming: bool) -> str:
    """The first sheet with at least two columns and two rows, so not the cover page."""
    for name in candidates if len(candidates) > 1 else ():
        top = islice(_stream(path, name) if streaming else _unfold(path, name), TOP_ROWS)
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


class _RowSource:
    def __init__(self, rows: Iterable[list[str]]) -> None:
        self.rows = iter(rows)

    def first(self) -> Records:
        records: Records = []
        while not any(map(any, records)) and (chunk := list(islice(self.rows, CHUNK_ROWS))):
            records += chunk
        return records

    def rest(self, n_columns: int) -> Iterator[Chunk]:
        while chunk := list(islice(self.rows, CHUNK_ROWS)):
            yield chunk


def _with_errors(rows: Iterable[list[str]], errors: Mapping[int, Mapping[int, str]]) -> Iterator[list[str]]:
    """calamine leaves the cells of failed formulas blank; here they say #N/A again, as in Excel."""
    for number, cells in enumerate(rows, start=1):
        for column, error in errors.get(number, {}).items():
            cells.extend([""] * (column - len(cells)))
            cells[column - 1] = error
        yield cells


def _filled_down(rows: Iterable[list[str]], merged: Sequence[Span]) -> Iterator[list[str]]:
    """Every row that a merged cell spans gets its value, in the cell's first column."""
    starts: dict[int, list[Span]] = {}
    for span in merged:
        starts.setdefault(span.first_row, []).append(span)
    open_spans: list[tuple[Span, str]] = []
    for number, cells in enumerate(rows, start=1):
        open_spans = [(span, value) for span, value in open_spans if span.last_row >= number]
        for span, value in open_spans:
            cells.extend([""] * (span.column - len(cells)))
            cells[span.column - 1] = cells[span.column - 1] or value
        for span in starts.get(number, ()):
            open_spans.append((span, cells[span.column - 1] if span.column <= len(cells) else ""))
        yield cells


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


def _refuse_uncalculated(filename: str, scan: SheetScan, n_rows: int) -> None:
    """Programs that write workbooks without calculating them leave formulas that read as blank cells."""
    if scan.n_uncalculated > MAX_UNCALCULATED_RATIO * n_rows:
        raise UnreadableFile(
            msg(
                "{filename} holds formulas whose results were never calculated ({n} cells).",
                filename=filename,
                n=scan.n_uncalculated,
            ),
            hint=msg("Open it in Excel, so that the formulas are calculated, save it, and upload it again."),
        )


def _sheet_notices(sheet: str, others: list[str], visible: tuple[str, ...]) -> Iterator[Finding]:
    if not others:
        return
    hidden = [name for name in others if name not in visible]
    message = nmsg(
        "The workbook has {n} more sheet with cells: {names}. “{sheet}” was read.",
        "The workbook has {n} more sheets with cells: {names}. “{sheet}” was read.",
        len(others),
        names=", ".join(f"“{name}”" for name in others[:10]),
        sheet=sheet,
    )
    advice = msg("Choose the sheet that holds your examples.")
    if hidden:
        advice = msg(
            "Choose the sheet that holds your examples. Hidden: {names}.",
            names=", ".join(f"“{name}”" for name in hidden[:10]),
        )
    yield notice(
        "several_sheets",
        Severity.WARNING,
        message,
        advice,
        count=len(others),
        readings=[
            OtherReading(
                key=f"sheet_{place}", title=msg("Read sheet “{name}”", name=name), format=TableFormat(sheet=name)
            )
            for place, name in enumerate(others[:10], start=1)
        ],
    )


def _merged_notices(format: TableFormat, rows: list[int]) -> Iterator[Finding]:
    if not rows:
        return
    if format.fill_merged:
        yield notice(
            "merged_cells_filled",
            Severity.NOTE,
            nmsg(
                "{n} merged cell gave its value to every row it spans.",
                "{n} merged cells gave their value to every row they span.",
                len(rows),
            ),
            count=len(rows),
            rows=sorted(rows),
        )
        return
    yield notice(
        "merged_cells",
        Severity.WARNING,
        nmsg(
            "{n} merged cell spans several rows. Only its first row has the value; the others are blank.",
            "{n} merged cells span several rows. Only their first rows have the value; the others are blank.",
            len(rows),
        ),
        msg("Should each row have the value? Then fill down."),
        count=len(rows),
        rows=sorted(rows),
        readings=[
            OtherReading(key="fill_down", title=msg("Fill down"), format=replace(format, fill_merged=True)),
        ],
    )


def _uncalculated_notices(scan: SheetScan) -> Iterator[Finding]:
    if scan.n_uncalculated:
        yield notice(
            "uncalculated_formulas",
            Severity.WARNING,
            nmsg(
                "{n} formula was never calculated. Its cell is blank here.",
                "{n} formulas were never calculated. Their cells are blank here.",
                scan.n_uncalculated,
            ),
            msg("Open it in Excel, so that the formulas are calculated, save it, and upload it again."),
            count=scan.n_uncalculated,
            rows=scan.uncalculated_rows,
        )


def _macro_notices(path: Path) -> Iterator[Finding]:
    with zipfile.ZipFile(path) as archive:
        if any(name.endswith("vbaProject.bin") for name in archive.namelist()):
            yield notice("macros", Severity.NOTE, msg("The workbook contains macros. They were not run."))
