"""What this machine was seen to reach in earlier runs, in one small JSON file. No torch here.

Two kinds of values, both as on a quiet machine (`core.training.busy`): tokens per second of training steps, by what decides
them; and, for each part of a run that `core.training.forecasting` knows, how often its formula's seconds it really took.
"""

import contextlib
import json
import statistics
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.domain.recipe import TrainingRecipe
from core.files import written_aside
from core.techniques import slowdown

FILE = "speed.json"  # in the folder of the base models
RATIOS = "ratios"  # the key of the second kind
N_RATIOS = 5  # of the newest runs; their median counts


def speed_key(recipe: TrainingRecipe, device: str) -> str:
    """What decides the seconds of a token: runs with equal keys are comparable."""
    parts = (device, recipe.base_model, str(recipe.n_layers), recipe.technique, str(recipe.batch_size), *recipe.extras)
    frozen = (f"frozen={recipe.frozen_layers}",) if recipe.frozen_layers else ()
    return "|".join((*parts, *frozen))


def read_speed(base_models_dir: Path, recipe: TrainingRecipe, device: str) -> float | None:
    """Practice tokens per second of the newest run like this one, or of one without its extras, slowed down by what
    they cost; None when there was none."""
    values = _read(base_models_dir)
    for like, slower in ((recipe, 1.0), (replace(recipe, extras=()), slowdown(recipe))):
        value = values.get(speed_key(like, device))
        if isinstance(value, int | float) and value > 0:
            return float(value) / slower
    return None


def record_speed(base_models_dir: Path, recipe: TrainingRecipe, device: str, tokens_per_second: float) -> None:
    """Remember a measurement. It only helps forecasts, so a folder that cannot be written is no error."""
    _write(base_models_dir, _read(base_models_dir) | {speed_key(recipe, device): round(tokens_per_second, 1)})


def read_ratios(base_models_dir: Path) -> dict[str, float]:
    """How often its formula's seconds each part of a run took here, by the part's name; parts never seen are absent."""
    found = {name: _numbers(values) for name, values in _all_ratios(base_models_dir).items()}
    return {name: statistics.median(values) for name, values in found.items() if values}


def record_ratios(base_models_dir: Path, ratios: Mapping[str, float]) -> None:
    """Remember what one run showed."""
    known = _all_ratios(base_models_dir)
    newest = {name: [*_numbers(known.get(name)), round(value, 4)][-N_RATIOS:] for name, value in ratios.items()}
    _write(base_models_dir, _read(base_models_dir) | {RATIOS: known | newest})


def _all_ratios(base_models_dir: Path) -> dict[str, Any]:
    values = _read(base_models_dir).get(RATIOS)
    return values if isinstance(values, dict) else {}


def _numbers(values: Any) -> list[float]:
    return [float(v) for v in values if isinstance(v, int | float) and v > 0] if isinstance(values, list) else []


def _write(base_models_dir: Path, values: Mapping[str, Any]) -> None:
    with contextlib.suppress(OSError), written_aside(base_models_dir / FILE) as aside:
        aside.write_text(json.dumps(values, indent=1))


def _read(base_models_dir: Path) -> dict[str, Any]:
    try:
        values = json.loads((base_models_dir / FILE).read_text())
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
