"""What the reader tells a person: what it guessed, mended or left as it found it, and which other readings there are.

Notices depend on the bytes and on the reading alone, never on how the reading was asked for: what a person chose against
the guess is not asked about again.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.parsing.assembling import MAX_LISTED, Assembled, RowList, Watch
from core.datasets.parsing.encodings import Decoded, Lines
from core.domain.dataset import Finding, OtherReading, Severity, TableFormat
from core.domain.message import Message, msg, nmsg

MANY_COLUMNS = 200
DATE_RATIO = 0.5
ERROR_CELLS = ("#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#GETTING_DATA")
DATE = re.compile(r"(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})([ T]\d{1,2}:\d{2}.*)?")
TOTAL = re.compile(
    r"(grand |sub)?totals?|sum|(total|suma) general|gesamt(summe)?|summe|totale?|合计|总计|小计|总数|总和|合計|總計",
    re.IGNORECASE,
)
NUMBER = re.compile(r"[-+]?[¥$€£]?\d[\d,.\s]*%?")
#: How each encoding is called in a sentence.
ENCODING_NAMES = {
    "gb18030": "GB18030 (简体中文)",
    "big5": "Big5 (繁體中文)",
    "shift_jis": "Shift-JIS (日本語)",
    "cp932": "Shift-JIS (日本語)",
    "euc_jp": "EUC-JP (日本語)",
    "cp949": "EUC-KR (한국어)",
    "cp1252": "Windows-1252 (Latin)",
    "cp1251": "Windows-1251 (Кириллица)",
    "mac-roman": "Mac Roman (Latin)",
}


def notice(
    code: str,
    severity: Severity,
    message: Message,
    advice: Message | None = None,
    *,
    count: int = 1,
    rows: Sequence[int] = (),
    readings: Sequence[OtherReading] = (),
) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        count=count,
        rows=tuple(rows[:MAX_LISTED]),
        message=message,
        advice=advice,
        readings=tuple(readings),
    )


def watches(*, nul: bool, mark: bool) -> dict[str, Watch]:
    """Cells to look for while the table goes by; some cost time, so only where the bytes make them possible."""
    wanted: dict[str, Watch] = {"error_cells": _is_error}
    if nul:
        wanted["nul_character"] = lambda column: pc.match_substring(column, "\0")
    if mark:
        wanted["byte_order_mark"] = lambda column: pc.match_substring(column, "\ufeff")
    return wanted


def _is_error(column: pa.Array) -> pa.Array:
    marked = pc.starts_with(column, "#")
    return pc.is_in(column, pa.array(ERROR_CELLS, pa.large_string())) if pc.any(marked).as_py() else marked


def encoding_notices(decoded: Decoded, *, lines_are_rows: bool) -> Iterator[Finding]:
    """`lines_are_rows`: no cell holds a line break, so that the number of a line is that of its row."""
    name = decoded.encoding.split("+")[0]
    if name.startswith(("utf-16", "utf-32")):
        yield notice(
            "unusual_encoding",
            Severity.NOTE,
            msg("The file is encoded in {encoding}. It was read so.", encoding=name.upper()),
        )
    if decoded.guessed:
        yield notice(
            "guessed_encoding",
            Severity.WARNING,
            msg(
                "The file does not say how its characters are encoded. It was read as {encoding}.",
                encoding=ENCODING_NAMES.get(name, name),
            ),
            msg("Look at the preview: do all letters look right? If not, choose another encoding."),
            readings=[
                OtherReading(
                    key=other,
                    title=msg("Read as {encoding}", encoding=ENCODING_NAMES.get(other, other)),
                    format=TableFormat(encoding=other),
                )
                for other in decoded.others
            ],
        )
    if decoded.other_lines.n:
        yield notice(
            "mixed_encodings",
            Severity.WARNING,
            nmsg(
                "{n} line is encoded in another way than the rest: {lines}. It was read in its own way.",
                "{n} lines are encoded in another way than the rest: {lines}. They were read in their own way.",
                decoded.other_lines.n,
                lines=_listed(decoded.other_lines),
            ),
            msg("Look whether the letters in these lines are right."),
            count=decoded.other_lines.n,
            rows=decoded.other_lines.first if lines_are_rows else (),
        )
    if decoded.lost_lines.n:
        yield notice(
            "unreadable_characters",
            Severity.WARNING,
            nmsg(
                "{n} line holds bytes that are no characters: {lines}. They are shown as �.",
                "{n} lines hold bytes that are no characters: {lines}. They are shown as �.",
                decoded.lost_lines.n,
                lines=_listed(decoded.lost_lines),
            ),
            msg("Export the file again as UTF-8, or take these rows out."),
            count=decoded.lost_lines.n,
            rows=decoded.lost_lines.first if lines_are_rows else (),
        )


def _listed(lines: Lines | RowList, limit: int = 10) -> str:
    return ", ".join(str(number) for number in lines.first[:limit]) + (", …" if lines.n > limit else "")


def delimiter_notices(
    delimiter: str, *, has_directive: bool, end_mark: bool, dialect: str, others: Sequence[str]
) -> Iterator[Finding]:
    """`others`: separators that occur in the text although it was read as one column."""
    sentences = {
        ";": msg("The columns are separated by semicolons."),
        "\t": msg("The columns are separated by tabs."),
        "|": msg("The columns are separated by vertical bars."),
        "，": msg("The columns are separated by full-width commas."),
    }
    if has_directive:
        yield notice(
            "separator_line",
            Severity.NOTE,
            msg("The first line names the separator “{separator}”. It was used and is no row.", separator=delimiter),
        )
    elif delimiter not in (",", ""):
        yield notice(
            "separator",
            Severity.NOTE,
            sentences.get(delimiter) or msg("The columns are separated by “{separator}”.", separator=delimiter),
        )
    if not delimiter and others:
        yield notice(
            "one_column",
            Severity.NOTE,
            msg("No separator cuts the rows into the same columns, so each row was read as one cell."),
            msg("If there are several columns, choose what separates them."),
            readings=[
                OtherReading(
                    key=f"separator_{place}",
                    title=msg("Cut at “{separator}”", separator="⇥" if other == "\t" else other),
                    format=TableFormat(delimiter=other),
                )
                for place, other in enumerate(others)
            ],
        )
    if end_mark:
        yield notice("end_mark", Severity.NOTE, msg("An old end-of-file mark at the end was left out."))
    if dialect == "backslash":
        yield notice(
            "backslash_quotes",
            Severity.NOTE,
            msg('Quotation marks inside the texts are marked with a backslash (\\"). They were read as such.'),
        )
    if dialect == "literal":
        yield notice(
            "literal_quotes",
            Severity.NOTE,
            msg("Quotation marks do not enclose cells in this file. They were kept as part of the texts."),
        )


def smart_quote_notices(format: TableFormat, guess: bool) -> Iterator[Finding]:
    if format.smart_quotes and guess:
        yield notice(
            "smart_quotes",
            Severity.WARNING,
            msg("Cells are enclosed in “ and ” instead of straight quotation marks. They were read as enclosed."),
            msg("Look whether the columns are cut in the right places."),
            readings=[
                OtherReading(
                    key="keep",
                    title=msg("Keep “ and ” as part of the texts"),
                    format=replace(format, smart_quotes=False, header_row=None, joined_column=None),
                )
            ],
        )


def layout_notices(table: Assembled, format: TableFormat, *, is_excel: bool) -> Iterator[Finding]:
    """On the header, the columns, and rows that are unlike the others."""
    if table.header_row == table.guessed_header_row:
        yield from _header_notices(table, format)
    if table.fullwidth_header:
        yield notice(
            "fullwidth_header",
            Severity.NOTE,
            msg("The column names are separated by ， and the rows by another separator. Both were understood."),
        )
    if not is_excel and len(table.kept) < table.n_columns:
        n = table.n_columns - len(table.kept)
        yield notice(
            "empty_columns",
            Severity.NOTE,
            nmsg(
                "{n} column without name and cells was left out.",
                "{n} columns without name and cells were left out.",
                n,
            ),
            count=n,
        )
    if len(table.kept) > MANY_COLUMNS:
        yield notice(
            "many_columns",
            Severity.WARNING,
            msg("The table has {n} columns.", n=len(table.kept)),
            msg("Check that the right two were chosen as text and category; the others are not used."),
            count=len(table.kept),
        )
    yield from _row_notices(table, format)


def _header_notices(table: Assembled, format: TableFormat) -> Iterator[Finding]:
    if table.header_row == 0:
        yield notice(
            "no_header",
            Severity.WARNING,
            msg("The first row looks like an example, not like column names. The columns were numbered."),
            msg("Choose which column holds the texts and which the categories."),
            readings=[_header_reading(1, format)],
        )
        return
    n_titles = sum(any(cell.strip() for cell in record) for record in table.above)
    if n_titles:
        yield notice(
            "title_rows",
            Severity.WARNING,
            nmsg(
                "{n} row above the column names (row {row}) was left out.",
                "{n} rows above the column names (row {row}) were left out.",
                n_titles,
                row=table.header_row,
            ),
            msg("Check that row {row} holds the column names.", row=table.header_row),
            count=n_titles,
            rows=[row for row, record in enumerate(table.above, start=1) if any(cell.strip() for cell in record)],
            readings=[_header_reading(1, format)],
        )
    first_column = table.kept[0] if table.kept else 0
    if (table.above and not n_titles) or first_column > 0:
        yield notice(
            "offset_table",
            Severity.NOTE,
            msg(
                "The table does not begin in the first cell but in row {row}, column {column}. It was found there.",
                row=table.header_row,
                column=first_column + 1,
            ),
        )
    names = [table.header[index] if index < len(table.header) else "" for index in table.kept]
    named = [name for name in names if name]
    repeated = [name for name, n in Counter(named).items() if n > 1]
    if repeated:
        yield notice(
            "repeated_names",
            Severity.WARNING,
            msg("Several columns have the same name: {names}. They were numbered.", names=_quoted(repeated)),
            msg("Check that the right one was chosen."),
            count=len(repeated),
            rows=[table.header_row],
        )
    blank = [place for place, name in enumerate(names) if not name and not _is_index(table, place)]
    if blank:
        yield notice(
            "blank_names",
            Severity.WARNING,
            nmsg(
                "{n} column has no name. It was called {names}.",
                "{n} columns have no name. They were called {names}.",
                len(blank),
                names=_quoted([table.names[place] for place in blank]),
            ),
            msg("Check that the right columns were chosen."),
            count=len(blank),
            rows=[table.header_row],
        )


def _header_reading(row: int, format: TableFormat) -> OtherReading:
    return OtherReading(
        key=f"header_row_{row}",
        title=msg("Row {row} holds the column names", row=row),
        format=replace(format, header_row=row, joined_column=None),
    )


def _is_index(table: Assembled, place: int) -> bool:
    """Whether a column counts its rows, as some programs add when they export."""
    cells = [record[place].strip() for record in table.sample[:100]]
    if not all(cell.isdecimal() and len(cell) < 12 for cell in cells):
        return False
    numbers = [int(cell) for cell in cells]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _quoted(names: Sequence[str], limit: int = 5) -> str:
    return ", ".join(f"“{name[:40]}”" for name in names[:limit]) + (", …" if len(names) > limit else "")


def _row_notices(table: Assembled, format: TableFormat) -> Iterator[Finding]:
    joined = table.joined_rows
    if joined.n and table.joined_column == table.guessed_joined_column:
        yield notice(
            "unquoted_separators",
            Severity.WARNING,
            nmsg(
                "{n} row holds more separators than there are columns. Its surplus was read as part of “{column}”.",
                "{n} rows hold more separators than there are columns. Their surplus was read as part of “{column}”.",
                joined.n,
                column=_column_at(table, table.joined_column),
            ),
            msg("Look at the preview: are the texts whole? If not, set these rows aside."),
            count=joined.n,
            rows=joined.first,
            readings=[
                OtherReading(
                    key="set_aside", title=msg("Set these rows aside"), format=replace(format, joined_column=0)
                )
            ],
        )
    ragged = table.long_rows.n + table.short_rows.n
    if ragged:
        readings = [
            OtherReading(
                key=f"join_{place}",
                title=msg("The surplus belongs to “{column}”", column=table.names[place]),
                format=replace(format, joined_column=table.kept[place] + 1),
            )
            for place in range(min(len(table.names), 4))
            if table.long_rows.n
        ]
        yield notice(
            RAGGED_ROW,
            Severity.WARNING,
            nmsg(
                "{n} row does not have as many cells as there are columns: row {rows}. It will be set aside.",
                "{n} rows do not have as many cells as there are columns: rows {rows}. They will be set aside.",
                ragged,
                rows=_listed(RowList(ragged, sorted(table.long_rows.first + table.short_rows.first))),
            ),
            msg("Put quotation marks around texts that contain the separator or a line break, or save as .xlsx."),
            count=ragged,
            rows=sorted(table.long_rows.first + table.short_rows.first),
            readings=readings,
        )
    totals = [row for row, cells in table.last if _is_total(cells)]
    if totals:
        yield notice(
            "total_row",
            Severity.WARNING,
            nmsg(
                "Row {row} looks like a total, not like an example.",
                "{n} rows from row {row} on look like totals, not like examples.",
                len(totals),
                row=totals[0],
            ),
            msg("Take it out, so that it is not learned from."),
            count=len(totals),
            rows=totals,
        )
    yield from _watched_notices(table)


RAGGED_ROW = "ragged_row"  # the check of this name says it of a data set, where the rows are set aside


def _column_at(table: Assembled, number: int) -> str:
    return table.names[table.kept.index(number - 1)] if number - 1 in table.kept else str(number)


def _is_total(cells: Sequence[str]) -> bool:
    filled = [cell.strip().rstrip(":：").strip() for cell in cells if cell.strip()]
    words = [cell for cell in filled if TOTAL.fullmatch(cell)]
    return len(words) == 1 and len(cells) > 1 and all(NUMBER.fullmatch(cell) for cell in filled if cell not in words)


def _watched_notices(table: Assembled) -> Iterator[Finding]:
    for code, rows in table.watched.items():
        listed = _listed(rows)
        severity, message, advice = {
            "nul_character": (
                Severity.WARNING,
                nmsg(
                    "{n} row holds a NUL character, which no text has: row {rows}.",
                    "{n} rows hold a NUL character, which no text has: rows {rows}.",
                    rows.n,
                    rows=listed,
                ),
                msg("Something damaged them on the way here. Look at them, or take them out."),
            ),
            "byte_order_mark": (
                Severity.NOTE,
                nmsg(
                    "{n} row holds an invisible byte order mark, as files have that were pasted together: row {rows}.",
                    "{n} rows hold an invisible byte order mark, as files have that were pasted together: rows {rows}.",
                    rows.n,
                    rows=listed,
                ),
                None,
            ),
            "error_cells": (
                Severity.WARNING,
                nmsg(
                    "{n} row holds an error of a spreadsheet, such as #N/A: row {rows}.",
                    "{n} rows hold errors of a spreadsheet, such as #N/A: rows {rows}.",
                    rows.n,
                    rows=listed,
                ),
                msg("Mend the formulas and save again, or take these rows out."),
            ),
            "huge_cell": (
                Severity.WARNING,
                nmsg(
                    "{n} row holds a cell of more than 100,000 characters: row {rows}.",
                    "{n} rows hold cells of more than 100,000 characters: rows {rows}.",
                    rows.n,
                    rows=listed,
                ),
                msg("Models read only the beginning. Shorten it, or take the row out."),
            ),
        }[code]
        yield notice(code, severity, message, advice, count=rows.n, rows=rows.first)


def date_label_notice(names: Sequence[str], sample: Sequence[Sequence[str]], label: str | None) -> Iterator[Finding]:
    """When the likely categories are dates, which are hardly ever meant."""
    if label is None:
        return
    place = list(names).index(label)
    cells = [cell for record in sample if (cell := record[place].strip())]
    n = sum(1 for cell in cells if DATE.fullmatch(cell[:100]))
    if cells and n > DATE_RATIO * len(cells):
        yield notice(
            "dates_as_labels",
            Severity.WARNING,
            msg("The categories in “{column}” are dates.", column=label),
            msg("Choose another column for the categories, if these are not meant."),
            count=n,
        )


def kind_notice(suffix: str, *, is_excel: bool) -> Iterator[Finding]:
    """When the name of the file promises another kind than its content is."""
    text_suffixes, excel_suffixes = (".csv", ".tsv", ".txt", ".tab"), (".xlsx", ".xlsm", ".xls")
    if is_excel and suffix in text_suffixes:
        yield notice(
            "other_kind",
            Severity.NOTE,
            msg("The file is called {suffix} but is an Excel workbook. It was read as one.", suffix=suffix),
        )
    if not is_excel and suffix in excel_suffixes:
        yield notice(
            "other_kind",
            Severity.NOTE,
            msg("The file is called {suffix} but is a text file. It was read as one.", suffix=suffix),
        )
