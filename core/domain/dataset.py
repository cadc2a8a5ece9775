"""What a table is, how it was read, what was found in it, and which rows teach and which examine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.domain.message import Message
from core.domain.number import NumberProfile
from core.domain.repair import Effect, Fix, Operation
from core.domain.task import CLASSIFICATION, SEVERAL, AnswerKind, answer_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it arrived, kept by its content in `uploads/<sha256>`."""

    sha256: str
    filename: str  #: as the person named it; shown, never used as a path
    n_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFormat:
    """How to read a file. None means: guess. A guess comes back with every field that applies filled in."""

    encoding: str | None = None  #: a Python codec name, e.g. "utf-8-sig", "gb18030"; None for Excel
    delimiter: str | None = None  #: one of , ; tab |; "" when there is one column only; None for Excel
    header_row: int | None = None  #: 1-based line of the column names; 0 when there are none
    sheet: str | None = None  #: an Excel sheet, or the table inside a .zip
    smart_quotes: bool | None = None  #: whether “ and ” enclose cells as " does
    fill_merged: bool | None = None  #: whether merged Excel cells give their value to every row they span
    joined_column: int | None = None  #: 1-based column that surplus cells of a row belong to; 0: such rows do not fit


class ColumnRole(StrEnum):
    """What a column holds, judged by its content."""

    TEXT = "text"  #: free text that could be read
    CATEGORY = "category"  #: few values that repeat
    NUMBER = "number"
    DATE = "date"
    ID = "id"  #: a different code in almost every row
    CONTACT = "contact"  #: e-mail addresses, phone numbers, links
    NOTE = "note"  #: free text beside the main one, e.g. what an agent wrote
    LANGUAGE = "language"  #: language codes or names
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table as the reader sees it."""

    name: str
    role: ColumnRole
    n_distinct: int  #: among the sampled rows
    n_blank: int  #: among the sampled rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What a table seems to be about: the roles of its columns, and the task it suggests with the reason."""

    columns: tuple[Column, ...]
    task: str  #: "text_classification", "several_categories", "score", "text_pair", "pair_score" or "unlabeled"
    reason: Message  #: why that task
    sentence: Message  #: e.g. "1,204 texts in Chinese, sorted into 12 categories."
    joinable: tuple[str, ...] = ()  #: text columns that read well together (title, body); offered, never joined unasked
    pair: tuple[str, ...] = ()  #: two columns of texts of one kind, which could be compared


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePreview:
    """The first rows as read with `format`, and what the guesser thinks of the columns."""

    format: TableFormat
    sheets: tuple[str, ...]  #: names of the Excel sheets; empty for text files
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]  #: first rows, every cell a string
    n_rows: int  #: data rows in the whole file, header not counted
    text_column: str | None  #: guessed; None when nothing looks like free text
    label_column: str | None
    notices: "tuple[Finding, ...]" = ()  #: what the reader had to guess, mend or leave out
    understanding: Understanding | None = None
    flag_columns: tuple[str, ...] = ()  #: guessed: 0/1 columns, each of them a category


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherReading:
    """Another way to read the file, offered in one click."""

    key: str  #: names it within its notice, e.g. "fill_down"
    title: Message  #: the button
    format: TableFormat


