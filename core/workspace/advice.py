"""Verbs that look back at runs: what to try next."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.domain.job import JobStatus
from core.domain.recipe import SettingValue, TrainingRecipe
from core.workspace.base import WorkspaceBase

if TYPE_CHECKING:
    from core.evaluation.next_steps import NextStep


class AdviceVerbs(WorkspaceBase):
    def next_steps(self, run_id: int) -> "list[NextStep]":
        """What may make the next model better, the most promising first; empty for a run that is not done. Fast enough for
        a page (no torch)."""
        from core.evaluation.next_steps import next_steps
        from core.training.coach import checkups_of

        run = self._store.runs.get(run_id)
        if run.status is not JobStatus.DONE:
            return []
        _cursor, points = self._store.runs.points(run_id)
        report = self._store.models.report(run.model_id) if run.model_id is not None else None
        return next_steps(run, self._store.datasets.get(run.dataset_id), checkups_of(points), report)

    def recipe_like(self, run_id: int, overrides: Mapping[str, SettingValue]) -> TrainingRecipe:
        """The settings of an earlier run with some replaced.

        Raises:
            UserError: a name is unknown or a value has the wrong type or range.
        """
        from core.training.recommend import with_overrides

        return with_overrides(self._store.runs.get(run_id).recipe, overrides)
