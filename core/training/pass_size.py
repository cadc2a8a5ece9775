"""How many examples to read at once, tried out before a run: doubled until memory or speed says stop.

The examples of a step stay what the recipe says, and with them what is learned: only into how many passes a step is cut
changes. Measured on the longer texts (around the 95th percentile), so that most steps need less than was tried.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from core.domain.recipe import TrainingRecipe
from core.tasks.protocol import Task
from core.techniques.protocol import Technique
from core.training.batches import TOKENS_AT_ONCE, PassLimit, TokenizedExamples
from core.training.forecasting import activation_bytes
from core.training.loop import Loop
from core.training.memory import free_bytes, free_unused, is_out_of_memory
from core.training.model import Classifier
from core.training.trial import trial

FIRST_ROWS = 4
N_TIMES = 3
FASTER = 1.03  # a pass twice as large must bring this much
USABLE_SHARE = 0.6  # of the free memory: other texts are longer, and other programs grow


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRows:
    n_rows: int  #: of one pass
    rows_per_second: dict[int, float]  #: by the rows of a pass, as far as was tried
    limited_by: Literal["step", "speed", "memory"]  #: why no larger pass was taken


def find_pass_rows(
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
) -> FoundRows:
    """Try and choose. `obey` is called before every size and may raise."""
    rows = long_rows(practice.lengths, recipe.batch_size * recipe.gradient_accumulation)
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
        return _doubled(loop, rows, obey)


def long_rows(lengths: np.ndarray, n: int) -> np.ndarray:
    """At most `n` rows around the 95th percentile of the lengths."""
    order = np.argsort(lengths, kind="stable")
    start = max(0, min(len(order) - n, math.ceil(0.95 * len(order)) - n // 2))
    return order[start : start + n]


def _doubled(loop: Loop, rows: np.ndarray, obey: Callable[[], None]) -> FoundRows:
    speeds: dict[int, float] = {}
    best, n_rows = 1, min(FIRST_ROWS, len(rows))
    while True:
        obey()
        if not _fits(loop, rows[:n_rows]):
            return FoundRows(n_rows=best, rows_per_second=speeds, limited_by="memory")
        try:
            speeds[n_rows] = _rows_per_second(loop, rows[:n_rows])
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            loop.optimizer.clear()
        if n_rows not in speeds:
            free_unused()
            return FoundRows(n_rows=best, rows_per_second=speeds, limited_by="memory")
        if best in speeds and speeds[n_rows] < FASTER * speeds[best]:
            return FoundRows(n_rows=best, rows_per_second=speeds, limited_by="speed")
        best = n_rows
        if n_rows == len(rows):
            return FoundRows(n_rows=best, rows_per_second=speeds, limited_by="step")
        n_rows = min(2 * n_rows, len(rows))


def _rows_per_second(loop: Loop, rows: np.ndarray) -> float:
    loop.limit = PassLimit(n_rows=len(rows))
    fastest = math.inf
    if loop.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(loop.device)
    for _ in range(N_TIMES):  # the first one warms up and rarely is the fastest
        started = time.perf_counter()
        loss, _norm = loop.gradients(rows, 0, 1)
        float(loss)  # waits for the device
        fastest = min(fastest, time.perf_counter() - started)
        loop.optimizer.clear()
    return len(rows) / fastest


def _fits(loop: Loop, rows: np.ndarray) -> bool:
    """Whether a pass of these rows stays within what is free: on a graphics card by what the last size took, on a
    processor by an estimate."""
    n_tokens = len(rows) * int(loop.practice.lengths[rows].max())
    if n_tokens > TOKENS_AT_ONCE and len(rows) > 1:
        return False
    if loop.device.type == "cuda":
        free, _total = torch.cuda.mem_get_info(loop.device)
        taken = torch.cuda.max_memory_allocated(loop.device) - torch.cuda.memory_allocated(loop.device)
        return 2 * taken <= USABLE_SHARE * (free + torch.cuda.memory_reserved(loop.device))
    config = loop.classifier.backbone.config
    return activation_bytes(n_tokens, config.num_hidden_layers, config.hidden_size) <= USABLE_SHARE * free_bytes()
