"""A published model and what the exam said about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.domain.policy import Policy
from core.domain.pretraining import Pretrained
from core.domain.run import AnyScore, Score
from core.domain.task import AnswerKind, answer_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseModel:
    """An entry of the catalog of pretrained models."""

    name: str
    title: str
    languages: tuple[str, ...]  #: "en", "zh", "multilingual"
    n_parameters: int
    n_bytes: int  #: of the unpacked folder, or of the download
    licence: str
    source: str  #: the package or hub id it comes from
    good_for: str  #: one English sentence; a catalog message id
    sha256: str  #: of the file that the source ships; "" for hub and folder models
    installed: bool
    pretrained: Pretrained | None = None  #: of a base model of one's own: the texts it has read

    def suits(self, language: str) -> bool:
        """Whether it was made for texts in `language`; those of a hundred languages suit what no other is made for."""
        return language in self.languages or (language not in ("en", "zh") and "multilingual" in self.languages)

    @property
    def is_downloaded(self) -> bool:
        """Whether the start of a training would fetch it from the Hugging Face hub."""
        return not self.installed and self.source == self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    id: int
    name: str
    run_id: int
    dataset_id: str
    task: str
    labels: tuple[str, ...]
    language: str
    base_model: str
    kept: str  #: "draft", "fine_tuned" or "mix"
    threshold: float  #: that training chose: below this probability an answer is "not sure"
    score: AnyScore | None
    n_bytes: int
    created_at: datetime
    policy: Policy | None = (
        None  #: which answers go out by themselves, as a person chose; None while `threshold` decides
    )

    @property
    def rule(self) -> Policy:
        """What is in use."""
        return self.policy or Policy(threshold=self.threshold)

    @property
    def has_own_rule(self) -> bool:
        """Whether a person chose which answers go out by themselves, not only how strict it is about "none of these"."""
        policy = self.policy
        if policy is None:
            return False
        return bool(policy.handle or policy.overrides) or policy.threshold != self.threshold

    @property
    def answers(self) -> AnswerKind:
        return answer_kind(self.task)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelReport:
    label: str
    precision: float
    recall: float
    f1: float
    n: int  #: exam rows that truly belong to it
    n_predicted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReport:
    """The exam's result. `confusion[i][j]` counts rows of true label i that were answered j (order of `labels`)."""

    score: Score
    n_right: int
    interval: tuple[float, float]  #: 95% Wilson score interval of the accuracy
    majority: Score  #: always answering the biggest practice category
    draft: Score | None
    labels: tuple[str, ...]
    per_label: tuple[LabelReport, ...]
    confusion: tuple[tuple[int, ...], ...]
    threshold: float
    n_sure: int  #: exam rows at or above the threshold, of those that are like the practice rows
    n_sure_right: int
    ece: float  #: expected calibration error with 15 equal-width bins (Guo et al., 2017)
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """An answer for one text. `probabilities` are calibrated and sum to 1, highest first."""

    text: str
    label: str
    probability: float
    sure: bool
    probabilities: Mapping[str, float]
    familiar: bool = True  #: False: it is like none of the categories and goes to a person
