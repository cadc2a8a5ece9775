"""Verbs about what a model is good for: the goal, which answers go out by themselves, and the verdict on both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.domain.familiarity import FamiliarityReport
from core.domain.goal import Goal
from core.domain.message import Message, msg, nmsg
from core.domain.model import ModelVersion
from core.domain.policy import NEVER, Handle, Policy, Promise
from core.domain.task import AnswerKind
from core.errors import DamagedModel, NotFound, NotPossible
from core.workspace.base import need_label
from core.workspace.data import DataVerbs

if TYPE_CHECKING:
    from core.evaluation.comparing import Rival
    from core.evaluation.policy import Curve
    from core.evaluation.verdict import Verdict
    from core.prediction.predictor import Predictor


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A policy and what it promises. `is_saved`: a person put it in use; otherwise it is what the goal recommends."""

    goal: Goal
    policy: Policy
    promise: Promise
    is_saved: bool
    model: ModelVersion
    promise_now: Promise  #: of the rule that is in use, `model.rule`
    curve: "Curve | None" = None  #: what the slider moves along
    fixed_because: Message | None = None  #: why there is no curve

    @property
    def is_in_use(self) -> bool:
        """Whether the policy decides as the rule in use does, whoever chose that."""
        return self.policy.decides_as(self.model.rule)


