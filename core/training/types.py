"""What goes into training and what comes out. No torch here: handlers and tests use these too."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from core.domain.job import Stage, Wish
from core.domain.message import Message
from core.domain.number import NumberScale
from core.domain.run import AnyScore, MetricPoint
from core.domain.search import SearchRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Texts with what is learned of each. Same length."""

    texts: list[str]
    targets: list[int] | np.ndarray  #: as `Task.targets` gives them; a plain list holds indices of labels
    rows: tuple[int, ...] = ()  #: their numbers as the spreadsheet shows them; empty where nobody asks

    @property
    def array(self) -> np.ndarray:
        return as_array(self.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    labels: tuple[str, ...]  #: empty where a number is learned
    practice: Examples
    checkup: Examples
    exam: Examples
    language: str
    text_column: str = "text"  #: for people: "Title + Body" where several columns make up the text
    text_columns: tuple[str, ...] = ()  #: what a file must have to be read alike; `text_column` alone if empty
    unlabeled: tuple[str, ...] = ()  #: texts without a category; none is near to one of the splits
    scale: NumberScale | None = None  #: of the numbers that are learned
    has_own_exam: bool = False  #: whether the exam came as a file of its own


class Reporter(Protocol):
    """Where training tells what it sees. The job's handler writes it to the store; tests collect it in lists."""

    def point(self, point: MetricPoint) -> None: ...

    def stage(self, stage: Stage, fraction: float, seconds_left: tuple[float, float] | None) -> None:
        """`fraction` is 0 to 1 within this stage; `seconds_left` is for the whole job."""

    def draft(self, score: AnyScore) -> None:
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
    draft_score: AnyScore
    best_step: int | None
    n_steps: int  #: optimizer updates really made
    stopped: str  #: "", "early", "by_person", "diverged"
    seconds: Mapping[str, float] = field(default_factory=dict)  #: stage -> wall seconds


ShouldStop = Callable[[], Wish]


def as_array(targets: Sequence[int] | np.ndarray) -> np.ndarray:
    """Targets as the task made them; those of a plain list are indices of labels."""
    return targets if isinstance(targets, np.ndarray) else np.asarray(targets, dtype=np.int64)


class Cancelled(Exception):
    """Raised by the loop after it saw Wish.CANCEL, once everything is closed."""
