"""From a dial position to a complete recipe, and from a recipe to minutes and memory. No torch: pages call this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base_models.advice import advice_for
from core.base_models.catalog import CATALOG, E5_ALL, E5_ZH_EN, default_for
from core.domain.dataset import DatasetProfile
from core.domain.message import Message, msg, nmsg
from core.domain.recipe import Forecast, Preset, SettingValue, TrainingRecipe
from core.techniques import TECHNIQUES, slowdown
from core.training.machine import Machine
from core.training.speed import read_speed

PRACTICE_SHARE = 0.8  # of the rows, about; the split decides exactly
CHECKUP_SHARE = 0.1
CHARS_PER_TOKEN = {"en": 4.3, "zh": 1.3}  # measured on banking77 and waimai_10k with the default models
OTHER_CHARS_PER_TOKEN = 3.0
LENGTH_STEP = 16
LONGEST = {Preset.QUICK: 256, Preset.BALANCED: 256, Preset.BEST: 512}
FEW_ROWS_PER_LABEL = 20
LONG_SECONDS = 3600.0  # a Balanced run that takes longer than this is not what we propose first

# Multiply-adds a core or device does in training per second, on the careful side: 45 GFLOP/s of one AVX2 core in fp32.
FLOPS = {"cpu": 45e9, "mps": 1.5e12, "cuda": 15e12}
MAX_USEFUL_CORES = 8
FIXED_SECONDS = 20.0  # imports, weights, export
MEASURED_RANGE, GUESSED_RANGE = (0.8, 1.4), (0.6, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    n_layers: int
    hidden: int

    @property
    def layer_parameters(self) -> int:
        return 12 * self.hidden * self.hidden


SHAPES = {entry.name: _Shape(n_layers=entry.n_layers, hidden=entry.hidden) for entry in CATALOG}
BASE_SHAPE = _Shape(n_layers=12, hidden=768)  # what an unknown model is taken for

_Settings = dict[str, Any]
Recommendation = tuple[TrainingRecipe, tuple[Message, ...], bool]


def recommend(
    profile: DatasetProfile, preset: Preset, *, machine: Machine, base_model: str | None = None
) -> Recommendation:
    """The recipe of a dial position for this data, one sentence per choice, and whether it is the position we propose."""
    base = base_model or default_for(profile.language)
    reasons: list[Message] = []
    if base_model is None:
        reasons.append(_language_reason(profile.language))
    max_length = _max_length(profile, preset)
    if n_tokens(profile, profile.max_chars) > max_length:
        reasons.append(
            msg("The longest texts are cut after {max_length} tokens, which saves time.", max_length=max_length)
        )
    recipe = TrainingRecipe(
        preset=preset, base_model=base, max_length=max_length, **_BUILDERS[preset](profile, base, reasons)
    )
    if preset is not Preset.QUICK and profile.imbalance > 10:
        reasons.append(
            msg("Rare categories count more, because the biggest has over 10 times the rows of the smallest.")
        )
    if machine.kind == "cpu":
        reasons.append(msg("It runs on the processor: no graphics card was found."))
    else:
        reasons.append(msg("It runs on {name}.", name=machine.name))
    return recipe, tuple(reasons), preset is _proposed(profile, machine, base)


def learning_rate_for(technique: str, recipe: TrainingRecipe) -> float:
    """The learning rate of `recipe` for another technique: the fewer weights learn, the further each must move."""
    rate = recipe.learning_rate / TECHNIQUES[recipe.technique].learning_rate_factor
    return float(f"{min(1.0, rate * TECHNIQUES[technique].learning_rate_factor):.6g}")


def with_overrides(recipe: TrainingRecipe, overrides: Mapping[str, SettingValue]) -> TrainingRecipe:
    """A copy with some settings replaced. Another technique brings its own learning rate unless one is given."""
    changed = recipe.changed(overrides)
    if changed.technique != recipe.technique and "learning_rate" not in overrides:
        return changed.changed({"learning_rate": learning_rate_for(changed.technique, recipe)})
    return changed


def forecast(profile: DatasetProfile, recipe: TrainingRecipe, machine: Machine, base_models_dir: Path) -> Forecast:
    """Seconds and memory of a run, from the speed an earlier run had here, or else from a careful formula."""
    device = machine.kind if recipe.device == "auto" else recipe.device
    measured = read_speed(base_models_dir, recipe, device)
    seconds = forecast_seconds(profile, recipe, machine, measured)
    low, high = GUESSED_RANGE if measured is None and recipe.technique != "draft" else MEASURED_RANGE
    return Forecast(
        low_seconds=seconds * low,
        high_seconds=seconds * high,
        memory_bytes=_memory_bytes(profile, recipe),
        device="cuda:0" if device == "cuda" else device,
    )


def forecast_seconds(
    profile: DatasetProfile, recipe: TrainingRecipe, machine: Machine, tokens_per_second: float | None
) -> float:
    """The middle of the range. `tokens_per_second` is of training steps; None takes the formula's."""
    shape = SHAPES.get(recipe.base_model, BASE_SHAPE)
    n_layers = recipe.n_layers or shape.n_layers
    device = machine.kind if recipe.device == "auto" else recipe.device
    cores = min(machine.n_cores, MAX_USEFUL_CORES)
    answer_flops = 2 * shape.layer_parameters * shape.n_layers  # per token, forward only
    tokens_per_row = min(recipe.max_length, n_tokens(profile, profile.mean_chars))
    embedding = profile.n_rows * tokens_per_row * answer_flops / (FLOPS["cpu"] * cores)
    fitting = 2.0 + 4e-6 * profile.n_rows * (20 + profile.n_labels) * min(60, tokens_per_row)
    seconds = FIXED_SECONDS + embedding + fitting
    if recipe.technique == "draft":
        return seconds
    flops = FLOPS[device] * (cores if device == "cpu" else 1)
    step_speed = tokens_per_second or flops / (6 * shape.layer_parameters * n_layers * slowdown(recipe))
    practice_tokens = PRACTICE_SHARE * profile.n_rows * tokens_per_row * recipe.epochs
    n_checks = recipe.epochs * recipe.checks_per_epoch
    checkup_tokens = CHECKUP_SHARE * profile.n_rows * tokens_per_row * (n_checks + 1)
    return seconds + practice_tokens / step_speed + checkup_tokens / (3 * step_speed)


