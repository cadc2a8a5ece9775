"""The process that parses an upload. It leaves the table, when asked for, as `table.arrow` in its folder."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.datasets.limited_child import answer, refuse_pandas
from core.domain.dataset import Finding, TableFormat
from core.domain.plain import to_plain

if TYPE_CHECKING:
    from core.datasets.parsing.assembling import Assembled

TABLE = "table.arrow"
MAX_SHOWN_CHARS = 5_000  # of a cell in the preview, which the pages' process holds in memory


def read(out_dir: Path, request: dict[str, Any]) -> dict[str, Any]:
    from core.datasets.parsing.assembling import N_PREVIEW
    from core.datasets.parsing.excel_table import read_excel_table
    from core.datasets.parsing.kinds import Kind, kind_of
    from core.datasets.parsing.notices import date_label_notice, kind_notice
    from core.datasets.parsing.text_table import read_text_table
    from core.datasets.parsing.unpacking import unpack

    path, filename = Path(request["path"]), request["filename"]
    format = TableFormat(**request["format"])
    out_path = out_dir / TABLE if request["whole"] else None
    kind = kind_of(path, filename)
    sheets: tuple[str, ...] = ()
    member: str | None = None
    notices: list[Finding] = []
    if kind in (Kind.GZIP, Kind.ZIP):
        path, kind, sheets, member, notices = unpack(path, filename, kind, format.sheet, out_dir)
        if member:
            format = replace(format, sheet=None)
    else:
        notices += kind_notice(Path(filename).suffix.lower(), is_excel=kind is Kind.EXCEL)
    if kind is Kind.EXCEL:
        format, names, table, more = read_excel_table(path, filename, format, out_path, streaming=request["streaming"])
        sheets = sheets or names
    else:
        format, table, more = read_text_table(path, filename, format, out_path, out_dir)
    if member:
        format, more = replace(format, sheet=member), [_inside(notice, member) for notice in more]
    text_column, label_column, flag_columns, understanding = _understood(table)
    notices += [*more, *date_label_notice(table.names, table.sample, label_column)]
    return {
        "format": to_plain(format),
        "sheets": sheets,
        "names": table.names,
        "kept": table.kept,
        "n_columns": table.n_columns,
        "n_rows": table.n_rows,
        "rows": [[_shown(cell) for cell in record] for record in table.sample[:N_PREVIEW]],
        "text_column": text_column,
        "label_column": label_column,
        "flag_columns": flag_columns,
        "understanding": understanding,
        "n_blank": table.blank_rows.n,
        "blank_rows": table.blank_rows.first,
        "notices": [to_plain(notice) for notice in notices],
    }


def _understood(table: "Assembled") -> tuple[str | None, str | None, list[str], dict[str, Any]]:
    from core.datasets.understanding import understand

    understanding, guess = understand(table.names, table.sample, table.n_rows, table.values)
    text_column = guess.text.name if guess.text else None
    label_column = guess.label.name if guess.label else None
    return text_column, label_column, [flag.name for flag in guess.flags], to_plain(understanding)


def _inside(notice: Finding, member: str) -> Finding:
    """Other readings of one of several tables in an archive name it; the sheets of a workbook in there cannot be named."""
    readings = tuple(
        replace(reading, format=replace(reading.format, sheet=member))
        for reading in notice.readings
        if reading.format.sheet is None
    )
    return replace(notice, readings=readings)


def _shown(cell: str) -> str:
    return cell if len(cell) <= MAX_SHOWN_CHARS else cell[: MAX_SHOWN_CHARS - 1] + "…"


if __name__ == "__main__":
    refuse_pandas()
    sys.exit(answer(read))