class JudgingVerbs(DataVerbs):
    def goal(self, dataset_id: str) -> Goal:
        """What the person wants this table's models for; shared by all its versions. Everything may be open."""
        return self._store.goals.get(self.dataset(dataset_id).family)

    def set_goal(self, dataset_id: str, goal: Goal) -> Goal:
        """Raises NotFound: the worst mix-up names a category that the table does not have."""
        dataset = self.dataset(dataset_id)
        for label in (goal.worst.truth, goal.worst.answer) if goal.worst else ():
            need_label(label, dataset.labels)
        self._store.goals.put(dataset.family, goal)
        return goal

    def outlook(
        self,
        model_id: int,
        *,
        handle: Handle | None = None,
        value: float | None = None,
        overrides: Mapping[str, float] | None = None,
    ) -> Outlook:
        """What goes out by itself and what that promises: of the policy in use, else of the one the goal recommends; with
        `handle` at `value` (per 100) or other `overrides`, of that one. Fast enough for a slider.

        Raises:
            NotPossible: a threshold was asked for, and the model keeps too few check-up answers to choose one.
            NotFound: `overrides` names a category that the model does not have, or the model's files are gone.
        """
        from core.evaluation.answered import answered_by, curve_of
        from core.evaluation.policy import promise_of

        self._answers_with(model_id, AnswerKind.CATEGORY)
        model = self._store.models.get(model_id)
        goal, folder = self._goal_of(model), self._exam_path(model_id).parent
        _check_labels(model, overrides or {})
        saved = model.policy if model.has_own_rule and handle is None and overrides is None else None
        keeps = model.rule.keeps
        own = dict(overrides if overrides is not None else model.policy.overrides if model.policy else {})
        curve = curve_of(folder, goal, tuple(sorted(own.items())), keeps)
        lacking = None if curve else _fixed_because(answered_by(folder).checkup)
        if saved is not None:
            policy = saved
        elif curve is None:
            if handle is not None:
                raise NotPossible(lacking or msg("No threshold can be chosen."), hint=msg("Train again."))
            policy = replace(model.rule, overrides=own)
        elif handle is not None and value is not None:
            policy = replace(curve.policy(handle, value), keeps=keeps)
        else:
            policy = replace(curve.recommended(), keeps=keeps)
        exam = answered_by(folder, keeps).exam
        return Outlook(
            goal=goal,
            policy=policy,
            promise=promise_of(exam, policy, goal.worst),
            is_saved=policy == model.policy,
            model=model,
            promise_now=promise_of(exam, model.rule, goal.worst),
            curve=curve,
            fixed_because=lacking,
        )

    def save_policy(self, model_id: int, policy: Policy | None) -> ModelVersion:
        """From now on it decides in Try it, in scored files and in the terminal; None gives back training's threshold, and
        leaves alone how strict the model is about "none of these".

        Raises:
            NotFound: an override names a category that the model does not have.
            NotPossible: the model answers otherwise than with one category a text.
        """
        self._answers_with(model_id, AnswerKind.CATEGORY)
        model = self._store.models.get(model_id)
        if policy is not None:
            _check_labels(model, policy.overrides)
        elif model.rule.keeps is not None:
            policy = Policy(threshold=model.threshold, keeps=model.rule.keeps)
        return self._store.models.set_policy(model_id, policy)

    def set_strictness(self, model_id: int, keeps: int | None) -> ModelVersion:
        """How strict the model is about "none of these" from now on, wherever its policy is obeyed.

        Args:
            keeps: one of `core.domain.familiarity.KEEPS`; None for what training chose.

        Raises:
            NotPossible: the model leaves no choice, or not this one.
        """
        model, report = self._store.models.get(model_id), self.familiarity(model_id)
        if keeps is not None and (report is None or report.level(keeps) is None):
            choices = ", ".join(str(level.keeps) for level in report.levels) if report else ""
            raise NotPossible(
                msg("How strict this model is about “none of these” cannot be set to {keeps}.", keeps=keeps),
                hint=msg("Choose from {choices}.", choices=choices)
                if choices
                else msg("Train again: models of earlier versions, and those with few check-up rows, leave no choice."),
            )
        policy = replace(model.rule, keeps=keeps)
        is_trained = keeps is None and not model.has_own_rule
        return self._store.models.set_policy(model_id, None if is_trained else policy)

    def familiarity(self, model_id: int) -> FamiliarityReport | None:
        """How many exam texts, and texts marked as none of these, looked like practice; None where it was not measured."""
        from core.evaluation.familiarity import load_familiarity

        return load_familiarity(self._model_dir(self._store.models.get(model_id).id))

    def verdict(self, model_id: int) -> "Verdict":
        """What the model is ready for, from the goal and the policy in use or recommended."""
        from core.evaluation.verdict import judge

        self._answers_with(model_id, AnswerKind.CATEGORY)
        report = self._store.models.report(model_id)
        model = self._store.models.get(model_id)
        try:
            outlook = self.outlook(model_id)
        except (NotFound, DamagedModel):  # files of the bundle are gone; the report is not
            return judge(report, self._goal_of(model))
        return judge(report, outlook.goal, outlook.promise)

    def _goal_of(self, model: ModelVersion) -> Goal:
        """Its table's goal, without a worst mix-up of categories that this model does not have: it cannot happen."""
        goal = self.goal(model.dataset_id)
        if goal.worst and not {goal.worst.truth, goal.worst.answer} <= set(model.labels):
            return replace(goal, worst=None)
        return goal

    def _predictor(self, model_id: int) -> "Predictor":
        """The model, open, under the policy in use; it is cached in this process."""
        from core.prediction.cache import load_predictor

        model = self._store.models.get(model_id)
        return load_predictor(self._model_dir(model.id)).obeying(model.rule, self.goal(model.dataset_id).use)

    def rivals(self, model_id: int) -> "list[Rival]":
        """What the model has to beat, on the same exam: the biggest category, keywords, the quick draft, the version
        before it (the newest older model of the same table that sat the same exam). Raises NotFound: its files are gone."""
        from core.evaluation.answered import answered_by
        from core.evaluation.comparing import baselines_of, older_version

        self._answers_with(model_id, AnswerKind.CATEGORY)
        model, folder = self._store.models.get(model_id), self._exam_path(model_id).parent
        dataset = self.dataset(model.dataset_id)
        biggest = max(model.labels, key=lambda label: dataset.label_counts.get(label, 0))
        found = baselines_of(answered_by(folder), biggest=biggest, kept=model.kept)
        family = {one.id for one in self.datasets() if one.family == dataset.family}
        for older in self._store.models.list():
            if older.id < model.id and older.dataset_id in family and older.task == model.task:
                rival = older_version(folder, self._model_dir(older.id), older)
                if rival is not None:
                    return [*found, rival]
        return found


def _check_labels(model: ModelVersion, overrides: Mapping[str, float]) -> None:
    for label, threshold in overrides.items():
        need_label(label, model.labels)
        if not 0 <= threshold <= NEVER:
            raise NotPossible(
                msg("A threshold of {threshold} cannot be used.", threshold=f"{threshold:g}"),
                hint=msg("Give a number from 0 to 1, or “never”."),
            )


def _fixed_because(checkup: object) -> Message:
    from core.evaluation.policy import LEAST_CHECKUP

    if checkup is None:
        return msg("This model was made before check-up answers were kept. Train again to choose its threshold.")
    return nmsg(
        "There is only {n} check-up example, too few to choose a threshold by: at least {least} would do. Add rows and train "
        "again.",
        "There are only {n} check-up examples, too few to choose a threshold by: at least {least} would do. Add rows and "
        "train again.",
        len(checkup),  # type: ignore[arg-type]
        least=LEAST_CHECKUP,
    )
