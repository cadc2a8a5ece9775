"""What a table seems to be about: the roles of its columns, the task it suggests and why, and one sentence that says so."""

from collections.abc import Collection, Sequence

from core.datasets.column_names import Hint, hints_of
from core.datasets.column_sketch import ColumnSketch, sketch_columns
from core.datasets.columns import TEXT_ROLES, Guess, guess
from core.datasets.language import HAN, language_of
from core.datasets.several import parts_of
from core.datasets.table_sentences import sentence
from core.domain.dataset import Column, ColumnRole, Dataset, Understanding
from core.domain.message import Message, msg, nmsg
from core.domain.task import ORDERED, AnswerKind, reads_pairs

N_TEXTS_READ = 300  # to tell the language
MIXED_RATIO = 0.15  # share of the rarer script that makes a table one of several languages
MAX_TITLE_CHARS = 120
SAME_RATIO = 0.8  # share of equal cells that makes two columns copies of each other
TITLE_WORDS = 2.5  # the least of a title that is known by its cells alone
N_COLUMNS_NAMED = 6
EXAMPLE_CHARS = 60


def understand(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    n_rows: int,
    values: Sequence[Collection[str] | None] = (),
) -> tuple[Understanding, Guess]:
    """Judge a table by the sample `rows` of its `n_rows`.

    Args:
        values: of each column every different value in the whole table; None where there are too many to keep.
            Without them a sentence about more rows than the sample says "at least".
    """
    sketches = sketch_columns(names, rows, n_rows, values)
    guessed = guess(sketches)
    chosen = {guessed.text.index} if guessed.text else set()
    if reads_pairs(guessed.task):
        chosen |= {column.index for column in guessed.pair}
    joinable = _joinable(guessed, sketches, rows)
    return (
        Understanding(
            columns=tuple(
                Column(
                    name=sketch.name,
                    role=_role(sketch, guessed, chosen),
                    n_distinct=sketch.n_distinct,
                    n_blank=sketch.n_cells - sketch.n_filled,
                )
                for sketch in sketches
            ),
            task=guessed.task,
            reason=_reason(guessed, rows),
            sentence=_sentence(guessed, sketches, rows, n_rows, values),
            joinable=tuple(column.name for column in joinable),
            pair=tuple(column.name for column in guessed.pair),
        ),
        guessed,
    )


def sentence_of(dataset: Dataset) -> Message:
    """The sentence for a finished dataset: all is counted, nothing guessed."""
    if reads_pairs(dataset.task):
        return sentence("pair", "texts", dataset.profile.language, n=dataset.n_used)
    if dataset.answers is AnswerKind.NUMBER:
        noun = _noun_of_names(dataset.read_columns)
        return sentence("score", noun, dataset.profile.language, n=dataset.n_used)
    return sentence(
        "several" if dataset.answers is AnswerKind.CATEGORIES else "sorted",
        _noun_of_names(dataset.read_columns),
        dataset.profile.language,
        n=dataset.n_used,
        n_categories=len(dataset.label_counts),
    )


def sets_in_words(dataset: Dataset) -> Message:
    """How many texts of a finished dataset have several categories at once, and how many none."""
    n_several, n_without = dataset.profile.n_several, dataset.profile.n_without
    if not n_without:
        return nmsg(
            "{n:,} of them has several categories at once.", "{n:,} of them have several categories at once.", n_several
        )
    return nmsg(
        "{n:,} of them has several categories at once, {n_without:,} none of the categories.",
        "{n:,} of them have several categories at once, {n_without:,} none of the categories.",
        n_several,
        n_without=n_without,
    )


def _role(sketch: ColumnSketch, guessed: Guess, chosen: Collection[int]) -> ColumnRole:
    """Its own, unless the guess took it for what it is named, or beside a fuller text it is but a note."""
    if sketch.index in chosen:
        return ColumnRole.TEXT
    if sketch in guessed.flags:
        return ColumnRole.CATEGORY
    role = sketch.role
    if guessed.label is sketch and guessed.task != "score" and role is not ColumnRole.NUMBER:
        return ColumnRole.CATEGORY
    is_rare = guessed.text is not None and sketch.filled_ratio < 0.6 <= guessed.text.filled_ratio - 0.2
    return ColumnRole.NOTE if role is ColumnRole.TEXT and is_rare and sketch.hint is not Hint.TITLE else role


def _reason(guessed: Guess, rows: Sequence[Sequence[str]]) -> Message:
    text, label = guessed.text, guessed.label
    if text is None:
        return msg("No column holds free text.")
    if guessed.flags:
        columns = ", ".join(f"“{flag.name}”" for flag in guessed.flags[:N_COLUMNS_NAMED])
        return msg(
            "The columns {columns} each say yes or no to one category.",
            columns=columns + (", …" if len(guessed.flags) > N_COLUMNS_NAMED else ""),
        )
    if label is None:
        return msg("No column holds values that repeat as categories do.")
    if reads_pairs(guessed.task):
        first, second = guessed.pair
        return msg(
            "“{first}” and “{second}” are texts to compare, and “{label}” says how they relate.",
            first=first.name,
            second=second.name,
            label=label.name,
        )
    if guessed.task == "score":
        return msg(
            "“{label}” holds many different numbers: a score for each text rather than a category.", label=label.name
        )
    if guessed.task == "several_categories":
        example = next(row[label.index] for row in rows if label.separator in row[label.index])
        return msg(
            "Cells of “{label}” name several categories at once, such as “{example}”.",
            label=label.name,
            example=example[:EXAMPLE_CHARS],
        )
    if guessed.task == ORDERED:
        return msg("The values of “{label}” are steps of a scale: their order is learned too.", label=label.name)
    if label.distinct_ratio > 0.5:
        return msg(
            "“{column}” and “{label}” are named like a text and its category.", column=text.name, label=label.name
        )
    return msg("“{column}” holds free text, and the values of “{label}” repeat.", column=text.name, label=label.name)


