"""Texts that may have several categories, none, or one that is rare; which ones shows in their words."""

import numpy as np

from core.tasks import TASKS
from core.training.types import Examples, TrainingData
from tests.unit.training.tiny import FILLERS, LABELS, WORDS

TASK = TASKS["several_categories"]


def several_examples(n: int, seed: int) -> Examples:
    """Each category comes by itself: in half of the texts, "login" in a quarter."""
    draw = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(n):
        chosen = [name for name, share in zip(LABELS, (0.5, 0.5, 0.25), strict=True) if draw.random() < share]
        words = [str(draw.choice(WORDS[name])) for name in chosen] + [str(word) for word in draw.choice(FILLERS, 4)]
        texts.append(" ".join(draw.permutation(words)))
        labels.append("|".join(chosen) or "|")
    return Examples(texts=texts, targets=TASK.targets(labels, LABELS, None), rows=tuple(range(2, n + 2)))


def several_data() -> TrainingData:
    return TrainingData(
        labels=LABELS,
        practice=several_examples(120, 1),
        checkup=several_examples(60, 2),
        exam=several_examples(60, 3),
        language="en",
    )
