"""Class-balanced weights by the effective number of examples."""

import numpy as np

from core.domain.message import msg
from core.techniques.protocol import Extra

BETA = 0.999  # from about 1,000 examples on, one more of a category tells nothing new


class ClassBalanced(Extra):
    """A category with n examples weighs (1 - beta) / (1 - beta^n), scaled so that the weights have the mean 1.

    For few examples that is 1 / n, for many it levels off: gentler than the inverse of the count.
    """

    name = "class_balanced"
    title = msg("Class-balanced weights")
    help = msg(
        "Rare categories count more, the more so the rarer: helps where the exam asks about all categories alike."
    )
    cost = msg("Costs nothing.")
    paper = "Cui et al., 2019, arXiv:1901.05555"

    def label_weights(self, targets: np.ndarray, n_labels: int) -> np.ndarray:
        counts = np.maximum(np.bincount(targets, minlength=n_labels), 1)
        weights = (1 - BETA) / (1 - BETA ** counts.astype(np.float64))
        scaled: np.ndarray = weights / weights.mean()
        return scaled
