"""Mutates the hostile files of the tests and reads them: no uncaught error, no table that differs in silence.

    python benchmarks/fuzz_reader.py --seed 1 --n 20000

Each mutant is read by a long-lived child under the reader's memory limit, and by a reference where one exists: the csv
module in strict mode on strict UTF-8 with commas, openpyxl for workbooks. A table that differs from the reference without a
notice that says so is a silent difference. Prints JSON; exits with 1 when anything was found.
"""

import argparse
import csv
import io
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.datasets.reading import MEMORY_BYTES
from core.errors import UserError

MAX_FILE_BYTES = 60_000  # bigger ones are left to the tests
MAX_REFERENCE_ROWS = 5_000  # openpyxl unfolds what a ghost cell claims
SLOW_SECONDS = 20
N_KEPT = 20  # examples of each fault in the output
#: Notices that say that cells, rows or columns are not what a strict reader of UTF-8 and commas sees.
TELLING = frozenset(
    [
        "unusual_encoding",
        "guessed_encoding",
        "mixed_encodings",
        "unreadable_characters",
        "separator",
        "separator_line",
        "one_column",
        "end_mark",
        "backslash_quotes",
        "literal_quotes",
        "smart_quotes",
        "unquoted_separators",
        "fullwidth_header",
        "uncalculated_formulas",
        "other_kind",
        "unpacked",
        "several_tables",
    ]
)

Mutation = Callable[[random.Random, bytes, bytes], bytes]


