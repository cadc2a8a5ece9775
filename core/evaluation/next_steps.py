"""What to try next after a run: a few steps, the most promising first, each with its reason.

A gain is named only where something tells it: the trials of the run's own search (`core.training.evidence`). What rests on
the curve, the exam or the data has its numbers in its reason. The order is that of `next_steps`; at most N_STEPS are given.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from core.domain.dataset import Dataset
from core.domain.message import Message, msg, nmsg
from core.domain.model import EvaluationReport
from core.domain.recipe import Preset, SettingValue, TrainingRecipe
from core.domain.run import Run, Score
from core.domain.search import TrialEnd
from core.errors import UserError
from core.evaluation.choices import choice
from core.evaluation.verdict import percent
from core.training.coach import CheckUp, Curve, Trend, guessing_loss, trend
from core.training.evidence import Gain, what_helped
from core.training.recommend import MANY_UNLABELED
from core.training.search.space import space_of

Changes = Mapping[str, SettingValue]

N_STEPS = 4
WORTH_A_TRY = 0.002  # expected gain in the share of right answers: less is not worth a training
N_GAINS = 2
NEAR_THE_END = 0.95  # of the planned steps: what stopped before was stopped
MORE_PASSES = 1.5  # times as many where the last check-up was the best
FEWER_PASSES = 0.5  # not below this share of them: the best check-up comes early while the learning rate is high
LOWER_RATE, OTHER_RATE = 0.5, 4.0
MORE_MINUTES = 3
PULL = "l2_start"  # the extra that works against memorising
FEW_TRIALS = 3  # judged to the end besides the first
WEAK_F1 = 0.7
ENOUGH_EXAMPLES = 100  # of a category: with as many, more of them are not the first thing to try
FEWEST_WRONG = 2
MANY_SET_ASIDE, SHARE_SET_ASIDE = 20, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    code: str  #: what kind of step it is, e.g. "fewer_passes"
    title: Message
    reason: Message
    preset: Preset | None = None  #: another position of the dial, instead of `changes`
    changes: Changes = field(default_factory=dict)  #: of the run's recipe
    gain: Gain | None = None  #: what the search's trials expect of it

    @property
    def trains(self) -> bool:
        """Whether it is a training; otherwise something is to be done to the data."""
        return self.code not in ("more_examples", "set_aside")


def next_steps(
    run: Run, dataset: Dataset, checks: Sequence[CheckUp], report: EvaluationReport | None
) -> list[NextStep]:
    """What may make the next model better. `run` is done; `checks` are those of its curve; without a report (its model was
    deleted) nothing is said about categories."""
    settled = _settled(run)
    gains = list(_from_trials(run))
    found = [
        *(step for step in gains if step.gain is not None and step.gain.low > 0),
        *_from_curve(run, dataset, checks, settled),
        *(step for step in gains if step.gain is not None and step.gain.low <= 0),
        *_from_what_was_kept(run),
        *_from_exam(dataset, report),
        *_from_rows(run, dataset),
        *_from_preset(run),
    ]
    return [step for step in found if _can_be_had(run.recipe, step)][:N_STEPS]


def _settled(run: Run) -> Changes:
    """What turns the run's recipe into the one that its search chose."""
    if run.search is None or run.search.chosen is None:
        return {}
    return _changes(run.recipe, run.search.chosen.settings)


def _changes(recipe: TrainingRecipe, values: Mapping[str, Any]) -> Changes:
    """What turns `recipe` into one with the `values` of a trial, and without a search."""
    wanted = replace(space_of(recipe).recipe_of(dict(values)), search_minutes=0)
    names = (f.name for f in fields(recipe))
    return {name: getattr(wanted, name) for name in names if getattr(wanted, name) != getattr(recipe, name)}


def _can_be_had(recipe: TrainingRecipe, step: NextStep) -> bool:
    try:
        recipe.changed(step.changes)
    except UserError:
        return False
    return True


# -- from what a search tried ------------------------------------------------------------------------------------------


def _from_trials(run: Run) -> Iterable[NextStep]:
    if run.search is None or run.search.chosen is None:
        return
    chosen, n_given = run.search.chosen.settings, 0
    for gain in what_helped(run.search.trials):
        if gain.gain < WORTH_A_TRY or n_given == N_GAINS:
            return
        if chosen.get(gain.setting) != gain.usual:
            continue  # the search has already chosen between the values of this setting
        n_given += 1
        yield NextStep(
            code="choice",
            title=choice(gain.setting, gain.value, gain.usual),
            reason=nmsg(
                "It did well in {n} trial of this run's search, but was not part of the settings that were chosen.",
                "It did well in {n} trials of this run's search, but was not part of the settings that were chosen.",
                gain.n_trials,
            ),
            changes=_changes(run.recipe, {**chosen, gain.setting: gain.value}),
            gain=gain,
        )


