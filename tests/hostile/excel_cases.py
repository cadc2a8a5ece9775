"""Workbooks as people really send them, and as nobody should."""

import datetime
import io
import os
import zipfile
from typing import Any

from tests.hostile.building_blocks import (
    HEADER,
    Case,
    good_book,
    in_sheet,
    one_sheet,
    repacked,
    rows,
    table,
    workbook,
    zipped,
)

GOOD = rows()
SHEET = [HEADER, *GOOD]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def merge(*spans: str) -> Any:
    return lambda sheet: [sheet.merge_cells(span) for span in spans]


def ghost(place: str) -> Any:
    return lambda sheet: sheet.__setitem__(place, " ")


def shifted(sheet: Any) -> None:
    for number, record in enumerate(SHEET, start=5):
        for place, value in enumerate(record, start=3):
            sheet.cell(number, place, value)


def encrypted(content: bytes) -> bytes:
    """Every entry says that it is encrypted."""
    packed = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = packed.find(mark)
        while at >= 0:
            packed[at + offset] |= 1
            at = packed.find(mark, at + 4)
    return bytes(packed)


def bomb() -> bytes:
    filler = b"<row><c t='inlineStr'><is><t>" + b"A" * 1000 + b"</t></is></c></row>"
    return in_sheet(lambda part: part.replace(b"</sheetData>", filler * 52_000 + b"</sheetData>"))


def shared_bomb() -> bytes:
    return repacked(more={"xl/sharedStrings2.xml": b"<sst>" + b"<si><t>A</t></si>" * (52 << 16) + b"</sst>"})


def declared(declaration: bytes, cell: bytes) -> bytes:
    extra = b"<row><c t='inlineStr'><is><t>" + cell + b"</t></is></c></row></sheetData>"
    return in_sheet(
        lambda part: (
            b'<?xml version="1.0"?>' + declaration + part[part.index(b"<worksheet") :].replace(b"</sheetData>", extra)
        )
    )


LAUGHS = (
    b"<!DOCTYPE x [<!ENTITY a 'aaaa'>"
    + b"".join(b"<!ENTITY %c '%s'>" % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("i")))
    + b"]>"
)


def inline() -> bytes:
    """Cells of several formatted runs, written into the sheet itself."""
    cells = "".join(
        f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><r><t xml:space="preserve">{text[:5]}</t></r>'
        f'<r><rPr><b/></rPr><t xml:space="preserve">{text[5:]}</t></r></is></c>'
        f'<c r="B{number}" t="inlineStr"><is><t>{label}</t></is></c></row>'
        for number, (text, label) in enumerate(SHEET, start=1)
    )
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>'
    return in_sheet(lambda part: sheet.encode())


def cached_formulas() -> bytes:
    cells = "".join(
        f'<row r="{number}"><c r="A{number}" t="str"><f>T("x")</f><v>{text}</v></c>'
        f'<c r="B{number}" t="str"><v>{label}</v></c></row>'
        for number, (text, label) in enumerate(SHEET, start=1)
    )
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>'
    return in_sheet(lambda part: sheet.encode())


def utf16_streams(*names: str) -> bytes:
    return OLE + bytes(1016) + b"".join(name.encode("utf-16-le") + bytes(64) for name in names) + bytes(2048)