def n_tokens(profile: DatasetProfile, n_chars: float) -> int:
    """About how many tokens a text of `n_chars` characters has, the two special ones included."""
    return 2 + round(n_chars / CHARS_PER_TOKEN.get(profile.language, OTHER_CHARS_PER_TOKEN))


def _max_length(profile: DatasetProfile, preset: Preset) -> int:
    """Room for the longest text with a margin, in steps of 16: batches are padded only as far as they need."""
    wanted = 1.3 * n_tokens(profile, profile.max_chars)
    rounded = LENGTH_STEP * -int(-wanted // LENGTH_STEP)
    return min(LONGEST[preset], max(2 * LENGTH_STEP, rounded))


def _proposed(profile: DatasetProfile, machine: Machine, base: str) -> Preset:
    recipe = TrainingRecipe(base_model=base, **_balanced(profile, base, []))
    return Preset.BALANCED if forecast_seconds(profile, recipe, machine, None) <= LONG_SECONDS else Preset.QUICK


def _language_reason(language: str) -> Message:
    if language == "en":
        return msg("Most texts are English, so the English base model is used.")
    if language == "zh":
        return msg("Most texts are Chinese, so the Chinese base model is used.")
    return msg("The texts are in another language, so the multilingual base model is used.")


# -- the three positions ----------------------------------------------------------------------------------------------


def _quick(profile: DatasetProfile, base: str, reasons: list[Message]) -> _Settings:
    reasons.append(msg("A linear model on frozen text vectors and word counts gives an honest first answer soon."))
    return {"technique": "draft"}


def _balanced(profile: DatasetProfile, base: str, reasons: list[Message]) -> _Settings:
    settings = _fine_tuning(profile, base, reasons)
    if base in (E5_ZH_EN, E5_ALL):
        settings["n_layers"] = 6
        reasons.append(msg("The first 6 of 12 layers are used: half the time, and nothing was lost on reviews."))
    return settings


def _best(profile: DatasetProfile, base: str, reasons: list[Message]) -> _Settings:
    settings = _fine_tuning(profile, base, reasons)
    epochs = int(settings["epochs"])
    rate = float(settings["learning_rate"]) / 2
    return settings | {"epochs": epochs + max(2, epochs // 2), "learning_rate": rate, "patience": 6}


def _fine_tuning(profile: DatasetProfile, base: str, reasons: list[Message]) -> _Settings:
    """More passes over few rows, fewer over many: what counts is the number of updates."""
    n_practice = PRACTICE_SHARE * profile.n_rows
    epochs = next(
        epochs
        for rows, epochs in ((500, 10), (2_000, 6), (5_000, 4), (50_000, 3), (float("inf"), 2))
        if n_practice < rows
    )
    reasons.append(
        nmsg(
            "{n} pass over {rows} rows is enough.",
            "{n} passes over {rows} rows are enough.",
            epochs,
            rows=profile.n_rows,
        )
    )
    if profile.n_rows < FEW_ROWS_PER_LABEL * profile.n_labels:
        reasons.append(msg("Few rows per category: the quick linear model may well win, and then it is kept."))
    advice = advice_for(base)
    if advice.technique == "lora":
        reasons.append(
            msg("This base model was made to write: small added weights are trained, and its last word counts.")
        )
    return {
        "technique": advice.technique,
        "epochs": epochs,
        "learning_rate": advice.learning_rate,
        "pooling": advice.pooling,
        "batch_size": 16 if n_practice < 500 else 32,
    }


_BUILDERS: dict[Preset, Callable[[DatasetProfile, str, list[Message]], _Settings]] = {
    Preset.QUICK: _quick,
    Preset.BALANCED: _balanced,
    Preset.BEST: _best,
}


def _memory_bytes(profile: DatasetProfile, recipe: TrainingRecipe) -> int:
    """Libraries, the encoder's session and vectors; for fine-tuning weights, gradients, moments and activations."""
    shape = SHAPES.get(recipe.base_model, BASE_SHAPE)
    n_layers = recipe.n_layers or shape.n_layers
    weights = 4 * shape.layer_parameters * shape.n_layers
    total = 700e6 + 2 * weights + profile.n_rows * (shape.hidden * 8 + 6 * profile.mean_chars)
    if recipe.technique != "draft":
        pass_tokens = min(16_384, recipe.batch_size * min(recipe.max_length, n_tokens(profile, profile.p95_chars)))
        trained = 1.0 if recipe.technique == "full" else 0.1
        total += 500e6 + weights * (1 + 3 * trained) + pass_tokens * n_layers * shape.hidden * 4 * 30
    return int(total)