# -- from the curve ----------------------------------------------------------------------------------------------------


def _from_curve(run: Run, dataset: Dataset, checks: Sequence[CheckUp], settled: Changes) -> Iterable[NextStep]:
    if len(checks) < 2:
        return
    recipe = run.recipe.changed(settled)
    curve = Curve(
        checks=checks,
        guess_loss=guessing_loss(dataset.label_counts.values()),
        n_steps=max(run.n_steps or 0, checks[-1].step),
    )
    found, kept = trend(curve), curve.best.step
    if found is Trend.NOT_LEARNING:
        yield _another_rate(recipe, checks, settled)
    elif found is Trend.JUMPING:
        rate = recipe.learning_rate * LOWER_RATE
        yield NextStep(
            code="lower_rate",
            title=choice("learning_rate", rate, recipe.learning_rate),
            reason=msg("The check-up jumped up and down: smaller steps are steadier."),
            changes={**settled, "learning_rate": rate},
        )
    elif found is Trend.MEMORISING:
        yield from _against_memorising(recipe, curve, settled)
    elif curve.n_worse == 0 and checks[-1].step < NEAR_THE_END * curve.n_steps:
        yield NextStep(
            code="finish",
            title=msg("Train to the end"),
            reason=msg(
                "It was stopped at step {step} of {n_steps}, and its last check-up was its best.",
                step=kept,
                n_steps=curve.n_steps,
            ),
        )
    elif found is Trend.IMPROVING:
        epochs = min(100, math.ceil(MORE_PASSES * recipe.epochs))
        yield NextStep(
            code="more_passes",
            title=_passes(epochs, recipe.epochs),
            reason=msg("It was still improving at its last check-up, step {step}.", step=kept),
            changes={**settled, "epochs": epochs},
        )


def _passes(epochs: int, usual: int) -> Message:
    return nmsg("{n} pass instead of {usual}", "{n} passes instead of {usual}", epochs, usual=usual)


def _another_rate(recipe: TrainingRecipe, checks: Sequence[CheckUp], settled: Changes) -> NextStep:
    reason = msg(
        "At the learning rate of {rate} its answers stayed no better than guessing.", rate=f"{recipe.learning_rate:g}"
    )
    if recipe.find_learning_rate == "off":
        changes: Changes = {**settled, "find_learning_rate": "on"}
        return NextStep(code="find_rate", title=msg("Let it find the learning rate"), reason=reason, changes=changes)
    moves = checks[-1].practice_loss < checks[0].practice_loss  # it does learn, only too slowly
    rate = min(1.0, recipe.learning_rate * (OTHER_RATE if moves else 1 / OTHER_RATE))
    return NextStep(
        code="other_rate",
        title=choice("learning_rate", rate, recipe.learning_rate),
        reason=reason,
        changes={**settled, "learning_rate": rate},
    )


def _against_memorising(recipe: TrainingRecipe, curve: Curve, settled: Changes) -> Iterable[NextStep]:
    reached = curve.best.step / curve.n_steps  # by the best check-up
    epochs = math.ceil(max(FEWER_PASSES, reached) * recipe.epochs)
    if epochs < recipe.epochs:
        yield NextStep(
            code="fewer_passes",
            title=_passes(epochs, recipe.epochs),
            reason=msg(
                "After step {step} practice went down and the check-up up: it memorised. With fewer passes the learning "
                "rate falls in time.",
                step=curve.best.step,
            ),
            changes={**settled, "epochs": epochs},
        )
    if PULL not in recipe.extras:
        yield NextStep(
            code="pull_to_start",
            title=choice("extras", PULL, ""),
            reason=msg("It memorised. This holds the language model near what it knew before."),
            changes={**settled, "extras": (*recipe.extras, PULL)},
        )


# -- from what was kept, the exam, the rows and the dial ---------------------------------------------------------------


def _from_what_was_kept(run: Run) -> Iterable[NextStep]:
    if run.recipe.technique == "draft":
        return
    if run.kept != "draft":
        yield from _where_draft_did_better(run)
        return
    total = sum(run.seconds.values())
    extra = sum(run.seconds.get(stage, 0.0) for stage in ("training", "searching", "tokenizing"))
    if run.recipe.preset is not Preset.BEST:
        yield _best(msg("Fine-tuning did not beat the first answer with the usual settings; others may."))
    if total > 0 and extra > 0:
        yield NextStep(
            code="quick",
            title=msg("Quick next time"),
            reason=msg(
                "The first answer was kept, so fine-tuning did not pay here. Quick makes the same answer in {share} of the "
                "time.",
                share=percent(1 - extra / total),
            ),
            preset=Preset.QUICK,
        )


