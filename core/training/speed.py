"""What this machine was seen to reach: tokens per second of earlier runs, in one small JSON file. No torch here."""

import contextlib
import json
from pathlib import Path
from typing import Any

from core.domain.recipe import TrainingRecipe
from core.files import written_aside

FILE = "speed.json"  # in the folder of the base models


def speed_key(recipe: TrainingRecipe, device: str) -> str:
    """What decides the seconds of a token: runs with equal keys are comparable."""
    return "|".join((device, recipe.base_model, str(recipe.n_layers), recipe.technique, str(recipe.batch_size)))


def read_speed(base_models_dir: Path, recipe: TrainingRecipe, device: str) -> float | None:
    """Practice tokens per second of the newest run like this one, None when there was none."""
    value = _read(base_models_dir).get(speed_key(recipe, device))
    return float(value) if isinstance(value, int | float) and value > 0 else None


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