def _sentence(
    guessed: Guess,
    sketches: Sequence[ColumnSketch],
    rows: Sequence[Sequence[str]],
    n_rows: int,
    values: Sequence[Collection[str] | None],
) -> Message:
    text, label = guessed.text, guessed.label
    if text is None:
        return sentence("no_text", "texts", "other", n=n_rows)
    language = _language([row[text.index] for row in rows])
    noun = _noun(text, sketches)
    if guessed.task in ("score", "unlabeled"):
        return sentence(guessed.task, noun, language, n=n_rows)
    if reads_pairs(guessed.task):
        return sentence("pair", noun, language, n=n_rows)
    form = "several" if guessed.task == "several_categories" else "sorted"
    if label is None:
        return sentence(form, noun, language, n=n_rows, n_categories=len(guessed.flags))
    known = values[label.index] if values else None
    if label.separator:
        cells = known if known is not None else [row[label.index] for row in rows]
        n_categories = len({part for cell in cells for part in parts_of(cell, label.separator)})
    else:
        n_categories = label.n_values
    if known is None and n_rows > len(rows):
        form += "_at_least"
    return sentence(form, noun, language, n=n_rows, n_categories=n_categories)


def _language(texts: Sequence[str]) -> str:
    """As `language_of`; "mixed" where many texts hold Chinese and many do not."""
    filled = [text for text in texts if text.strip()]
    sample = filled[:: max(len(filled) // N_TEXTS_READ, 1)]
    han_ratio = sum(1 for text in sample if HAN.search(text)) / max(len(sample), 1)
    language = language_of(sample)
    if language in ("en", "zh") and MIXED_RATIO <= han_ratio <= 1 - MIXED_RATIO:
        others = [text for text in sample if not HAN.search(text)]
        if sum(1 for text in others if any(map(str.isalpha, text))) >= MIXED_RATIO * len(sample):
            return "mixed"
    return language


def _noun(text: ColumnSketch, sketches: Sequence[ColumnSketch]) -> str:
    """What the texts are, where names tell: reviews are rated, and customers write where agents answer."""
    by_name = _noun_of_names([text.name])
    if by_name != "texts":
        return by_name
    others = [sketch.hints for sketch in sketches if sketch is not text]
    if any(hints.of_tickets or hints.of_customers for hints in others) and text.hint in (Hint.TEXT, Hint.TITLE):
        return "messages"
    is_rated = any(sketch.hint is Hint.GRADE and sketch.role is ColumnRole.CATEGORY for sketch in sketches)
    has_product = any(sketch.hint is Hint.ATTRIBUTE for sketch in sketches)
    return "reviews" if is_rated and has_product and text.hint is Hint.TEXT else "texts"


def _noun_of_names(names: Sequence[str]) -> str:
    hints = [hints_of(name) for name in names]
    if any(hint.of_reviews for hint in hints):
        return "reviews"
    return "messages" if any(hint.of_tickets or hint.of_customers for hint in hints) else "texts"


def _joinable(
    guessed: Guess, sketches: Sequence[ColumnSketch], rows: Sequence[Sequence[str]]
) -> tuple[ColumnSketch, ...]:
    """A title and the longer text below it; () where there is no such thing."""
    text = guessed.text
    if text is None or reads_pairs(guessed.task):
        return ()
    others = [sketch for sketch in sketches if sketch is not text and sketch is not guessed.label]
    if text.hint is Hint.TITLE:  # the title was fuller than the body
        bodies = [other for other in others if other.hint is Hint.TEXT and other.role in TEXT_ROLES]
        pairs = [(text, body) for body in bodies]
    else:
        pairs = [(other, text) for other in others if _is_title(other, text)]
    for title, body in pairs:
        if not _repeats(title, body, rows):
            return title, body
    return ()


def _is_title(column: ColumnSketch, text: ColumnSketch) -> bool:
    if column.role is not ColumnRole.TEXT or column.mean_chars > MAX_TITLE_CHARS or column.hints.of_staff:
        return False
    if column.hint is Hint.TITLE:
        return True
    is_short = column.mean_chars < 0.5 * text.mean_chars and column.mean_words >= TITLE_WORDS
    stands_before = column.index == text.index - 1
    return column.hint is None and is_short and stands_before and min(column.distinct_ratio, column.filled_ratio) > 0.7


def _repeats(title: ColumnSketch, body: ColumnSketch, rows: Sequence[Sequence[str]]) -> bool:
    """Whether the title only says again how the body begins, or is its copy."""
    pairs = [(row[title.index].strip(), row[body.index].strip()) for row in rows]
    filled = [(short, long) for short, long in pairs if short and long]
    return bool(filled) and sum(long.startswith(short) for short, long in filled) >= SAME_RATIO * len(filled)
