"""What the parts of one run really took, against their formulas: what later forecasts are corrected by. No torch here."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from core.domain.dataset import DatasetProfile
from core.domain.recipe import TrainingRecipe
from core.files import written_aside
from core.training.busy import Stopwatch
from core.training.forecasting import (
    BEST_CHECK,
    FIRST_FIT_SECONDS,
    fit_seconds,
    forecast,
    formula_parts,
    shape_of,
)
from core.training.machine import Machine
from core.training.speed import record_ratios

if TYPE_CHECKING:
    from core.training.loop import LoopResult

FORECAST = "forecast.json"


class PartTimes:
    """Quiet seconds of the parts of a run, gathered while it runs. Parts that an earlier attempt did are left out."""

    def __init__(self, profile: DatasetProfile, recipe: TrainingRecipe, machine: Machine, free_share: float) -> None:
        """`free_share` of the processors seemed free when it started (`core.training.busy`)."""
        self.profile, self.recipe, self.machine, self.free_share = profile, recipe, machine, free_share
        self._watch = Stopwatch()
        self._ratios: dict[str, float] = {}

    def forecast(self, base_models_dir: Path, work_dir: Path) -> tuple[int, int, int]:
        """Low and high seconds and bytes of memory, as foreseen at the first start and kept in `work_dir`."""
        kept = work_dir / FORECAST
        if not kept.exists():
            found = forecast(self.profile, self.recipe, self.machine, base_models_dir, free_share=self.free_share)
            with written_aside(kept) as aside:
                aside.write_text(json.dumps([round(found.low_seconds), round(found.high_seconds), found.memory_bytes]))
        low, high, memory_bytes = json.loads(kept.read_text())
        return low, high, memory_bytes

    def add_draft(self, embedding: float | None, fitting: float | None) -> None:
        """Seconds of the embedding of all texts and of the first fit; None where it was not done now."""
        formula = formula_parts(self.profile, self.recipe, self.machine)["embedding"]
        self._compare("embedding", embedding, formula)
        fit = fit_seconds(self.profile, shape_of(self.recipe).hidden, self.machine)
        self._compare("fitting", fitting, FIRST_FIT_SECONDS + fit)

    def add_loop(self, result: "LoopResult", watch: Stopwatch) -> None:
        """A loop that ran from its start to its end, timed as a whole by `watch`."""
        at = result.position
        if not at.step or at.stopped in ("by_person", "diverged"):
            return
        formula = formula_parts(self.profile, self.recipe, self.machine, share=at.step / result.n_steps)
        self._compare("steps", at.seconds * watch.share, formula["steps"])
        self._compare("checks", (watch.seconds - at.seconds) * watch.share, formula["checks"])
        if self.recipe.patience and at.best_step:
            n_checks = self.recipe.epochs * self.recipe.checks_per_epoch
            self._compare("best_check", at.best_step / result.n_steps * n_checks, BEST_CHECK)

    def add_finishing(self, seconds: float) -> None:
        """All of the training stage but the loop."""
        self._compare("finishing", seconds, formula_parts(self.profile, self.recipe, self.machine)["finishing"])

    @property
    def processor_share(self) -> float:
        """Of the time in which the run could have computed, the share in which the system let it."""
        return round(self._watch.share, 3)

    def keep(self, base_models_dir: Path) -> None:
        """Remember them for the next forecasts on this machine."""
        if self.free_share < 1:  # a quiet machine tells nothing about a busy one
            self._compare("share", self._watch.share, self.free_share)
        record_ratios(base_models_dir, self._ratios)

    def _compare(self, name: str, seconds: float | None, formula: float) -> None:
        if seconds and formula:
            self._ratios[name] = seconds / formula
