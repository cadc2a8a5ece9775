"""Which column to read and which to learn, judged by a sample of cells. Never an id, a date or an address."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from core.datasets.column_names import LABEL_NAMES, TEXT_NAMES, Hint
from core.datasets.column_sketch import MAX_LABEL_CHARS, SMALL, ColumnSketch, sketch_columns
from core.domain.dataset import ColumnRole
from core.domain.message import Message, msg
from core.domain.task import CLASSIFICATION, ORDERED
from core.errors import NotFound

__all__ = ["LABEL_NAMES", "TEXT_NAMES", "Guess", "columns_hint", "find_column", "guess", "guess_columns"]

#: How much a name says for a column of free text, as a factor on what its cells say.
TEXT_FACTORS = {
    Hint.TEXT: 5.0,
    Hint.TITLE: 2.0,
    Hint.NOTE: 0.1,
    Hint.LABEL: 0.3,
    Hint.ATTRIBUTE: 0.2,
    Hint.PERSON: 0.1,
    Hint.ID: 0.1,
    Hint.CONTACT: 0.1,
}
#: How likely the values under a name are what one wants to know about a text. A name that says nothing: see UNNAMED.
LABEL_WORTH = {
    Hint.LABEL: 6.0,
    Hint.TEXT: 3.5,  # an "issue" that repeats is one of a list
    Hint.TITLE: 3.5,
    Hint.NOTE: 2.0,
    Hint.GRADE: 2.0,
    Hint.ATTRIBUTE: 1.0,
    Hint.LANGUAGE: 0.3,
    Hint.PERSON: 0.3,
    Hint.CONTACT: 0.1,
}
UNNAMED = 3.0
PLAIN = 10.0
YES_OR_NO = 4.0
LABEL_ROLES = (ColumnRole.CATEGORY, ColumnRole.LANGUAGE)
TEXT_ROLES = (ColumnRole.TEXT, ColumnRole.NOTE)
BELIEVED_RATIO = 0.2  # of cells filled; below, even a plain name is not believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a table offers to read and to learn. `label` is None where there is nothing, or several 0/1 columns."""

    task: str  #: as in `Understanding.task`
    text: ColumnSketch | None = None
    label: ColumnSketch | None = None
    flags: tuple[ColumnSketch, ...] = ()  #: 0/1 columns, one a category
    pair: tuple[ColumnSketch, ...] = ()  #: two texts of one kind; whether they are compared, the task says


def guess_columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str | None, str | None]:
    """The likely text column and the likely category column; None where nothing looks like one."""
    guessed = guess(sketch_columns(names, rows, len(rows)))
    return (guessed.text.name if guessed.text else None), (guessed.label.name if guessed.label else None)


def guess(sketches: Collection[ColumnSketch]) -> Guess:
    text = _best(sketches, _text_score)
    if text is None:
        return Guess(task="unlabeled", label=_best(sketches, _label_score))
    rest = [sketch for sketch in sketches if sketch is not text]
    pair = _pair(text, rest)
    if pair:
        text = pair[0]
    rest = [sketch for sketch in rest if sketch not in pair]
    scale = _scale(rest)
    label = _best(rest, _label_score)
    if label is None or (scale and (scale.hints.plain_label or _label_score(label) <= LABEL_WORTH[Hint.GRADE])):
        label = scale or label
    if (
        label is None and not text.is_free
    ):  # text and label may stand under each other's name; a check offers to swap them
        label = next((column for column in rest if column.hints.plain_label and column.n_filled), None)
    flags = _flags(rest, label)
    if pair and label and (label is scale or label.is_binary):
        return Guess(task="pair_score" if label is scale else "text_pair", text=text, label=label, pair=pair)
    if flags:
        return Guess(task="several_categories", text=text, flags=flags, pair=pair)
    if label is None:
        return Guess(task="unlabeled", text=text, pair=pair)
    if label is scale:
        return Guess(task="score", text=text, label=label, pair=pair)
    if label.separator:
        return Guess(task="several_categories", text=text, label=label, pair=pair)
    is_graded = label.hint is Hint.GRADE and label.has_order
    return Guess(task=ORDERED if is_graded else CLASSIFICATION, text=text, label=label, pair=pair)


def _best(sketches: Collection[ColumnSketch], score: Callable[[ColumnSketch], float]) -> ColumnSketch | None:
    best = max(sketches, key=score, default=None)
    return best if best is not None and score(best) > 0 else None


def _text_score(column: ColumnSketch) -> float:
    """Long and varied cells, of a name that people give to texts."""
    plain = column.hints.plain_text
    if not column.n_filled or (column.is_mechanical and not plain):
        return 0.0
    is_text = column.is_free or plain or (column.hint is Hint.TEXT and column.is_wordy)
    if not is_text and not (column.n_cells < SMALL and column.is_wordy):
        return 0.0
    worth = math.sqrt(min(column.mean_chars, 200.0)) * (0.1 + column.distinct_ratio) * (0.2 + column.filled_ratio)
    if column.hint is Hint.TEXT:
        worth += 4
    if column.hints.of_customers and column.hint is not Hint.PERSON:
        worth *= 1.5
    if column.hints.plain_label and column.mean_chars < MAX_LABEL_CHARS:
        worth *= 0.1
    if column.hint in (Hint.DATE, Hint.NUMBER, Hint.GRADE) and not column.is_wordy:
        return 0.0
    return worth * TEXT_FACTORS.get(column.hint, 1.0) if column.hint else worth


