"""What this machine was seen to reach: tokens per second of earlier runs, in one small JSON file. No torch here."""

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.domain.recipe import TrainingRecipe
from core.files import written_aside
from core.techniques import slowdown

FILE = "speed.json"  # in the folder of the base models


def speed_key(recipe: TrainingRecipe, device: str) -> str:
    """What decides the seconds of a token: runs with equal keys are comparable."""
    parts = (device, recipe.base_model, str(recipe.n_layers), recipe.technique, str(recipe.batch_size), *recipe.extras)
    return "|".join(parts)


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
    values = _read(base_models_dir) | {speed_key(recipe, device): round(tokens_per_second, 1)}
    with contextlib.suppress(OSError), written_aside(base_models_dir / FILE) as aside:
        aside.write_text(json.dumps(values, indent=1))


def _read(base_models_dir: Path) -> dict[str, Any]:
    try:
        values = json.loads((base_models_dir / FILE).read_text())
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
