"""What a column looks like: measures of a sample of its cells, and the role that they speak for."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.datasets.column_names import LANGUAGES, Hint, NameHints, hints_of
from core.datasets.ordering import in_order
from core.datasets.several import NO, YES, guessed_parts
from core.domain.dataset import ColumnRole

MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[ap]m)?(?:\s?(?:z|utc|[-+]\d{2}:?\d{2}))?"
DAYS = (
    r"\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?",
    r"\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?",
    r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}",
    rf"\d{{1,2}}[-\s]{MONTH}[-\s,]+\d{{2,4}}",
    rf"{MONTH}\s\d{{1,2}},?\s\d{{4}}",
    r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])",
)
DATE = re.compile(rf"(?:{'|'.join(DAYS)})(?:(?:\s+|t){CLOCK})?|{CLOCK}", re.IGNORECASE)
ADDRESS = re.compile(
    r"[^\s@]+@[^\s@]+\.[^\s@]+|(?:https?://|www\.)\S+|@\w+|\d{1,3}(?:\.\d{1,3}){3}"  # mail, link, handle, IP
    r"|\+\d[\d\s().-]{6,}\d|1[3-9]\d{9}|\(\d{3,4}\)\s?\d{3,4}-?\d{4}|\d{3}[-.\s]\d{3}[-.\s]\d{4}|0\d{2,3}-\d{7,8}",
    re.IGNORECASE,
)
NUMBER = re.compile(r"[-+]?[¥￥$€£]?\d*[\d,.\s]*\d\s?(?:[%元分€]|kg|km)?")
DECIMAL = re.compile(r"[-+]?\d*[.,]\d+")
CODE = re.compile(r"(?=\S*\d)[A-Za-z0-9_\-#:/.]+")
UNIT = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’][A-Za-z]+)?|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,2}|[\u0370-\u1fff]+")
PLAIN_MARKS = frozenset(
    ["0", "1", "0.0", "1.0", "true", "false", "yes", "no", "y", "n", "是", "否"]
)  # none of them stands for anything else
MAX_LABEL_CHARS = 60
MAX_GRADES = 20  # more different whole numbers than these are amounts, fewer may be categories
MAX_CODES = 50
STEPS = (3, 11)  # different values of a scale: of two, one is just the other's opposite; 0 to 10 are eleven
MAX_CELLS, MIN_CELLS = 100_000, 20  # matched with the patterns: of all columns together, and at least of each
CELLS_OF_COLUMN = 500
CELL_CHARS = 200
MOST = 0.6  # share of the cells that makes a column what they are
SMALL = 30  # rows; below, values have hardly had the chance to repeat


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSketch:
    """Ratios are of the sampled cells that are not blank."""

    index: int
    name: str
    hints: NameHints
    n_cells: int  #: sampled rows
    n_filled: int
    n_distinct: int  #: among the sampled rows
    n_values: int  #: in the whole table where that is known, else among the sampled rows
    distinct_ratio: float  #: likewise
    mean_chars: float
    mean_words: float  #: words; of Chinese two characters each
    number_ratio: float
    decimal_ratio: float
    date_ratio: float
    address_ratio: float
    code_ratio: float
    language_ratio: float  #: names and codes of languages
    counts_up: bool  #: whole numbers, each greater than the one above
    is_binary: bool  #: 0 and 1, yes and no, a mark and nothing
    has_order: bool  #: a few values that stand in an order by their names, such as 1 to 5 or low to high
    separator: str  #: between several categories in one cell; "" where cells hold one value
    parts: frozenset[str]  #: the categories named in the sampled cells, where there is a `separator`

    @property
    def hint(self) -> Hint | None:
        return self.hints.hint

    @property
    def filled_ratio(self) -> float:
        return self.n_filled / max(self.n_cells, 1)

    @property
    def is_mechanical(self) -> bool:
        """Numbers, dates, addresses and codes: never free text."""
        return max(self.number_ratio, self.date_ratio, self.address_ratio, self.code_ratio) > MOST

    @property
    def is_wordy(self) -> bool:
        return self.mean_words >= 3.5

    @property
    def is_free(self) -> bool:
        """Sentences, or at least words that hardly repeat."""
        if self.is_mechanical or self.separator or not self.n_filled:
            return False
        if self.mean_chars > MAX_LABEL_CHARS or (self.is_wordy and self.distinct_ratio >= 0.2):
            return self.distinct_ratio >= 0.05 or self.n_cells < SMALL
        return self.distinct_ratio >= (0.5 if self.n_cells >= SMALL else 0.8)

    @property
    def role(self) -> ColumnRole:
        if not self.n_filled:
            return ColumnRole.EMPTY
        if self.date_ratio > MOST:
            return ColumnRole.DATE
        if self.address_ratio > MOST or (self.is_mechanical and self.hint is Hint.CONTACT):
            return ColumnRole.CONTACT
        if self.language_ratio > 0.9 and (self.n_values > 1 or self.hint is Hint.LANGUAGE):
            return ColumnRole.LANGUAGE
        if self.number_ratio > MOST:
            return self._role_of_numbers
        if self.code_ratio > MOST:
            repeats = self.n_values <= MAX_CODES and self.distinct_ratio < 0.5 and self.hint is not Hint.ID
            return ColumnRole.CATEGORY if repeats else ColumnRole.ID
        if not self.is_free:
            return ColumnRole.CATEGORY
        if self.hint is Hint.PERSON and not self.is_wordy:
            return ColumnRole.CONTACT
        return ColumnRole.NOTE if self.hint is Hint.NOTE else ColumnRole.TEXT

    @property
    def _role_of_numbers(self) -> ColumnRole:
        if self.hint is Hint.DATE:
            return ColumnRole.DATE
        is_amount = self.hint in (Hint.NUMBER, Hint.GRADE) or self.decimal_ratio > MOST
        all_differ = self.distinct_ratio > 0.95 and self.mean_chars >= 6
        if self.hint is Hint.ID or (not is_amount and (self.counts_up or all_differ)):
            return ColumnRole.ID
        is_spread = self.n_values > MAX_GRADES or (self.distinct_ratio > 0.5 and self.n_cells >= SMALL)
        if self.hint is Hint.NUMBER or self.decimal_ratio > MOST or is_spread:
            return ColumnRole.NUMBER
        return ColumnRole.CATEGORY


def sketch_columns(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    n_rows: int,
    values: Sequence[Collection[str] | None] = (),
) -> list[ColumnSketch]:
    """One sketch a column of `rows`, a sample of the table's `n_rows`.

    Args:
        values: of each column every different value in the whole table; None where there are too many to keep.
    """
    n_matched = min(max(MAX_CELLS // max(len(names), 1), MIN_CELLS), CELLS_OF_COLUMN)
    known = values or [None] * len(names)
    return [
        _sketch(index, name, [row[index].strip() for row in rows], n_rows, known[index], n_matched)
        for index, name in enumerate(names)
    ]


def _sketch(
    index: int, name: str, cells: list[str], n_rows: int, values: Collection[str] | None, n_matched: int
) -> ColumnSketch:
    filled = [cell for cell in cells if cell]
    distinct = set(filled)
    n_values, distinct_ratio = len(distinct), len(distinct) / max(len(filled), 1)
    if values is not None:
        n_values = len(values)
        if n_rows > len(cells):  # a sorted file repeats more, or less, in its first rows than in all
            distinct_ratio = n_values / max(n_rows * len(filled) / len(cells), 1)
    step = max(len(filled) // n_matched, 1)
    matched = [cell[:CELL_CHARS] for cell in filled[::step][:n_matched]]
    n = max(len(matched), 1)

    def ratio(pattern: re.Pattern[str]) -> float:
        return sum(1 for cell in matched if pattern.fullmatch(cell)) / n

    has_digits = any(character.isdecimal() for cell in matched for character in cell)
    number_ratio = ratio(NUMBER) if has_digits else 0.0
    separator, parts = guessed_parts(Counter(filled))
    return ColumnSketch(
        index=index,
        name=name,
        hints=hints_of(name),
        n_cells=len(cells),
        n_filled=len(filled),
        n_distinct=len(distinct),
        n_values=n_values,
        distinct_ratio=min(distinct_ratio, 1.0),
        mean_chars=sum(map(len, filled)) / max(len(filled), 1),
        mean_words=sum(len(UNIT.findall(cell)) for cell in matched) / n,
        number_ratio=number_ratio,
        decimal_ratio=ratio(DECIMAL) if number_ratio else 0.0,
        date_ratio=ratio(DATE) if has_digits else 0.0,
        address_ratio=ratio(ADDRESS),
        code_ratio=ratio(CODE) if has_digits else 0.0,
        language_ratio=sum(1 for cell in matched if cell.casefold() in LANGUAGES) / n,
        counts_up=number_ratio > 0.95 and _counts_up(filled),
        is_binary=_is_binary(distinct if values is None else values, has_blanks=len(filled) < len(cells)),
        has_order=STEPS[0] <= n_values <= STEPS[1] and in_order(sorted(map(str.strip, values or distinct))) is not None,
        separator=separator,
        parts=parts,
    )


def _is_binary(values: Collection[str], *, has_blanks: bool) -> bool:
    """Words for yes and for no, or for yes in some cells and nothing in the others."""
    words = {word for value in values if (word := value.strip().casefold())}
    if words <= YES:
        return len(words) == 1 and has_blanks
    return words <= PLAIN_MARKS and not words <= NO


def _counts_up(filled: list[str]) -> bool:
    if len(filled) < 3 or not all(cell.isdecimal() for cell in filled):
        return False
    numbers = list(map(int, filled))
    pairs = list(pairwise(numbers))
    return sum(1 for a, b in pairs if a < b) > 0.95 * len(pairs) or sum(1 for a, b in pairs if a > b) > 0.95 * len(
        pairs
    )
