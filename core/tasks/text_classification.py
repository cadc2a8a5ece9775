"""Sort each text into exactly one of several categories."""

from typing import TYPE_CHECKING

import numpy as np

from core.domain.message import msg
from core.domain.run import Score

if TYPE_CHECKING:
    import torch


class TextClassification:
    name = "text_classification"
    title = msg("Sort texts into categories")

    def n_outputs(self, n_labels: int) -> int:
        return n_labels

    def loss(self, logits: "torch.Tensor", targets: "torch.Tensor", weights: "torch.Tensor | None") -> "torch.Tensor":
        """Cross entropy, summed: -sum_i w[t_i] log softmax(z_i)[t_i]."""
        from torch.nn import functional

        return functional.cross_entropy(logits.float(), targets, weight=weights, reduction="sum")

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Softmax along the last axis in float64."""
        shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
        proba: np.ndarray = shifted / shifted.sum(axis=1, keepdims=True)
        return proba

    def score(self, probabilities: np.ndarray, targets: np.ndarray) -> Score:
        """Accuracy, and the mean F1 over the categories that occur as truth or as answer."""
        answers = probabilities.argmax(axis=1)
        n_labels = probabilities.shape[1]
        right = np.bincount(targets[answers == targets], minlength=n_labels)
        asked = np.bincount(targets, minlength=n_labels) + np.bincount(answers, minlength=n_labels)
        f1 = 2 * right[asked > 0] / asked[asked > 0]
        n = len(targets)
        return Score(
            accuracy=float((answers == targets).mean()) if n else 0.0, macro_f1=float(f1.mean()) if n else 0.0, n=n
        )
