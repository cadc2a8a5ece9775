"""Steps that leave no trace: the real loop's own steps on a copy of the classifier, for what is measured before a run."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from core.domain.recipe import TrainingRecipe
from core.tasks.protocol import Task
from core.techniques.protocol import Technique
from core.training.batches import TokenizedExamples
from core.training.checkpoints import Checkpoints, random_states, restore_random_states
from core.training.loop import Loop, Outlets
from core.training.model import Classifier

SEED_SHIFT = 7_919  # trials draw other rows and masks than the run


@contextmanager
def trial(
    classifier: Classifier,
    practice: TokenizedExamples,
    *,
    recipe: TrainingRecipe,
    task: Task,
    technique: Technique,
    precision: str,
    device: torch.device,
    pad_id: int,
) -> Iterator[Loop]:
    """The loop that would run, for its `gradients` and `update`. `classifier` and all random state stay as they are."""
    states = random_states(device)
    try:
        torch.manual_seed(recipe.seed + SEED_SHIFT)
        yield Loop(
            copy.deepcopy(classifier),
            practice,
            practice,
            recipe,
            task,
            technique,
            precision,
            device,
            pad_id,
            Checkpoints(Path(), ""),
            Outlets(),
        )
    finally:
        restore_random_states(states, device)
