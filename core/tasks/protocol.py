"""What a task decides: what its labels become, the head's size, the loss, and what its results are called."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from core.domain.message import Message
from core.domain.number import NumberScale
from core.domain.run import AnyScore
from core.domain.task import AnswerKind

if TYPE_CHECKING:
    import torch

#: int64 (n,) for one of several labels, float32 (n,) for a number, float32 (n, n_labels) of 0 and 1 for any of them
Targets = np.ndarray[Any, np.dtype[Any]]


class Task(Protocol):
    """One kind of question that a model can be taught to answer."""

    @property
    def name(self) -> str:
        """Stored; stays for ever."""

    @property
    def title(self) -> Message:
        """Shown; may change."""

    @property
    def answer_kind(self) -> AnswerKind: ...

    def scale(self, practice: Sequence[str]) -> NumberScale | None:
        """What turns the model's own numbers into those of the table, from the labels of the practice rows."""

    def targets(self, labels: Sequence[str], names: Sequence[str], scale: NumberScale | None) -> Targets:
        """What is learned: the labels of some rows, as they stand in the table. `names` are all categories."""

    def n_outputs(self, n_labels: int) -> int:
        """Size of the head."""

    def first_bias(self, targets: np.ndarray) -> np.ndarray | None:
        """What the head answers before it has learned anything, (n_outputs,); None for zeros."""

    def loss(self, logits: "torch.Tensor", targets: "torch.Tensor", weights: "torch.Tensor | None") -> "torch.Tensor":
        """The summed loss of a batch, each row times the weight of its target where weights are given."""

    def answers(self, logits: np.ndarray) -> np.ndarray:
        """Logits of shape (n, n_outputs) as answers of the same shape: probabilities, or numbers on the model's scale."""

    def score(self, answers: np.ndarray, targets: np.ndarray, scale: NumberScale | None = None) -> AnyScore:
        """The short form of a result."""

    def goodness(self, answers: np.ndarray, targets: np.ndarray) -> float:
        """One number that check-ups compare, at most 1; more is better."""
