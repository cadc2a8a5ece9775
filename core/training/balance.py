"""How much the examples of each category count."""

import numpy as np

IMBALANCED = 10  # above this many rows of the biggest category to one of the smallest, "auto" weighs
HEAVIEST = 10.0


def label_weights(targets: np.ndarray, n_labels: int, mode: str) -> np.ndarray | None:
    """A weight per label: n / (n_present_labels * n_of_label), at most 10. None where all count alike.

    `mode` is the recipe's `class_weights`.
    """
    counts = np.bincount(targets, minlength=n_labels)
    present = counts[counts > 0]
    if mode == "none" or (mode == "auto" and present.max() <= IMBALANCED * present.min()):
        return None
    weights: np.ndarray = np.minimum(HEAVIEST, len(targets) / (len(present) * np.maximum(counts, 1)))
    return weights
