"""The process that parses an upload. It leaves the table, when asked for, as `table.arrow` in its folder."""

import sys
from pathlib import Path
from typing import Any

from core.datasets.limited_child import answer
from core.domain.dataset import TableFormat
from core.domain.plain import to_plain

TABLE = "table.arrow"


def read(out_dir: Path, request: dict[str, Any]) -> dict[str, Any]:
    from core.datasets.columns import guess_columns
    from core.datasets.parsing.assembling import MAX_LISTED, N_PREVIEW
    from core.datasets.parsing.excel_table import has_macros, read_excel_table
    from core.datasets.parsing.kinds import Kind, kind_of
    from core.datasets.parsing.text_table import read_text_table

    path, filename = Path(request["path"]), request["filename"]
    format = TableFormat(**request["format"])
    out_path = out_dir / TABLE if request["whole"] else None
    sheets: tuple[str, ...] = ()
    macros = False
    if kind_of(path, filename) is Kind.EXCEL:
        format, sheets, table = read_excel_table(path, filename, format, out_path, streaming=request["streaming"])
        macros = has_macros(path)
    else:
        format, table = read_text_table(path, filename, format, out_path)
    text_column, label_column = guess_columns(table.names, table.sample)
    return {
        "format": to_plain(format),
        "sheets": sheets,
        "names": table.names,
        "kept": table.kept,
        "n_rows": table.n_rows,
        "rows": table.sample[:N_PREVIEW],
        "text_column": text_column,
        "label_column": label_column,
        "n_blank": table.n_blank,
        "blank_rows": table.blank_rows[:MAX_LISTED],
        "long_rows": list(table.long_rows.items()),
        "short_rows": list(table.short_rows.items()),
        "macros": macros,
    }


if __name__ == "__main__":
    sys.exit(answer(read))
