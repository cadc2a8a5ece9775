"""What goes into training and what comes out. No torch here: handlers and tests use these too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.domain.job import Stage, Wish
from core.domain.message import Message
from core.domain.run import MetricPoint, Score
from core.domain.search import SearchRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Texts with their labels as indices into `TrainingData.labels`. Same length."""

    texts: list[str]
    targets: list[int]
    rows: tuple[int, ...] = ()  #: their numbers as the spreadsheet shows them; empty where nobody asks


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    labels: tuple[str, ...]
    practice: Examples
    checkup: Examples
    exam: Examples
    language: str
    text_column: str = "text"  #: for people: "Title + Body" where several columns make up the text
    text_columns: tuple[str, ...] = ()  #: what a file must have to be read alike; `text_column` alone if empty
    unlabeled: tuple[str, ...] = ()  #: texts without a category; none is near to one of the splits


class Reporter(Protocol):
    """Where training tells what it sees. The job's handler writes it to the store; tests collect it in lists."""

    def point(self, point: MetricPoint) -> None: ...

    def stage(self, stage: Stage, fraction: float, seconds_left: tuple[float, float] | None) -> None:
        """`fraction` is 0 to 1 within this stage; `seconds_left` is for the whole job."""

    def draft(self, score: Score) -> None:
        """The draft's honest result on the exam, as soon as it exists."""

    def say(self, sentence: Message) -> None:
        """The live sentence, e.g. "Right on 87 of 100 check-up examples, still improving."."""

    def environment(self, values: Mapping[str, Any]) -> None:
        """Device, precision, threads, versions."""

    def planned(self, n_steps: int) -> None: ...

    def search(self, record: SearchRecord) -> None:
        """What was tried so far for the best settings, after every trial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingResult:
    """What `train_model` leaves in the bundle folder it was given."""

    kept: str  #: "draft", "fine_tuned" or "mix"
    threshold: float
    draft_score: Score
    best_step: int | None
    n_steps: int  #: optimizer updates really made
    stopped: str  #: "", "early", "by_person", "diverged"
    seconds: Mapping[str, float] = field(default_factory=dict)  #: stage -> wall seconds


ShouldStop = Callable[[], Wish]


class Cancelled(Exception):
    """Raised by the loop after it saw Wish.CANCEL, once everything is closed."""
