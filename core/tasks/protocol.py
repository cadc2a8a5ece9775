"""What a task decides: the head's size, the loss, and what its results are called."""

from typing import TYPE_CHECKING, Protocol

import numpy as np

from core.domain.message import Message
from core.domain.run import Score

if TYPE_CHECKING:
    import torch


class Task(Protocol):
    """One kind of question that a model can be taught to answer."""

    @property
    def name(self) -> str:
        """Stored; stays for ever."""

    @property
    def title(self) -> Message:
        """Shown; may change."""

    def n_outputs(self, n_labels: int) -> int:
        """Size of the head."""

    def loss(self, logits: "torch.Tensor", targets: "torch.Tensor", weights: "torch.Tensor | None") -> "torch.Tensor":
        """The summed loss of a batch, each row times the weight of its target where weights are given."""

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Logits of shape (n, n_outputs) as probabilities that sum to 1 per row."""

    def score(self, probabilities: np.ndarray, targets: np.ndarray) -> Score:
        """The short form of a result."""