def _where_draft_did_better(run: Run) -> Iterable[NextStep]:
    if not isinstance(run.draft, Score) or not isinstance(run.score, Score) or run.draft.n != run.score.n:
        return
    more = round((run.draft.accuracy - run.score.accuracy) * run.score.n)
    if more >= FEWEST_WRONG:
        yield NextStep(
            code="quick",
            title=msg("Quick beside it"),
            reason=msg(
                "On the exam the first answer was right on {more} of {n} examples more than the model that was kept. That "
                "may be chance; Quick makes it a model of its own.",
                more=more,
                n=run.score.n,
            ),
            preset=Preset.QUICK,
        )


def _from_exam(dataset: Dataset, report: EvaluationReport | None) -> Iterable[NextStep]:
    """The category whose few examples cost the most right answers."""
    if report is None:
        return
    n_wrong = report.score.n - report.n_right
    weak = []
    for one in report.per_label:
        wrong = one.n - round(one.recall * one.n)
        n_examples = dataset.label_counts.get(one.label, 0)
        if wrong >= FEWEST_WRONG and one.f1 < WEAK_F1 and n_examples < ENOUGH_EXAMPLES:
            weak.append((wrong, one, n_examples))
    if not weak:
        return
    wrong, one, n_examples = max(weak, key=lambda found: found[0])
    yield NextStep(
        code="more_examples",
        title=msg("More examples of “{label}”", label=one.label),
        reason=nmsg(
            "The data holds {n} example of it, and {wrong} of all {n_wrong} mistakes on the exam are made there.",
            "The data holds {n} examples of it, and {wrong} of all {n_wrong} mistakes on the exam are made there.",
            n_examples,
            wrong=wrong,
            n_wrong=n_wrong,
        ),
    )


def _from_rows(run: Run, dataset: Dataset) -> Iterable[NextStep]:
    if dataset.n_set_aside >= max(MANY_SET_ASIDE, SHARE_SET_ASIDE * dataset.n_rows):
        yield NextStep(
            code="set_aside",
            title=msg("Mend the rows that were set aside"),
            reason=msg(
                "{n} of {n_rows} rows taught nothing. Under Data stands why, and what can be done.",
                n=dataset.n_set_aside,
                n_rows=dataset.n_rows,
            ),
        )
    recipe = run.recipe
    n_unlabeled = dataset.profile.n_unlabeled
    if n_unlabeled >= MANY_UNLABELED and recipe.pseudo_labels == "off" and recipe.technique != "draft":
        yield NextStep(
            code="unlabeled",
            title=msg("Learn from texts without a category"),
            reason=msg(
                "{n} texts have no category: those that the quick model sorts surely could join practice.",
                n=n_unlabeled,
            ),
            changes={"pseudo_labels": "on"},
        )


def _from_preset(run: Run) -> Iterable[NextStep]:
    if run.recipe.technique == "draft":
        yield NextStep(
            code="balanced",
            title=msg("Train with Balanced"),
            reason=msg(
                "Quick teaches only the last step. Balanced also teaches the language model your examples, and keeps "
                "whichever is better."
            ),
            preset=Preset.BALANCED,
        )
    elif run.recipe.preset is not Preset.BEST and run.kept != "draft":
        yield _best(msg("Other learning rates, passes and extras have not been tried on these examples."))
    elif run.search is not None and run.recipe.search_minutes:
        judged = [trial for trial in run.search.trials[1:] if trial.counts]
        cut_short = any(trial.end is TrialEnd.OUT_OF_TIME for trial in run.search.trials)
        if len(judged) <= FEW_TRIALS and (cut_short or not judged):
            minutes = min(10_000, MORE_MINUTES * run.recipe.search_minutes)
            yield NextStep(
                code="longer_search",
                title=choice("search_minutes", minutes, run.recipe.search_minutes),
                reason=nmsg(
                    "Besides the recommended settings {n} other was judged to its end before the minutes were over.",
                    "Besides the recommended settings {n} others were judged to their end before the minutes were over.",
                    len(judged),
                ),
                changes={"search_minutes": minutes},
            )


def _best(reason: Message) -> NextStep:
    return NextStep(code="best", title=msg("Let Best look for better settings"), reason=reason, preset=Preset.BEST)
