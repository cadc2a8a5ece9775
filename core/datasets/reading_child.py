"""The process that parses an upload: `python -m core.datasets.reading_child OUT_DIR`, the request as JSON on stdin.

It limits its own memory and dies with its parent. It leaves `answer.json` and, when asked, `table.arrow` in OUT_DIR.
Exit codes: 0 read, 2 refused (`answer.json` says why), anything else: killed at a limit.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

from core.domain.dataset import TableFormat
from core.errors import UserError

TABLE, ANSWER = "table.arrow", "answer.json"
REFUSED, OUT_OF_MEMORY = 2, 3


def main(out_dir: Path, request: dict[str, Any]) -> int:
    _limit(request["memory_bytes"], request["seconds"])
    try:
        answer = _read(out_dir, request)
    except MemoryError:
        return OUT_OF_MEMORY
    except UserError as error:
        refusal = {
            "code": error.code,
            "message": error.message.to_json(),
            "hint": error.hint.to_json() if error.hint else None,
        }
        (out_dir / ANSWER).write_text(json.dumps(refusal))
        return REFUSED
    (out_dir / ANSWER).write_text(json.dumps(answer))
    return 0


def _read(out_dir: Path, request: dict[str, Any]) -> dict[str, Any]:
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
        "format": {
            "encoding": format.encoding,
            "delimiter": format.delimiter,
            "header_row": format.header_row,
            "sheet": format.sheet,
        },
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


def _limit(memory_bytes: int, seconds: int) -> None:
    """Memory and processor time of this process; the wall clock is the parent's."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no orphan keeps parsing


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), json.load(sys.stdin)))
