"""How long a base model will take to read texts without categories. No torch: pages call this."""

from dataclasses import dataclass
from pathlib import Path

from core.domain.dataset import DatasetProfile
from core.domain.pretraining import PretrainingSettings
from core.training.forecasting import n_tokens, shape_of, training_flops
from core.training.machine import Machine
from core.training.speed import read_ratios, record_ratios

RATIO = "pretraining"  #: under which earlier runs' seconds are kept, as a multiple of the formula's
FIXED_SECONDS = 15.0  # libraries, weights, hashing
FIXED_PASSES = 1.5  # besides the passes: teaching a head, asking the held-out texts
GUESSING_COST = 1.3  # the head, and drawing what is hidden
SEEN_RANGE, GUESSED_RANGE = (0.75, 1.35), (0.6, 1.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Of the texts that shall be read."""

    n_texts: int
    mean_chars: float
    language: str  #: "en", "zh" or "other"


def reading_seconds(
    lengths: Lengths, settings: PretrainingSettings, machine: Machine, base_models_dir: Path
) -> tuple[float, float]:
    """The likely range on a quiet machine."""
    ratio = read_ratios(base_models_dir).get(RATIO)
    low, high = GUESSED_RANGE if ratio is None else SEEN_RANGE
    seconds = FIXED_SECONDS + (ratio or 1.0) * formula_seconds(lengths, settings, machine)
    return low * seconds, high * seconds


def record_reading(
    lengths: Lengths, settings: PretrainingSettings, machine: Machine, base_models_dir: Path, *, quiet_seconds: float
) -> None:
    """Remember what a finished run took, so that the next forecast is nearer."""
    record_ratios(base_models_dir, {RATIO: quiet_seconds / formula_seconds(lengths, settings, machine)})


def formula_seconds(lengths: Lengths, settings: PretrainingSettings, machine: Machine) -> float:
    recipe = settings.recipe()
    shape = shape_of(recipe)
    chars = lengths.mean_chars
    profile = DatasetProfile(
        n_rows=lengths.n_texts,
        n_labels=0,
        language=lengths.language,
        mean_chars=chars,
        p95_chars=round(chars),
        max_chars=round(chars),
        imbalance=1.0,
    )
    tokens = lengths.n_texts * min(settings.max_length, n_tokens(profile, chars))
    flops = 6 * tokens * shape.layer_parameters * shape.n_layers * GUESSING_COST
    return flops * (settings.epochs + FIXED_PASSES / 3) / training_flops(recipe, machine)
