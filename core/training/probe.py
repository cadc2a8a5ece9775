"""Which number format is faster here, and how fast it is: measured with a few real steps before training."""

import copy
import time
from dataclasses import dataclass

import torch

from core.domain.recipe import TrainingRecipe
from core.tasks.protocol import Task
from core.training.batches import TokenizedExamples, padded, passes_of, steps_of_epoch, windows_of
from core.training.model import Classifier
from core.training.optimizer import in_precision

SMALL_MODEL = 1_000_000  # parameters below which half precision has nothing to win
N_TOKENS = 1_024  # of the batch that is timed
N_TIMES = 2
WORTH_IT = 1.15  # half precision must be this much faster


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    precision: str
    tokens_per_second: float


def choose_device(wanted: str) -> torch.device:
    """ "auto" takes CUDA, then MPS, then the CPU; a device that is not there becomes the CPU."""
    has_mps = torch.backends.mps.is_available()
    if wanted in ("auto", "cuda") and torch.cuda.is_available():
        return torch.device("cuda", 0)
    if wanted in ("auto", "mps") and has_mps:
        return torch.device("mps")
    return torch.device("cpu")


def measure(
    classifier: Classifier,
    practice: TokenizedExamples,
    *,
    recipe: TrainingRecipe,
    task: Task,
    device: torch.device,
    pad_id: int,
) -> Probe:
    """Time forward and backward on a real batch in each format that may pay. `classifier` and randomness stay as they are."""
    random_state = torch.get_rng_state()
    try:
        speeds = {
            precision: _tokens_per_second(classifier, practice, recipe, task, device, pad_id, precision)
            for precision in _candidates(classifier, recipe.precision, device)
        }
    finally:
        torch.set_rng_state(random_state)
    exact = speeds.get("fp32", 0.0)
    precision = max(speeds, key=lambda name: speeds[name] * (WORTH_IT if name == "fp32" else 1.0))
    return Probe(precision=precision, tokens_per_second=speeds[precision] or exact)


def _candidates(classifier: Classifier, wanted: str, device: torch.device) -> list[str]:
    if wanted != "auto":
        return [wanted]
    n_parameters = sum(p.numel() for p in classifier.parameters())
    if device.type == "mps" or n_parameters < SMALL_MODEL:
        return ["fp32"]
    if device.type == "cuda":
        return ["fp32", "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"]
    return ["fp32", "bf16"] if _bf16_multiplies_faster() else ["fp32"]


def _bf16_multiplies_faster() -> bool:
    """Whether this CPU has bf16 multiplication: without it the emulation is ten times slower than fp32."""
    seconds = {}
    for dtype in (torch.float32, torch.bfloat16):
        left, right = torch.ones(256, 384, dtype=dtype), torch.ones(384, 768, dtype=dtype)
        left @ right
        started = time.perf_counter()
        for _ in range(3):
            left @ right
        seconds[dtype] = time.perf_counter() - started
    return seconds[torch.bfloat16] < seconds[torch.float32]


def _tokens_per_second(
    classifier: Classifier,
    practice: TokenizedExamples,
    recipe: TrainingRecipe,
    task: Task,
    device: torch.device,
    pad_id: int,
    precision: str,
) -> float:
    trial = copy.deepcopy(classifier).to(device)
    in_precision(trial, precision)
    trial.train()
    first_step = steps_of_epoch(practice.lengths, recipe.batch_size, recipe.seed, 0)[0]
    rows = next(passes_of(first_step, practice.lengths, recipe.batch_size, N_TOKENS))
    ids, mask = (t.to(device) for t in padded(practice, rows, pad_id))
    targets, windows = torch.from_numpy(practice.targets[rows]).to(device), windows_of(practice, rows)
    fastest = float("inf")
    for _ in range(1 + N_TIMES):  # the first one warms up and rarely is the fastest
        started = time.perf_counter()
        loss = task.loss(trial(ids, mask, windows.lengths, windows.counts), targets, None)
        loss.backward()  # type: ignore[no-untyped-call]
        float(loss.detach())  # waits for the device
        fastest = min(fastest, time.perf_counter() - started)
    return int(practice.lengths[rows].sum()) / fastest
