"""Give each text a number: a rating, a grade, a mood from -4 to 4."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.domain.message import msg
from core.domain.number import NumberScale, NumberScore, number_of
from core.domain.task import SCORE, AnswerKind
from core.tasks.protocol import Targets

if TYPE_CHECKING:
    import torch

UNIT_SCALE = NumberScale(mean=0.0, std=1.0, low=-np.inf, high=np.inf)


class ScoreTask:
    """The model learns y = (number - mean) / std of the practice rows, so that one learning rate fits every unit."""

    name = SCORE
    title = msg("Give each text a score")
    answer_kind = AnswerKind.NUMBER

    def scale(self, practice: Sequence[str]) -> NumberScale:
        values = _numbers(practice)
        std = float(values.std())
        return NumberScale(
            mean=float(values.mean()), std=std if std > 0 else 1.0, low=float(values.min()), high=float(values.max())
        )

    def targets(self, labels: Sequence[str], names: Sequence[str], scale: NumberScale | None) -> Targets:
        scale = scale or UNIT_SCALE
        return ((_numbers(labels) - scale.mean) / scale.std).astype(np.float32)

    def n_outputs(self, n_labels: int) -> int:
        return 1

    def first_bias(self, targets: np.ndarray) -> np.ndarray | None:
        return None

    def loss(self, logits: "torch.Tensor", targets: "torch.Tensor", weights: "torch.Tensor | None") -> "torch.Tensor":
        """Half the squared error, summed: sum_i (z_i - y_i)^2 / 2, so that its gradient is the error itself."""
        return (logits.float().squeeze(-1) - targets.float()).square().sum() / 2

    def answers(self, logits: np.ndarray) -> np.ndarray:
        return logits.astype(np.float64)

    def score(self, answers: np.ndarray, targets: np.ndarray, scale: NumberScale | None = None) -> NumberScore:
        scale = scale or UNIT_SCALE
        return number_score(in_unit(answers, scale), targets * scale.std + scale.mean)

    def goodness(self, answers: np.ndarray, targets: np.ndarray) -> float:
        return max(-1.0, r_squared(answers[:, 0], targets))  # the loop's scale begins there


def in_unit(answers: np.ndarray, scale: NumberScale) -> np.ndarray:
    """Answers of shape (n, 1) on the model's scale as numbers of the table, shape (n,), within its range."""
    return np.clip(answers[:, 0] * scale.std + scale.mean, scale.low, scale.high)


def number_score(answers: np.ndarray, truth: np.ndarray) -> NumberScore:
    """Both of shape (n,), in the same unit."""
    n = len(truth)
    return NumberScore(
        mae=float(np.abs(answers - truth).mean()) if n else 0.0, r2=r_squared(answers, truth) if n else 0.0, n=n
    )


def r_squared(answers: np.ndarray, truth: np.ndarray) -> float:
    """1 - sum (a - y)^2 / sum (y - mean y)^2; 0 where all truths are the same number."""
    spread = float(np.square(truth - truth.mean()).sum())
    return 1.0 - float(np.square(answers - truth).sum()) / spread if spread else 0.0


def _numbers(labels: Sequence[str]) -> np.ndarray:
    values = np.array([number_of(label) for label in labels], dtype=np.float64)
    if np.isnan(values).any():
        raise ValueError("a row in use has no number")  # rows without one were set aside
    return values
