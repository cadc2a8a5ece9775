"""Where the cells end and the column names stand: separator, header row, names of columns."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from core.datasets.columns import LABEL_NAMES, TEXT_NAMES

DELIMITERS = (",", ";", "\t", "|")
ONE_COLUMN = ""  # the file has no separator at all
NO_SEPARATOR = "\x1f"  # what the csv module is given then
SAMPLE_RECORDS = 1000
MAX_TITLE_ROWS = 20
NUMBER = re.compile(r"[-+]?[\d\s.,]*\d[%]?")
SEP_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)


def guess_delimiter(text: str) -> str:
    """The separator that cuts most records of `text` into the same number of cells; "" when there is one column only."""
    scores = {delimiter: _score(text, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best] >= 0.4 else ONE_COLUMN


def _score(text: str, delimiter: str) -> float:
    if delimiter not in text:
        return 0.0
    records = sample_records(text, delimiter)
    widths = Counter(len(record) for record in records)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0])) if widths else (1, 0)
    if width < 2:
        return 0.0
    score = count / len(records)
    if len(records[0]) != width:
        score *= 0.5
    n_spaced = sum(1 for record in records for cell in record[1:] if cell.startswith(" "))
    if n_spaced > 0.5 * sum(len(record) - 1 for record in records):
        score *= 0.5  # commas of sentences are followed by a space, separators hardly ever
    if _splits_names(records):
        score = max(score, 0.45)
    return score


def _splits_names(records: Sequence[Sequence[str]]) -> bool:
    """Whether the first record reads "text,label" and no other has fewer cells: texts hold separators without quotes."""
    first = records[0]
    names_known = any(cell.strip().casefold() in TEXT_NAMES | LABEL_NAMES for cell in first)
    return len(first) > 1 and names_known and all(len(record) >= len(first) for record in records)


def sample_records(text: str, delimiter: str, n: int = SAMPLE_RECORDS) -> list[list[str]]:
    """The first records of `text` that are not blank, parsed leniently. The last one may be cut and is left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or NO_SEPARATOR)
    records: list[list[str]] = []
    try:
        for record in reader:
            if any(record):
                records.append(record)
            if len(records) > n:
                break
    except csv.Error:
        pass
    return records[:-1] if len(records) > 20 else records


def guess_header_row(records: Sequence[Sequence[str]]) -> int:
    """1-based number of the record that names the columns; 0 when the first rows already look like data."""
    filled = [sum(1 for cell in record if cell.strip()) for record in records]
    typical = Counter(n for n in filled if n).most_common(1)
    width = typical[0][0] if typical else 0
    for number, (record, n) in enumerate(zip(records, filled, strict=True), start=1):
        if number > MAX_TITLE_ROWS:
            break
        if n and len(record) >= width and any(cell.strip().casefold() in TEXT_NAMES | LABEL_NAMES for cell in record):
            return number
        if n and (n >= width or n >= max(2, 0.6 * width)):
            if _is_header(record, records[number:]):
                return number
            above = records[number - 2] if number > 1 else ()
            return number - 1 if sum(1 for cell in above if cell.strip()) > 1 else 0
    return next((number for number, n in enumerate(filled, start=1) if n), 0)


def _is_header(record: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Names are short words that do not come back as values of their own column."""
    cells = [cell.strip() for cell in record]
    if any(len(cell) > 80 or NUMBER.fullmatch(cell) for cell in cells):
        return False
    repeats = sum(
        1
        for index, cell in enumerate(cells)
        if cell and any(len(row) > index and row[index].strip().casefold() == cell.casefold() for row in below)
    )
    n_filled = sum(1 for cell in cells if cell)
    return repeats == 0 or (repeats == n_filled and n_filled > 1 and _comes_back_whole(cells, below))


def _comes_back_whole(cells: list[str], below: Sequence[Sequence[str]]) -> bool:
    """A header that is repeated as one row, as in files that were pasted together."""
    return any([cell.strip() for cell in row] == cells for row in below)


def name_columns(cells: Sequence[str], n: int) -> tuple[str, ...]:
    """Every column gets a name of its own: blanks become "Column 3", repeated ones "name (2)"."""
    names: list[str] = []
    taken: set[str] = set()
    for index in range(n):
        cell = " ".join(cells[index].replace("\ufeff", "").split()) if index < len(cells) else ""
        base = cell or f"Column {index + 1}"
        name, copy = base, 2
        while name in taken:
            name, copy = f"{base} ({copy})", copy + 1
        taken.add(name)
        names.append(name)
    return tuple(names)
