"""Records of models that give a text several categories at once, or none of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.message import Message, nmsg

SEPARATOR = "|"  #: between the categories of a row in `rows.parquet`; no category has it in its name
NONE_OF_THEM = SEPARATOR  #: the label of a text that belongs to no category; a blank one means that nobody said


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralScore:
    """The short form of a result. Ratios are 0 to 1."""

    macro_f1: float  #: mean F1 over the categories that occur as truth or as answer: rare ones count as much
    micro_f1: float  #: F1 of all categories of all texts together: frequent ones count more
    exact: float  #: share of texts that got exactly their categories
    n: int  #: examples asked

    @property
    def words(self) -> Message:
        return nmsg(
            "exactly right on {exact} of {n} unseen example (F1 {f1} a category)",
            "exactly right on {exact} of {n} unseen examples (F1 {f1} a category)",
            self.n,
            exact=f"{self.exact:.1%}",
            f1=f"{self.macro_f1:.2f}",
        )

    @property
    def short(self) -> str:
        return f"F1 {self.macro_f1:.2f}"

    def to_json(self) -> dict[str, Any]:
        return {"macro_f1": self.macro_f1, "micro_f1": self.micro_f1, "exact": self.exact, "n": self.n}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "SeveralScore":
        return cls(macro_f1=value["macro_f1"], micro_f1=value["micro_f1"], exact=value["exact"], n=value["n"])


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryReport:
    """How one category fares in the exam."""

    label: str
    threshold: float  #: a text gets it from this probability on
    precision: float
    recall: float
    f1: float
    n: int  #: exam rows that truly have it
    n_answered: int  #: exam rows that got it


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A category that was missed, or wrongly added, and the one that most often stood in its place."""

    label: str
    n: int  #: exam rows where that happened
    n_asked: int  #: of so many that truly have it (missed), or that got it (added)
    other: str | None  #: missed: what was wrongly added to the same rows; added: what was missed in them
    n_other: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralReport:
    """The exam's result of a model that gives several categories."""

    score: SeveralScore
    n_exact: int
    interval: tuple[float, float]  #: 95% Wilson score interval of the exact share
    f1_interval: tuple[float, float]  #: 95% interval of the macro F1, by drawing exam rows anew
    usual: SeveralScore  #: always answering `usual_label`
    usual_label: str  #: the categories that most practice rows have, as one label
    draft: SeveralScore | None
    per_label: tuple[CategoryReport, ...]  #: in the order of the labels
    missed: tuple[Slip, ...]  #: most often first
    added: tuple[Slip, ...]
    n_none: int  #: exam rows that truly have no category
    n_answered_none: int  #: exam rows that got none
    mean_true: float  #: categories a text: so many ticks it takes by hand
    mean_answered: float
    slips: float  #: categories a text that were missed or wrongly added: so many ticks a person has to change
    usual_slips: float  #: the same of always answering `usual_label`
    saved: tuple[float, float]  #: 95% interval of the ticks that the model saves a text, against the less of both
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralPrediction:
    """The categories of one text. `probabilities` are of each category by itself, highest first; they sum to anything."""

    text: str
    categories: tuple[str, ...]  #: those at or above their threshold, in the order of the labels; may be empty
    probabilities: Mapping[str, float]
    thresholds: Mapping[str, float]

    @property
    def label(self) -> str:
        return label_of(self.categories)

    @property
    def confidence(self) -> float:
        """Of the least sure of the given categories; where none is given, that the likeliest is rightly left out."""
        if self.categories:
            return min(self.probabilities[name] for name in self.categories)
        return 1.0 - max(self.probabilities.values(), default=0.0)


def categories_of(label: str) -> tuple[str, ...]:
    """The categories of a row: "delivery|price" has two, "|" has none."""
    return tuple(name for name in label.split(SEPARATOR) if name)


def label_of(categories: Iterable[str]) -> str:
    """The one string that stands for these categories, in the order given."""
    return SEPARATOR.join(categories) or NONE_OF_THEM
