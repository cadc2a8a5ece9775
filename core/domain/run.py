"""A run is the science of one training: recipe, data, seed, environment, curves, result. It outlives its job."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.domain.job import JobStatus
from core.domain.message import Message
from core.domain.number import NumberScore
from core.domain.recipe import TrainingRecipe
from core.domain.search import SearchRecord
from core.domain.several import SeveralScore
from core.domain.tracking import TrackingPlace

#: Names of the curves. Stored; they stay for ever.
PRACTICE_LOSS = "practice_loss"
CHECKUP_LOSS = "checkup_loss"
CHECKUP_ACCURACY = "checkup_accuracy"
LEARNING_RATE = "learning_rate"
GRADIENT_NORM = "gradient_norm"
FINDER_LOSS = "finder_loss"  #: of the learning-rate finder, by its own steps; smoothed
FINDER_RATE = "finder_rate"  #: the learning rate it tried at the same step

STARTING = "starting"  #: in `Run.seconds`: all besides the stages, of a run that nothing and nobody interrupted


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPoint:
    """One value on a live curve. `step` counts optimizer updates, starting at 1 (0 = before training)."""

    name: str
    step: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The short form of a result on one split. Ratios are 0 to 1."""

    accuracy: float
    macro_f1: float
    n: int  #: examples asked

    def to_json(self) -> dict[str, Any]:
        return {"accuracy": self.accuracy, "macro_f1": self.macro_f1, "n": self.n}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Score":
        return cls(accuracy=value["accuracy"], macro_f1=value["macro_f1"], n=value["n"])


AnyScore = Score | NumberScore | SeveralScore


def score_from_json(value: Mapping[str, Any]) -> AnyScore:
    """Each kind is known by the names of its measures."""
    if "mae" in value:
        return NumberScore.from_json(value)
    return SeveralScore.from_json(value) if "micro_f1" in value else Score.from_json(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    id: int
    name: str
    dataset_id: str
    dataset_name: str
    recipe: TrainingRecipe
    status: JobStatus  #: its job's last status, kept when the job is deleted
    job_id: int | None  #: None once the job's entry is deleted
    model_id: int | None
    environment: Mapping[str, Any]  #: versions, device, precision, threads
    draft: AnyScore | None  #: the quick linear answer on the exam, as soon as it exists
    score: AnyScore | None  #: the published model on the exam
    kept: str | None  #: "draft", "fine_tuned" or "mix": what the check-up split chose
    best_step: int | None
    n_steps: int | None  #: planned optimizer updates
    seconds: Mapping[str, float]  #: stage -> wall seconds
    live_sentence: Message | None  #: the newest sentence of the coach
    created_at: datetime
    finished_at: datetime | None
    search: SearchRecord | None = None  #: what was tried for the best settings, as soon as one trial is through
    tracking: Mapping[str, TrackingPlace] = field(default_factory=dict)  #: by tracker: other tools that keep its curves

    @property
    def settled_recipe(self) -> TrainingRecipe:
        """The recipe with what it left to a measurement at the run's start, once that is made."""
        way = self.environment.get("long_texts")
        return self.recipe if way is None else replace(self.recipe, long_texts=way)

    @property
    def forecast_seconds(self) -> tuple[float, float] | None:
        """The likely range that was foreseen at its start; None for runs of versions that kept none."""
        found = self.environment.get("forecast_seconds")
        return (float(found[0]), float(found[1])) if found else None

    @property
    def forecast_error(self) -> float | None:
        """How far the middle of what was foreseen lay from what it took, as a share of that: 0.2 for 20% too long. None
        where either is unknown, or where the run was interrupted."""
        took = sum(self.seconds.values())
        if self.forecast_seconds is None or STARTING not in self.seconds or not took:
            return None
        return sum(self.forecast_seconds) / 2 / took - 1