class Severity(StrEnum):
    BLOCKING = "blocking"  #: training cannot start until it is mended
    WARNING = "warning"  #: training starts, the result may suffer
    NOTE = "note"  #: something was set aside or is worth knowing


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing the checks found. `rows` are 1-based row numbers as a spreadsheet shows them, header included."""

    code: str  #: e.g. "blank_text"; stable, scripts rely on it
    severity: Severity
    count: int  #: rows (or categories) concerned, all of them
    rows: tuple[int, ...]  #: the first 100 at most
    message: Message  #: what was found and where
    advice: Message | None = None  #: what to do next
    file: str = "practice"  #: "practice" or "exam": which of the two files
    fixes: tuple[Fix, ...] = ()  #: ways to mend it, the usual one first
    readings: tuple[OtherReading, ...] = ()  #: other ways to read the file, for notices of the reader


class Split(StrEnum):
    PRACTICE = "practice"  #: the model learns from these rows
    CHECKUP = "checkup"  #: watched while training; picks the best checkpoint and fits probabilities
    EXAM = "exam"  #: never seen by training; the report speaks of these only


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetProfile:
    """What recommendations are made from. Lengths are characters; for Chinese one character is about one token."""

    n_rows: int
    n_labels: int
    language: str  #: "en", "zh" or "other": what most texts are written in
    mean_chars: float
    p95_chars: int
    max_chars: int
    imbalance: float  #: rows of the biggest category / rows of the smallest
    n_unlabeled: int = 0  #: rows of the practice file that have a text but no category
    n_own_exam: int = 0  #: of `n_rows`, those of an exam file of its own; 0: the exam is drawn from all
    n_several: int = 0  #: of `n_rows`, those with several categories at once
    n_without: int = 0  #: of `n_rows`, those that belong to none of the categories


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSpec:
    """Everything that decides a dataset version. Columns left open are guessed, and so is what a format leaves open."""

    upload: Upload
    format: TableFormat = field(default_factory=TableFormat)
    text_columns: tuple[str, ...] = ()
    label_column: str | None = None
    label_columns: tuple[str, ...] = ()  #: 0/1 columns, each of them a category; then there is no `label_column`
    label_separator: str | None = None  #: between several categories of a cell; None: guessed
    exam_upload: Upload | None = None
    exam_format: TableFormat = field(default_factory=TableFormat)
    operations: tuple[Operation, ...] = ()
    split_seed: int = 42
    name: str | None = None  #: decides nothing but what it is called
    sample: str | None = None
    task: str = CLASSIFICATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A frozen version of a person's table: upload, reading, roles and split. Same content, same `id`."""

    id: str  #: 12 hex characters of a sha256 over everything that decides the content
    name: str
    upload: Upload
    format: TableFormat
    exam_upload: Upload | None
    exam_format: TableFormat | None
    text_column: str  #: for people: the column's name, or the joined ones as "Title + Body"
    label_column: str  #: for people: the column's name, or the first ones of `label_columns`
    task: str  #: name in the task registry
    split_seed: int
    n_rows: int  #: data rows read, both files together
    n_used: int  #: rows that entered a split
    n_set_aside: int  #: rows left out, each with a reason, all downloadable
    split_sizes: Mapping[str, int]  #: Split value -> rows
    label_counts: Mapping[str, int]  #: category -> used rows that have it, in order of first appearance
    findings: tuple[Finding, ...]
    profile: DatasetProfile
    created_at: datetime
    sample: str | None = None  #: name of the built-in sample it came from
    text_columns: tuple[str, ...] = ()  #: the columns whose cells make up the text, where there are several
    operations: tuple[Operation, ...] = ()  #: repairs since the upload, in order
    effects: tuple[Effect, ...] = ()  #: what each of `operations` did
    origin: str = ""  #: id of the version without repairs; empty for that version itself
    numbers: NumberProfile | None = None  #: of a table whose label is a score; it has no categories
    label_columns: tuple[str, ...] = ()  #: 0/1 columns, where each category has one of its own
    label_separator: str = ""  #: between several categories of a cell; "" where cells name one

    @property
    def family(self) -> str:
        """Shared by all versions of one upload that differ in repairs only."""
        return self.origin or self.id

    @property
    def read_columns(self) -> tuple[str, ...]:
        """The columns whose cells make up the text."""
        return self.text_columns or (self.text_column,)

    @property
    def learned_columns(self) -> tuple[str, ...]:
        """The columns that say what a text is."""
        return self.label_columns or (self.label_column,)

    @property
    def spec(self) -> DatasetSpec:
        """What to change a part of for another version of this table."""
        return DatasetSpec(
            upload=self.upload,
            format=self.format,
            text_columns=self.read_columns,
            label_column=None if self.label_columns else self.label_column,
            label_columns=self.label_columns,
            label_separator=self.label_separator if self.task == SEVERAL else None,
            exam_upload=self.exam_upload,
            exam_format=self.exam_format or TableFormat(),
            operations=self.operations,
            split_seed=self.split_seed,
            name=self.name,
            sample=self.sample,
            task=self.task,
        )

    @property
    def answers(self) -> AnswerKind:
        return answer_kind(self.task)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.label_counts)

    @property
    def blocking_findings(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.BLOCKING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A small real data set that ships with Tunedesk, described in `data/samples/<name>/sample.json`."""

    name: str
    title: Message
    scene: Message  #: the business situation, e.g. "Customer service"
    language: str
    n_rows: int
    n_labels: int
    licence: str
    source: str
    filename: str
    text_columns: tuple[str, ...]  #: two where the task reads pairs
    label_column: str
    try_text: str  #: an example to pre-fill "Try it" with
    task: str = CLASSIFICATION
    label_columns: tuple[str, ...] = ()  #: 0/1 columns, each of them a category; then `label_column` is ""
    extra: Mapping[str, Any] = field(default_factory=dict)
