"""Verbs that look back at runs and models: what to try next, and which of two models is better."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.domain.job import JobStatus
from core.domain.message import msg
from core.domain.recipe import SettingValue, TrainingRecipe
from core.domain.task import AnswerKind, answer_kind
from core.errors import NotPossible
from core.workspace.base import WorkspaceBase

if TYPE_CHECKING:
    from core.evaluation.next_steps import NextStep
    from core.evaluation.two_models import ExamAnswer, ModelComparison


class AdviceVerbs(WorkspaceBase):
    def next_steps(self, run_id: int) -> "list[NextStep]":
        """What may make the next model better, the most promising first; empty for a run that is not done, and for
        one that learned a score: the advice counts right answers. Fast enough for a page (no torch)."""
        from core.evaluation.next_steps import next_steps
        from core.training.coach import checkups_of

        run = self._store.runs.get(run_id)
        if run.status is not JobStatus.DONE or answer_kind(run.recipe.task) is not AnswerKind.CATEGORY:
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

    def compare_models(self, first_id: int, second_id: int) -> "ModelComparison":
        """Two models on the exam examples that both were asked, whichever versions of a table they learned from.

        Raises:
            NotFound: there is no such model, or what it answered is gone.
            NotPossible: they do not sort texts into single categories, or their exams share no example.
        """
        from core.evaluation.two_models import compare_answers

        models = [self._store.models.get(model_id) for model_id in (first_id, second_id)]
        if any(model.answers is not AnswerKind.CATEGORY for model in models):
            raise NotPossible(
                msg("Only models that sort texts into categories, one for each text, are compared answer by answer."),
                hint=msg("Look at their reports side by side."),
            )
        first, second = (model.name for model in models)
        if first == second:
            first, second = (f"{model.name} (#{model.id})" for model in models)
        found = compare_answers(*(self._exam_answers(model.id) for model in models), names=(first, second))
        if not found.n:
            raise NotPossible(
                msg("The exams of these two models share no example."),
                hint=msg("Train both on the same data, or on versions of the same table."),
            )
        return found

    def _exam_answers(self, model_id: int) -> "list[ExamAnswer]":
        from core.evaluation.two_models import ExamAnswer

        rows = self._exam(model_id, ["row", "text", "label", "predicted"])
        return [
            ExamAnswer(row=int(row), text=str(text), label=str(label), predicted=str(predicted))
            for row, text, label, predicted in rows.itertuples(index=False)
        ]
