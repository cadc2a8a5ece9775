"""Give each text all categories that fit: what a review praises, whom a ticket concerns. None may fit, too."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.domain.message import msg
from core.domain.number import NumberScale
from core.domain.several import SeveralScore, categories_of
from core.domain.task import SEVERAL, AnswerKind
from core.tasks.protocol import Targets

if TYPE_CHECKING:
    import torch

#: probabilities that are tried as the one threshold of all categories; most texts have few of many categories, so low ones count
COMMON_THRESHOLDS = np.round(np.concatenate([np.arange(0.05, 0.3, 0.025), np.arange(0.3, 0.96, 0.05)]), 3)


class SeveralCategories:
    """Every category is a question of its own, with an answer between 0 and 1; they share the network below."""

    name = SEVERAL
    title = msg("Give each text all categories that fit")
    answer_kind = AnswerKind.CATEGORIES

    def scale(self, practice: Sequence[str]) -> NumberScale | None:
        return None

    def targets(self, labels: Sequence[str], names: Sequence[str], scale: NumberScale | None) -> Targets:
        """1 where a row has the category, else 0: float32 of shape (n, n_names)."""
        place = {name: i for i, name in enumerate(names)}
        found = np.zeros((len(labels), len(names)), dtype=np.float32)
        for row, label in enumerate(labels):
            found[row, [place[name] for name in categories_of(label)]] = 1.0
        return found

    def n_outputs(self, n_labels: int) -> int:
        return n_labels

    def first_bias(self, targets: np.ndarray) -> np.ndarray | None:
        """Log-odds of each category in practice: from zero, half of all categories, a few hundred steps would go by first."""
        n_having = targets.sum(axis=0, dtype=np.float64)
        log_odds: np.ndarray = np.log((n_having + 0.5) / (len(targets) - n_having + 0.5))
        return log_odds

    def loss(self, logits: "torch.Tensor", targets: "torch.Tensor", weights: "torch.Tensor | None") -> "torch.Tensor":
        """Binary cross entropy, summed: -sum_i sum_k w[k] (y_ik log s(z_ik) + (1 - y_ik) log(1 - s(z_ik))).

        Summed over categories too: with few of them true a text's gradient is then about as long as that of one cross entropy.
        """
        from torch.nn import functional

        return functional.binary_cross_entropy_with_logits(
            logits.float(), targets.float(), weight=weights, reduction="sum"
        )

    def answers(self, logits: np.ndarray) -> np.ndarray:
        """The logistic function in float64."""
        proba: np.ndarray = 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -50, 50)))
        return proba

    def score(self, answers: np.ndarray, targets: np.ndarray, scale: NumberScale | None = None) -> SeveralScore:
        """Of the categories that are likelier than not; who has thresholds uses `several_score`."""
        return several_score(answers >= 0.5, targets)

    def goodness(self, answers: np.ndarray, targets: np.ndarray) -> float:
        """Macro F1 at the one threshold that suits these answers best.

        Half-trained models answer too low to reach 0.5, and how good they are shows in the order of their answers.
        """
        return max(several_score(answers >= threshold, targets).macro_f1 for threshold in COMMON_THRESHOLDS)


def several_score(chosen: np.ndarray, targets: np.ndarray) -> SeveralScore:
    """`chosen` and `targets` of shape (n, n_labels), true where a text gets, and has, a category."""
    has, n = targets > 0.5, len(targets)
    right = (chosen & has).sum(axis=0)
    asked = has.sum(axis=0) + chosen.sum(axis=0)
    occur = asked > 0
    return SeveralScore(
        macro_f1=float((2 * right[occur] / asked[occur]).mean()) if occur.any() else 0.0,
        micro_f1=float(2 * right.sum() / asked.sum()) if occur.any() else 0.0,
        exact=float((chosen == has).all(axis=1).mean()) if n else 0.0,
        n=n,
    )
