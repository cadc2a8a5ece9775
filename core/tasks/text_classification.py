"""Sort each text into exactly one of several categories."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.domain.message import msg
from core.domain.number import NumberScale
from core.domain.run import Score
from core.domain.task import CLASSIFICATION, AnswerKind
from core.tasks.protocol import Targets

if TYPE_CHECKING:
    import torch


class TextClassification:
    name = CLASSIFICATION
    title = msg("Sort texts into categories")
    answer_kind = AnswerKind.CATEGORY

    def scale(self, practice: Sequence[str]) -> NumberScale | None:
        return None

    def targets(self, labels: Sequence[str], names: Sequence[str], scale: NumberScale | None) -> Targets:
        """Positions in `names`."""
        place = {name: i for i, name in enumerate(names)}
        return np.array([place[label] for label in labels], dtype=np.int64)

    def n_outputs(self, n_labels: int) -> int:
        return n_labels

    def first_bias(self, targets: np.ndarray) -> np.ndarray | None:
        return None

    def loss(self, logits: "torch.Tensor", targets: "torch.Tensor", weights: "torch.Tensor | None") -> "torch.Tensor":
        """Cross entropy, summed: -sum_i w[t_i] log softmax(z_i)[t_i]."""
        from torch.nn import functional

        return functional.cross_entropy(logits.float(), targets, weight=weights, reduction="sum")

    def answers(self, logits: np.ndarray) -> np.ndarray:
        """Softmax along the last axis in float64."""
        shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
        proba: np.ndarray = shifted / shifted.sum(axis=1, keepdims=True)
        return proba

    def score(self, answers: np.ndarray, targets: np.ndarray, scale: NumberScale | None = None) -> Score:
        """Accuracy, and the mean F1 over the categories that occur as truth or as answer."""
        chosen = answers.argmax(axis=1)
        n_labels = answers.shape[1]
        right = np.bincount(targets[chosen == targets], minlength=n_labels)
        asked = np.bincount(targets, minlength=n_labels) + np.bincount(chosen, minlength=n_labels)
        f1 = 2 * right[asked > 0] / asked[asked > 0]
        n = len(targets)
        return Score(
            accuracy=float((chosen == targets).mean()) if n else 0.0, macro_f1=float(f1.mean()) if n else 0.0, n=n
        )

    def goodness(self, answers: np.ndarray, targets: np.ndarray) -> float:
        return self.score(answers, targets).accuracy
