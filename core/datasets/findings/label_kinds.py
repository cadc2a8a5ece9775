"""What kind of thing stands in the category column, where it is no category: a score, a date, a text, a name per row."""

import re
from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from core.datasets.findings.base import FileRows

DECIMAL = re.compile(r"[-+]?\d*[.,]\d+(?:[eE][-+]?\d+)?")
NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
DATE = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T]\d{1,2}:\d{2}.*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?:,? \d{1,2}:\d{2}.*)?"
)
NAMES = 5_000  #: so many of them are looked at
MIN_SCORES = 20  #: fewer different numbers are a scale, such as 1.0, 1.5 .. 5.0
MIN_TEXT_CHARS = 15  #: mean length from which the category column may hold the texts
MIN_OWN_ROWS = 20  #: rows from which a name for almost every row is no accident


class LabelKind(StrEnum):
    CATEGORY = "category"
    SCORE = "score"  #: decimal numbers, almost all different
    DATE = "date"
    TEXT = "text"  #: the texts; the categories stand in the text column
    OWN = "own"  #: a name of its own in almost every row


def label_kind(file: FileRows) -> LabelKind:
    """Judged once, by the rows in use at that time."""
    if not file.label_kind:
        file.label_kind = _judged(file).value
    return LabelKind(file.label_kind)


def _judged(file: FileRows) -> LabelKind:
    if file.members is not None:
        return LabelKind.CATEGORY
    counts = file.used_counts()
    present = np.flatnonzero(counts)
    if len(present) < 2:
        return LabelKind.CATEGORY
    names = [file.label_names[code] for code in present[:: max(len(present) // NAMES, 1)].tolist()]
    if len(names) >= MIN_SCORES and _share(names, NUMBER) >= 0.9 and _share(names, DECIMAL) >= 0.5:
        return LabelKind.SCORE
    if _share(names, DATE) >= 0.8:
        return LabelKind.DATE
    if _swapped(file, names, len(present)):
        return LabelKind.TEXT
    n_rows = int(counts.sum())
    single = int((counts == 1).sum())
    if (counts >= 2).sum() < 2 or (n_rows >= MIN_OWN_ROWS and single > 0.5 * n_rows):
        return LabelKind.OWN
    return LabelKind.CATEGORY


def _share(names: Sequence[str], pattern: re.Pattern[str]) -> float:
    return sum(1 for name in names if pattern.fullmatch(name[:60])) / len(names)


def _swapped(file: FileRows, names: Sequence[str], n_names: int) -> bool:
    """Long names that hardly repeat beside short texts that do."""
    used = file.used
    n_rows = int(used.sum())
    mean_chars = sum(map(len, names)) / len(names)
    if mean_chars < MIN_TEXT_CHARS or n_names < 0.5 * n_rows or n_rows < 10:
        return False
    n_texts = len(np.unique(file.text_codes[used]))
    spoken = sum(1 for name in names if " " in name.strip() or not name.isascii())
    return n_texts <= max(2, 0.2 * n_rows) and spoken > 0.5 * len(names) and mean_chars > 2 * file.lengths[used].mean()