EXCEL_CASES = [
    Case(name="good.xlsx", response="ok", content=good_book, cells=GOOD),
    Case(name="book.csv", response="note", content=good_book, cells=GOOD, code="other_kind"),
    Case(name="book.txt", response="note", content=good_book, cells=GOOD, code="other_kind"),
    Case(name="text.xlsx", response="note", content=table(GOOD), cells=GOOD, code="other_kind"),
    Case(
        name="book.zip", response="note", content=lambda: zipped({"b.xlsx": good_book()}), cells=GOOD, code="unpacked"
    ),
    Case(
        name="formulas_never_calculated.xlsx",
        response="refuse",
        content=lambda: one_sheet([HEADER, *((t, f'=IF(1,"{lb}")') for t, lb in GOOD)]),
    ),
    Case(
        name="one_formula_never_calculated.xlsx",
        response="ask",
        content=lambda: one_sheet([*SHEET, ('=CONCATENATE("a","b")', "payment")]),
        code="uncalculated_formulas",
    ),
    Case(name="formulas_with_results.xlsx", response="ok", content=cached_formulas, cells=GOOD),
    Case(
        name="merged.xlsx",
        response="ask",
        content=lambda: one_sheet([HEADER, *sorted(rows(24), key=lambda row: row[1])], merge("B2:B4", "B10:B12")),
        code="merged_cells",
    ),
    Case(
        name="merged_title.xlsx",
        response="ask",
        content=lambda: one_sheet([("Feedback", ""), *SHEET], merge("A1:B1")),
        cells=GOOD,
        code="title_rows",
    ),
    Case(
        name="second_sheet.xlsx",
        response="ask",
        content=lambda: workbook(
            ("About", [["This workbook holds feedback"]], "visible"),
            ("Data", SHEET, "visible"),
            ("Old", SHEET, "hidden"),
        ),
        cells=GOOD,
        code="several_sheets",
    ),
    Case(
        name="empty_sheets_beside.xlsx",
        response="ok",
        content=lambda: workbook(("Data", SHEET, "visible"), ("Sheet2", [], "visible"), ("Sheet3", [], "visible")),
        cells=GOOD,
    ),
    Case(
        name="sheet_like_a_path.xlsx",
        response="ok",
        content=lambda: workbook(("..&..&etc", SHEET, "visible")),
        cells=GOOD,
    ),
    Case(
        name="dates_as_labels.xlsx",
        response="ask",
        content=lambda: one_sheet(
            [HEADER, *((t, datetime.date(2026, i % 3 + 1, 1)) for i, (t, _) in enumerate(rows(24)))]
        ),
        code="dates_as_labels",
    ),
    Case(
        name="dates_beside.xlsx",
        response="ok",
        content=lambda: one_sheet([("text", "label", "when"), *((t, lb, datetime.date(2026, 3, 1)) for t, lb in GOOD)]),
        cells=[(t, lb, "2026-03-01") for t, lb in GOOD],
        names=("text", "label", "when"),
    ),
    Case(
        name="numbers_of_all_kinds.xlsx",
        response="ok",
        content=lambda: one_sheet([HEADER, *((t, [1, 1.0, "1", 0][i % 4]) for i, (t, _) in enumerate(rows(24)))]),
        cells=[(t, ["1", "1", "1", "0"][i % 4]) for i, (t, _) in enumerate(rows(24))],
    ),
    Case(
        name="errors.xlsx",
        response="ask",
        content=lambda: one_sheet(
            [HEADER, *((t, ["#N/A", "#DIV/0!", lb][i % 3]) for i, (t, lb) in enumerate(rows(36)))]
        ),
        cells=[(t, ["#N/A", "#DIV/0!", lb][i % 3]) for i, (t, lb) in enumerate(rows(36))],
        code="error_cells",
    ),
    Case(
        name="title_rows.xlsx",
        response="ask",
        content=lambda: one_sheet([("Feedback",), (), *SHEET]),
        cells=GOOD,
        code="title_rows",
    ),
    Case(
        name="total_row.xlsx",
        response="ask",
        content=lambda: one_sheet([*SHEET, ("Total", 12)]),
        code="total_row",
    ),
    Case(name="shifted.xlsx", response="note", content=lambda: one_sheet([], shifted), cells=GOOD, code="offset_table"),
    Case(name="ghost.xlsx", response="ok", content=lambda: one_sheet(SHEET, ghost("XFD1048576")), cells=GOOD),
    Case(
        name="ghost_in_column_zz.xlsx", response="ok", content=lambda: one_sheet(SHEET, ghost("ZZ900000")), cells=GOOD
    ),
    Case(name="rich_text.xlsx", response="ok", content=inline, cells=GOOD),
    Case(
        name="macros.xlsm",
        response="note",
        content=lambda: repacked(more={"xl/vbaProject.bin": b"\0" * 99}),
        cells=GOOD,
    ),
    Case(name="nothing.xlsx", response="refuse", content=lambda: one_sheet([])),
    Case(name="no_zip.xlsx", response="refuse", content=b"this is not a workbook at all, " * 9),
    Case(name="cut.xlsx", response="refuse", content=lambda: good_book()[: len(good_book()) // 2]),
    Case(name="password_of_noise.xlsx", response="refuse", content=OLE + os.urandom(4096)),
    Case(name="password.xlsx", response="refuse", content=utf16_streams("EncryptionInfo", "EncryptedPackage")),
    Case(name="old.xls", response="refuse", content=utf16_streams("Workbook")),
    Case(name="encrypted_parts.xlsx", response="refuse", content=lambda: encrypted(good_book())),
    Case(name="encrypted.zip", response="refuse", content=lambda: encrypted(zipped({"a.csv": table(GOOD).encode()}))),
    Case(name="bomb.xlsx", response="refuse", content=bomb),
    Case(name="shared_bomb.xlsx", response="refuse", content=shared_bomb),
    Case(name="laughs.xlsx", response="refuse", content=lambda: declared(LAUGHS, b"&h;")),
    Case(
        name="outside_entity.xlsx",
        response="refuse",
        content=lambda: declared(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', b"&e;"),
    ),
    Case(
        name="entity_behind_a_comment.xlsx",
        response="refuse",
        content=lambda: declared(b"<!--" + b" " * 9000 + b'--><!DOCTYPE x [<!ENTITY e "boo">]>', b"&e;"),
    ),
    Case(name="slip.xlsx", response="refuse", content=lambda: repacked(more={"../../evil.txt": b"x"})),
    Case(name="binary.xlsb", response="refuse", content=lambda: zipped({"xl/workbook.bin": b"x"})),
    Case(name="letter.docx", response="refuse", content=lambda: zipped({"word/document.xml": b"<w/>"})),
    Case(name="calc.ods", response="refuse", content=lambda: zipped({"content.xml": b"<office/>", "mimetype": b"x"})),
    Case(
        name="same_names.xlsx",
        response="ask",
        content=lambda: one_sheet([("text", "label", "label"), *((t, lb, lb) for t, lb in GOOD)]),
        code="repeated_names",
    ),
    Case(
        name="sheet_missing.xlsx",
        response="refuse",
        content=lambda: _without("xl/worksheets/sheet1.xml"),
    ),
]


def _without(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good_book())) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.namelist():
            if part != name:
                target.writestr(part, source.read(part))
    return out.getvalue()