def flip_bytes(rng: random.Random, content: bytes, other: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def truncate(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: rng.randrange(1, len(content) + 1)]


def cut_out(rng: random.Random, content: bytes, other: bytes) -> bytes:
    start = rng.randrange(len(content))
    return content[:start] + content[start + rng.randrange(1, 200) :]


def splice(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: rng.randrange(len(content))] + other[rng.randrange(len(other)) :]


def shuffle_lines(rng: random.Random, content: bytes, other: bytes) -> bytes:
    lines = content.split(b"\n")
    rng.shuffle(lines)
    return b"\n".join(lines)


def mix_lines(rng: random.Random, content: bytes, other: bytes) -> bytes:
    lines = content.split(b"\n") + other.split(b"\n")
    rng.shuffle(lines)
    return b"\n".join(lines[: rng.randrange(1, len(lines) + 1)])


def insert_marks(rng: random.Random, content: bytes, other: bytes) -> bytes:
    marks = (
        b'"',
        b",",
        b"\n",
        b"\r",
        b"\r\n",
        b"\t",
        b";",
        b"\0",
        b"\\",
        b'""',
        b"\xef\xbb\xbf",
        b"\xff",
        b"\xa0",
        b"=",
    )
    for _ in range(rng.choice((1, 1, 3, 10))):
        at = rng.randrange(len(content) + 1)
        content = content[:at] + rng.choice(marks) + content[at:]
    return content


def swap_encoding(rng: random.Random, content: bytes, other: bytes) -> bytes:
    text = content.decode("utf-8", "replace")
    encoding = rng.choice(
        ("gb18030", "big5", "shift_jis", "cp1252", "utf-16", "utf-16-le", "utf-32", "mac_roman", "cp949")
    )
    return text.encode(encoding, "replace")


def repeat(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content * rng.choice((2, 3, 40))


def swap_line_ends(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content.replace(b"\n", rng.choice((b"\r", b"\r\n", b"\n\n", b"\r\r\n")))


def swap_separator(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content.replace(b",", rng.choice((b";", b"\t", b"|", b", ", "，".encode(), b"")))


MUTATIONS: tuple[Mutation, ...] = (
    flip_bytes,
    truncate,
    cut_out,
    splice,
    shuffle_lines,
    mix_lines,
    insert_marks,
    swap_encoding,
    repeat,
    swap_line_ends,
    swap_separator,
)


def mutate(rng: random.Random, corpus: list[tuple[str, bytes]]) -> tuple[str, list[str], bytes]:
    name, content = rng.choice(corpus)
    steps = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        mutation = rng.choice(MUTATIONS)
        other = rng.choice(corpus)[1]
        if content:
            content = mutation(rng, content, other)[: 2 * MAX_FILE_BYTES]
            steps.append(mutation.__name__)
    return name, steps, content


def corpus() -> list[tuple[str, bytes]]:
    from tests.hostile.excel_cases import EXCEL_CASES
    from tests.hostile.text_cases import TEXT_CASES

    files = [(case.name, case.bytes()) for case in (*TEXT_CASES, *EXCEL_CASES) if not case.name.startswith("cell_of")]
    return [(name, content) for name, content in files if 0 < len(content) <= MAX_FILE_BYTES]


def text_reference(content: bytes) -> list[list[str]] | None:
    """The records of strict UTF-8 with commas and correct quotes, blank ones included; None where it is not such a file."""
    try:
        text = content.decode("utf-8-sig")
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    return records if any(len(record) > 1 for record in records) else None


def text_difference(records: list[list[str]], answer: dict[str, Any], table: Any, codes: set[str]) -> str:
    """What the table says otherwise than the records do, row by row; "" for nothing."""
    header_row, n_columns = answer["format"]["header_row"], answer["n_columns"]
    rows, odd = table.column("row").to_pylist(), table.column("cells").to_pylist()
    filled = [row for row, record in enumerate(records, 1) if row > header_row and any(map(str.strip, record))]
    if rows != filled:
        return f"rows {filled[:20]} became {rows[:20]}"
    if any(odd) and "ragged_row" not in codes:
        return "rows that do not fit are not told"
    columns = [table.column(str(index)).to_pylist() for index in range(n_columns)]
    for place, (row, n_cells) in enumerate(zip(rows, odd, strict=True)):
        record = [*records[row - 1], *[""] * n_columns]
        cells = [column[place] for column in columns]
        if not n_cells and (record[:n_columns] != cells or any(map(str.strip, record[n_columns:]))):
            return f"row {row}: {str(record[:n_columns])[:200]} became {str(cells)[:200]}"
    return ""


def book_reference(content: bytes, sheet: str) -> list[list[str]] | None:
    import openpyxl

    from core.datasets.parsing.excel_table import _shown

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        if book[sheet].max_row > MAX_REFERENCE_ROWS:
            return None
        rows = [[_shown(value) for value in row] for row in book[sheet].iter_rows(values_only=True)]
    except Exception:  # what openpyxl cannot open is no reference
        return None
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    filled = [place for place in range(max(map(len, rows), default=0)) if any(row[place].strip() for row in rows)]
    return [[row[place] for place in filled] for row in rows]


def read_one(folder: Path, name: str, content: bytes) -> tuple[str, str]:
    """What happened to a mutant: "refused", "same", "told", "unchecked", "different" or "error", with a remark."""
    import pyarrow as pa

    from core.datasets.reading_child import TABLE, read

    path = folder / "upload"
    path.write_bytes(content)
    request = {"path": str(path), "filename": name, "format": {}, "whole": True, "streaming": False}
    try:
        answer = json.loads(json.dumps(read(folder, request)))
    except UserError as refusal:
        return ("refused", "") if refusal.hint else ("error", f"no way out: {refusal}")
    except MemoryError:
        return "refused", ""
    except Exception:
        return "error", traceback.format_exc()[-1500:]
    with pa.ipc.open_file(str(folder / TABLE)) as file:
        table = file.read_all()
    codes = {notice["code"] for notice in answer["notices"]}
    if content.startswith(b"PK"):
        reference = book_reference(content, answer["format"]["sheet"])
        cells = list(zip(*(table.column(str(index)).to_pylist() for index in answer["kept"]), strict=True))
        expected = [tuple(row) for row in (reference or [])[-len(cells) :]]
        difference = "" if expected == cells else f"{str(expected)[:300]} became {str(cells)[:300]}"
    else:
        reference = text_reference(content)
        difference = text_difference(reference, answer, table, codes) if reference else ""
    if reference is None:
        return "unchecked", ""
    if not difference:
        return "same", ""
    return ("told", "") if codes & TELLING else ("different", f"{difference}; {sorted(codes)}; {answer['format']}")


def work(seed: int, n: int, faults: str) -> Counter[str]:
    """One child: limited as the reader is, reading mutant after mutant."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    os.environ["OMP_NUM_THREADS"] = "1"
    rng = random.Random(seed)
    files = corpus()
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="tunedesk-fuzz-") as name_of_folder:
        folder = Path(name_of_folder)
        for number in range(n):
            name, steps, content = mutate(rng, files)
            started = time.monotonic()
            outcome, remark = read_one(folder, name, content)
            if time.monotonic() - started > SLOW_SECONDS:
                outcomes["slow"] += 1
            outcomes[outcome] += 1
            if outcome in ("error", "different") and outcomes[outcome] <= N_KEPT:
                kept = Path(faults) / f"{seed}-{number}-{outcome}"
                kept.write_bytes(content)
                kept.with_suffix(".json").write_text(json.dumps({"file": name, "steps": steps, "remark": remark}))
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--n", type=int, default=2_000)
    parser.add_argument("--children", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a folder for the mutants that found something")
    options = parser.parse_args()
    started = time.monotonic()
    faults = options.keep or Path(tempfile.mkdtemp(prefix="tunedesk-fuzz-faults-"))
    faults.mkdir(parents=True, exist_ok=True)
    share = [options.n // options.children + (i < options.n % options.children) for i in range(options.children)]
    with multiprocessing.get_context("spawn").Pool(options.children) as pool:
        jobs: list[Any] = [
            pool.apply_async(work, (options.seed * 1_000 + i, n, str(faults))) for i, n in enumerate(share)
        ]
        outcomes = sum((job.get() for job in jobs), Counter())
    result = {
        "seed": options.seed,
        "n": options.n,
        "uncaught_errors": outcomes["error"],
        "silent_differences": outcomes["different"],
        "slow": outcomes["slow"],
        "refused": outcomes["refused"],
        "same_as_reference": outcomes["same"],
        "different_and_told": outcomes["told"],
        "without_reference": outcomes["unchecked"],
        "seconds": round(time.monotonic() - started, 1),
        "faults": str(faults) if outcomes["error"] or outcomes["different"] else None,
    }
    print(json.dumps(result, indent=1))
    return 1 if outcomes["error"] or outcomes["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
