"""Which learning rate to take, tried out before a run.

A copy of the classifier makes a few dozen of the run's own steps while the rate rises exponentially. Below some rate
nothing is learned, above another the loss goes up; between them it falls, and fastest a little below the best rate
(Smith, 2015, arXiv:1506.01186). We take the rate at which the smoothed loss falls fastest over the logarithm of the rate,
and never go further from the recipe's than `FACTOR` times.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
import torch

from core.domain.recipe import TrainingRecipe
from core.tasks.protocol import Task
from core.techniques.protocol import Technique
from core.training.batches import TokenizedExamples
from core.training.loop import Loop
from core.training.model import Classifier
from core.training.trial import SEED_SHIFT, trial

N_STEPS = 40
LOWEST, HIGHEST = 1 / 16, 64.0  # of the recipe's rate
SMOOTHING = 0.8  # weight of what was before in the moving average of the loss
GONE_UP = 1.2  # times the lowest smoothed loss: no higher rate needs to be tried
N_AT_LEAST = 8
FACTOR = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRate:
    learning_rate: float
    rates: list[float]  #: that were tried, rising
    losses: list[float]  #: of the step before each was used, smoothed


def find_learning_rate(
    classifier: Classifier,
    practice: TokenizedExamples,
    *,
    recipe: TrainingRecipe,
    task: Task,
    technique: Technique,
    precision: str,
    device: torch.device,
    pad_id: int,
    obey: Callable[[], None] = lambda: None,
) -> FoundRate:
    """Try and choose; the recipe's own rate where the losses tell nothing. `obey` is called before every step and may raise.
    Equal arguments give equal choices on one machine."""
    planned = recipe.learning_rate * np.geomspace(LOWEST, HIGHEST, N_STEPS)
    losses: list[float] = []
    average = 0.0
    with trial(
        classifier,
        practice,
        recipe=recipe,
        task=task,
        technique=technique,
        precision=precision,
        device=device,
        pad_id=pad_id,
    ) as loop:
        for step, (rate, rows) in enumerate(zip(planned, _steps(loop), strict=False), start=1):
            obey()
            loss, norm = loop.gradients(rows, 0, step)
            if not (math.isfinite(value := float(loss)) and math.isfinite(float(norm))):
                break
            average = SMOOTHING * average + (1 - SMOOTHING) * value
            losses.append(average / (1 - SMOOTHING**step))
            if step > N_AT_LEAST and losses[-1] > GONE_UP * min(losses):
                break
            loop.update(step, float(rate), norm)
    rates = [float(rate) for rate in planned[: len(losses)]]
    return FoundRate(learning_rate=choose(rates, losses, recipe.learning_rate), rates=rates, losses=losses)


def choose(rates: list[float], losses: list[float], usual: float) -> float:
    """The rate of the steepest descent before the lowest loss, within `FACTOR` of the usual one, in two digits."""
    lowest = int(np.argmin(losses)) if losses else 0
    if lowest < 2:
        return usual
    slopes = np.gradient(np.asarray(losses[: lowest + 1]), np.log(rates[: lowest + 1]))
    steepest = rates[int(np.argmin(slopes))]
    return float(f"{min(FACTOR * usual, max(usual / FACTOR, steepest)):.2g}")


def _steps(loop: Loop) -> Iterator[np.ndarray]:
    """Rows of one step after the other, without end."""
    for epoch in count():
        yield from loop.steps(epoch, loop.recipe.seed + SEED_SHIFT)