def _label_score(column: ColumnSketch) -> float:
    """Few values that repeat, of a name that people give to answers."""
    if column.n_filled == 0 or column.mean_chars > MAX_LABEL_CHARS + 40 * bool(column.separator):
        return 0.0
    if column.hints.plain_label and column.filled_ratio >= BELIEVED_RATIO:
        return PLAIN - column.distinct_ratio * (0 if column.separator else 2)
    role = column.role
    if role not in LABEL_ROLES and not (column.hint is Hint.LABEL and role is ColumnRole.TEXT and not column.is_wordy):
        return 0.0
    worth = LABEL_WORTH.get(column.hint, 0.0) if column.hint else UNNAMED
    if role is ColumnRole.LANGUAGE:
        worth = LABEL_WORTH[Hint.LANGUAGE]
    elif column.hints.yes_or_no and column.is_binary:
        worth = YES_OR_NO
    n_values = len(column.parts) if column.separator else column.n_values
    n_rows = max(column.n_filled, column.n_values / max(column.distinct_ratio, 0.001))
    if n_values < 2 or n_values > _most_values(n_rows, named=column.hint is Hint.LABEL):
        return 0.0
    repeats = 1.0 if column.separator else 1.0 - 0.5 * column.distinct_ratio
    return worth * repeats * (0.3 + 0.7 * column.filled_ratio)


def _most_values(n_rows: float, *, named: bool) -> float:
    """Categories a table of so many rows may have; more are codes or names of things."""
    if named:
        return max(200, n_rows / 2)
    return max(10, min(200, n_rows / 8))


def _scale(columns: Collection[ColumnSketch]) -> ColumnSketch | None:
    """The column of scores: real numbers, or many whole ones under the name of a score; not amounts of something."""

    def worth(column: ColumnSketch) -> float:
        if column.role is not ColumnRole.NUMBER or column.n_values < 3 or column.hint is Hint.NUMBER:
            return 0.0
        if column.hints.plain_label:
            return 3.0
        if column.hint in (Hint.GRADE, Hint.LABEL):
            return 2.0
        return 1.0 if column.hint is None and column.decimal_ratio > 0.5 else 0.0

    ranked = sorted(columns, key=worth, reverse=True)
    if not ranked or worth(ranked[0]) == 0 or (len(ranked) > 1 and worth(ranked[0]) == worth(ranked[1]) == 1.0):
        return None  # several nameless columns of real numbers are measurements
    return ranked[0]


def _flags(columns: Collection[ColumnSketch], label: ColumnSketch | None) -> tuple[ColumnSketch, ...]:
    """The 0/1 columns, where they and no better column say what a text is about."""
    flags = tuple(column for column in columns if column.is_binary and column.hint is not Hint.ATTRIBUTE)
    if len(flags) < 2:
        return ()
    if label is None:
        return flags  # marks beside blank cells are no values that repeat
    if label not in flags:
        return flags if _label_score(label) <= LABEL_WORTH[Hint.GRADE] and len(flags) > 2 else ()
    return () if label.hints.plain_label else flags


def _pair(text: ColumnSketch, rest: Collection[ColumnSketch]) -> tuple[ColumnSketch, ...]:
    """Two texts and no third one that a 0/1 or score column compares: of the same kind, or a third column is named like
    what says whether they match, as where a job stands beside a CV."""
    others = [column for column in rest if column.role in TEXT_ROLES and not column.hints.plain_label]
    if len(others) != 1:
        return ()
    (other,) = others
    shorter, longer = sorted((text.mean_chars, other.mean_chars))
    alike = {text.hint, other.hint} in ({None}, {Hint.TEXT}) and longer < 2 * max(shorter, 5)
    named = _stem(text.name) == _stem(other.name) or text.hint is None
    asked = any(column.hints.of_relation for column in rest if column is not other)
    apart = {Hint.TITLE, Hint.NOTE} & {text.hint, other.hint}  # a title and its text belong together anyway
    if not (alike and named) and not (asked and not apart):
        return ()
    return (text, other) if text.index < other.index else (other, text)


def _stem(name: str) -> str:
    """ "text_a" and "text_b", "Question 1" and "Question 2", 句子一 and 句子二 are of one kind."""
    return name.strip().casefold().rstrip("0123456789ab一二甲乙").rstrip("_- .")


def find_column(names: Sequence[str], wanted: str, filename: str) -> str:
    """The column a person means: by exact name, else by name without regard to case and outer spaces.

    Raises:
        NotFound: names the columns that exist.
    """
    if wanted in names:
        return wanted
    alike = [name for name in names if name.strip().casefold() == wanted.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    raise NotFound(
        msg("{filename} has no column named “{column}”.", filename=filename, column=wanted), hint=columns_hint(names)
    )


def columns_hint(names: Sequence[str], limit: int = 20) -> Message:
    shown = ", ".join(f"“{name[:60]}”" for name in names[:limit]) + (", …" if len(names) > limit else "")
    return msg("Choose from its columns: {columns}.", columns=shown)
