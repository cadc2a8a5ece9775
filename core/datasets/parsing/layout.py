"""Where the cells end and the column names stand: separator, header row, names of columns."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from core.datasets.columns import LABEL_NAMES, TEXT_NAMES

DELIMITERS = (",", ";", "\t", "|")
FULLWIDTH_COMMA = "，"
ONE_COLUMN = ""  # the file has no separator at all
NO_SEPARATOR = "\x1f"  # what the csv module is given then
SAMPLE_RECORDS = 1000
MAX_TITLE_ROWS = 20
MAX_SURPLUS_RATIO = 0.2  # of the sampled records; below it, records with surplus cells are set aside
NUMBER = re.compile(r"[-+]?[\d\s.,]*\d[%]?")
SEP_LINE = re.compile(r'"?sep=(.)"?(?:\r\n|\r|\n)', re.IGNORECASE)
SMART_OPENING = r"(^|{delimiter}|[\r\n])“"
SMART_CLOSING = r"”(?={delimiter}|[\r\n]|$)"


def guess_delimiter(text: str) -> str:
    """The separator that cuts most records of `text` into the same number of cells; "" when there is one column only."""
    scores = {delimiter: _score(text, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    if scores[best] >= 0.4:
        return best
    return FULLWIDTH_COMMA if _score(text, FULLWIDTH_COMMA) >= 0.95 else ONE_COLUMN


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


def ordinary_quotes(text: str, delimiter: str) -> str:
    """“ and ” around cells become ", and straight ones inside such cells are doubled."""
    separator = re.escape(delimiter or NO_SEPARATOR)
    opened = re.sub(SMART_OPENING.format(delimiter=separator), "\\1\x02", text)
    closed = re.sub(SMART_CLOSING.format(delimiter=separator), "\x03", opened)
    doubled = re.sub("\x02[^\x02\x03]*\x03", lambda cell: cell[0].replace('"', '""'), closed)
    return doubled.replace("\x02", '"').replace("\x03", '"')


def has_smart_quotes(text: str, delimiter: str) -> bool:
    """Whether “ and ” enclose cells: read so, more records have as many cells as the first one."""
    if "“" not in text or "\x02" in text or "\x03" in text:
        return False
    rewritten = ordinary_quotes(text, delimiter)
    return rewritten != text and _fitting(rewritten, delimiter) > _fitting(text, delimiter)


def _fitting(text: str, delimiter: str) -> float:
    records = sample_records(text, delimiter)
    return sum(len(record) == len(records[0]) for record in records) / len(records) if records else 0.0


def split_fullwidth(records: Sequence[Sequence[str]]) -> tuple[int, list[str]] | None:
    """The first filled record when it is one cell like “内容，类别” above rows that do have as many cells: number, cells."""
    for number, record in enumerate(records[:MAX_TITLE_ROWS], start=1):
        filled = [cell for cell in record if cell.strip()]
        if not filled:
            continue
        cells = filled[0].split(FULLWIDTH_COMMA) if len(filled) == 1 else []
        below = Counter(len(row) for row in records[number:] if any(row)).most_common(1)
        if len(cells) > 1 and below and below[0][0] == len(cells) and all(cell.strip() for cell in cells):
            return number, cells
        return None
    return None


def guess_joined_column(records: Sequence[Sequence[str]], header: Sequence[str]) -> int:
    """1-based column whose texts hold the separator without quotes, when many records are too long; else 0.

    It is the column named like a text, else the one that leaves the fewest different values in the others when joined.
    """
    n = len(header)
    filled = [record for record in records if any(cell.strip() for cell in record)]
    surplus = [record for record in filled if any(cell.strip() for cell in record[n:])]
    if n < 2 or len(surplus) <= MAX_SURPLUS_RATIO * len(filled):
        return 0

    def others(at: int) -> int:
        left = {(index, record[index]) for record in surplus for index in range(at)}
        right = {(index, record[index - n]) for record in surplus for index in range(at + 1, n)}
        return len(left | right)

    named = [cell.strip().casefold() in TEXT_NAMES for cell in header]
    return min(range(n), key=lambda at: (not named[at], others(at))) + 1


def guess_header_row(records: Sequence[Sequence[str]]) -> int:
    """1-based number of the record that names the columns; 0 when the first rows already look like data."""
    filled = [sum(1 for cell in record if cell.strip()) for record in records]
    typical = Counter(n for n in filled if n).most_common(1)
    width = typical[0][0] if typical else 0
    for number, (record, n) in enumerate(zip(records, filled, strict=True), start=1):
        if number > MAX_TITLE_ROWS:
            break
        if n and len(record) >= width and _has_known_name(record):
            is_title = n == 1 < width and any(map(_has_known_name, records[number : number + 3]))
            if not is_title:
                return number
        if n and (n >= width or n >= max(2, 0.6 * width)):
            if _is_header(record, records[number:]):
                return number
            above = records[number - 2] if number > 1 else ()
            return number - 1 if sum(1 for cell in above if cell.strip()) > 1 else 0
    return next((number for number, n in enumerate(filled, start=1) if n), 0)


def _has_known_name(record: Sequence[str]) -> bool:
    return any(cell.strip().casefold() in TEXT_NAMES | LABEL_NAMES for cell in record)


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
