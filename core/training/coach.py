"""The coach: what a run's curve so far means, in one plain sentence. No torch and no store: the loop calls it after every
check-up, and the advice after a run (`core.evaluation.next_steps`) asks it once more.

It looks at check-ups only. Each carries the mean practice loss since the one before, so the two losses of one row can be
compared. The rules are the numbers below; the first that holds, in the order of `trend`, is told.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from core.domain.message import Message, msg, nmsg
from core.domain.run import CHECKUP_ACCURACY, CHECKUP_LOSS, PRACTICE_LOSS, MetricPoint
from core.domain.task import AnswerKind

LEARNS_AFTER = 3  # check-ups; before, a run may still be warming up
GUESSING = 0.98  # of the loss of guessing: above it nothing of use was learned
STANDS_STILL = 0.97  # of the first practice loss: above it practice has not moved
UPWARDS = 1.05  # times the lowest check-up loss: clearly above it
N_UPWARDS = 2  # check-ups in a row that must be: a single one may be chance
DOWNWARDS = 0.97  # of the practice loss back then: clearly below it
LOOKED_BACK = 5  # check-ups in which it may jump about
SWING = 0.08  # of the mean check-up loss: a jump, and not only noise
N_SWINGS = 3  # changes of direction among them
LOST = 0.8  # of the loss of guessing: a run that was below it had learned something
GAINED_RIGHT, GAINED_LOSS = 0.005, 0.02  # less than both is no improvement worth the name


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckUp:
    """What one check-up found."""

    step: int
    practice_loss: float  #: mean over the steps since the check-up before
    loss: float  #: on the check-up examples
    accuracy: (
        float  #: on the check-up examples; 0 to 1, of several categories macro F1, of numbers R², which may be below 0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a result is told: patterns with `right`, whole percents of what `CheckUp.accuracy` counts."""

    at_best: Message  #: also with `n`, the check-ups since
    levelling: Message
    first: Message
    improving: Message
    averaged: Message


WORDS = {
    AnswerKind.CATEGORY: Words(
        at_best=nmsg(
            "Right on {right} of 100 check-up examples at best; no better for {n} check-up.",
            "Right on {right} of 100 check-up examples at best; no better for {n} check-ups.",
            0,
        ),
        levelling=msg("Right on {right} of 100 check-up examples; it is levelling off."),
        first=msg("Right on {right} of 100 check-up examples at the first check-up."),
        improving=msg("Right on {right} of 100 check-up examples, still improving."),
        averaged=msg("Averaged weights are right on {right} of 100 check-up examples: they are kept."),
    ),
    AnswerKind.NUMBER: Words(
        at_best=nmsg(
            "Explains {right}% of the differences between check-up examples at best; no better for {n} check-up.",
            "Explains {right}% of the differences between check-up examples at best; no better for {n} check-ups.",
            0,
        ),
        levelling=msg("Explains {right}% of the differences between check-up examples; it is levelling off."),
        first=msg("Explains {right}% of the differences between check-up examples at the first check-up."),
        improving=msg("Explains {right}% of the differences between check-up examples, still improving."),
        averaged=msg("Averaged weights explain {right}% of the differences between check-up examples: they are kept."),
    ),
    AnswerKind.CATEGORIES: Words(
        at_best=nmsg(
            "Gets {right} of 100 categories of check-up examples right (F1) at best; no better for {n} check-up.",
            "Gets {right} of 100 categories of check-up examples right (F1) at best; no better for {n} check-ups.",
            0,
        ),
        levelling=msg("Gets {right} of 100 categories of check-up examples right (F1); it is levelling off."),
        first=msg("Gets {right} of 100 categories of check-up examples right (F1) at the first check-up."),
        improving=msg("Gets {right} of 100 categories of check-up examples right (F1), still improving."),
        averaged=msg("Averaged weights get {right} of 100 categories right (F1): they are kept."),
    ),
}


class Trend(StrEnum):
    """Where a run is going."""

    STARTING = "starting"  #: too few check-ups to tell
    IMPROVING = "improving"  #: the newest check-up is clearly the best
    LEVELLING = "levelling"  #: little is gained any more
    MEMORISING = "memorising"  #: practice gets better and the check-up worse: it learns by heart
    JUMPING = "jumping"  #: the check-up goes up and down, or what was learned got lost
    NOT_LEARNING = "not_learning"  #: no better than guessing


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A run so far. `checks` are in order of steps."""

    checks: Sequence[CheckUp]
    guess_loss: float  #: of answering every text with the shares of the categories
    n_steps: int  #: planned
    answers: AnswerKind = AnswerKind.CATEGORY  #: what a check-up's accuracy is, see `CheckUp`

    @property
    def best(self) -> CheckUp:
        """The one that is kept, by the loop's own rule: most right, then the lowest loss, then the first."""
        return max(self.checks, key=lambda check: (check.accuracy, -check.loss))

    @property
    def n_worse(self) -> int:
        """Check-ups since the best one."""
        return len(self.checks) - 1 - list(self.checks).index(self.best)

    @property
    def is_over(self) -> bool:
        return bool(self.checks) and self.checks[-1].step >= self.n_steps


def guessing_loss(counts: Iterable[int]) -> float:
    """With n_c examples of category c: the entropy -sum p_c ln p_c of their shares p_c."""
    present = [n for n in counts if n > 0]
    total = sum(present)
    return -sum(n / total * math.log(n / total) for n in present)


def checkups_of(points: Iterable[MetricPoint]) -> list[CheckUp]:
    """The check-ups of a run's points, in order of steps, whatever order they were written in."""
    curves: dict[str, dict[int, float]] = {PRACTICE_LOSS: {}, CHECKUP_LOSS: {}, CHECKUP_ACCURACY: {}}
    for point in points:
        if point.name in curves:
            curves[point.name][point.step] = point.value
    practice, accuracies = sorted(curves[PRACTICE_LOSS].items()), curves[CHECKUP_ACCURACY]
    found, before, mean = [], 0, math.nan
    for step, loss in sorted(curves[CHECKUP_LOSS].items()):
        since = [value for at, value in practice if before < at <= step]
        mean = sum(since) / len(since) if since else mean
        if step in accuracies:
            found.append(CheckUp(step=step, practice_loss=mean, loss=loss, accuracy=accuracies[step]))
        before = step
    return found


def trend(curve: Curve) -> Trend:
    if len(curve.checks) < 2:
        return Trend.STARTING
    if _only_guesses(curve):
        return Trend.NOT_LEARNING
    if _jumps(curve):
        return Trend.JUMPING
    if _memorises(curve):
        return Trend.MEMORISING
    return Trend.IMPROVING if _gains(curve) else Trend.LEVELLING


def advice(curve: Curve, *, patience: int) -> Message:
    """The sentence after the newest of at least one check-up; `patience` as in the recipe, 0 where a run never ends early."""
    found, kept = trend(curve), curve.best.step
    words, right, n_worse = WORDS[curve.answers], max(0, round(100 * curve.best.accuracy)), curve.n_worse
    if found is Trend.NOT_LEARNING:
        return msg(
            "It has learned nothing so far: its answers are no better than guessing. If that stays so, another learning "
            "rate is worth a try."
        )
    if n_worse and n_worse == patience - 1 and not curve.is_over:
        return msg(
            "No better for {n} of {patience} check-ups: if the next one is no better either, it stops and keeps step {step}.",
            n=n_worse,
            patience=patience,
            step=kept,
        )
    if found is Trend.MEMORISING and (patience or curve.is_over):
        return msg("Practice goes down, the check-up goes up: it is memorising. Step {step} is kept.", step=kept)
    if found is Trend.MEMORISING:
        return msg(
            "Practice goes down, the check-up goes up: it is memorising. You can stop now: step {step} is kept.",
            step=kept,
        )
    if found is Trend.JUMPING:
        return msg(
            "The check-up jumps up and down: a lower learning rate would be steadier. Step {step} is kept.", step=kept
        )
    if n_worse:
        return replace(words.at_best, params={"n": n_worse, "right": right})
    pattern = {Trend.LEVELLING: words.levelling, Trend.STARTING: words.first}.get(found, words.improving)
    return replace(pattern, params={"right": right})


def stopped_early(n_worse: int, kept: int) -> Message:
    return nmsg(
        "No better for {n} check-up: stopping and keeping step {step}.",
        "No better for {n} check-ups: stopping and keeping step {step}.",
        n_worse,
        step=kept,
    )


def diverged(step: int, kept: int | None) -> Message:
    """`kept` is the step of the best check-up, None where there is none."""
    if kept is None:
        return msg("The loss stopped being a number at step {step}: training was stopped there.", step=step)
    return msg(
        "The loss stopped being a number at step {step}: training was stopped, step {best} is kept.",
        step=step,
        best=kept,
    )


def averaged(accuracy: float, answers: AnswerKind = AnswerKind.CATEGORY) -> Message:
    return replace(WORDS[answers].averaged, params={"right": max(0, round(100 * accuracy))})


# -- the rules ---------------------------------------------------------------------------------------------------------


def _only_guesses(curve: Curve) -> bool:
    checks = curve.checks
    return (
        len(checks) >= LEARNS_AFTER
        and min(check.loss for check in checks) >= GUESSING * curve.guess_loss
        and min(check.practice_loss for check in checks) >= STANDS_STILL * checks[0].practice_loss
    )


def _memorises(curve: Curve) -> bool:
    """The lowest check-up loss lies behind, practice went on falling, and no answer more is right for it."""
    last, lowest = curve.checks[-1], min(curve.checks, key=lambda check: check.loss)
    return (
        curve.n_worse > 0
        and min(check.loss for check in curve.checks[-N_UPWARDS:]) >= UPWARDS * lowest.loss
        and last.practice_loss <= DOWNWARDS * lowest.practice_loss
    )


def _jumps(curve: Curve) -> bool:
    losses = [check.loss for check in curve.checks]
    if min(losses) < LOST * curve.guess_loss and losses[-1] >= GUESSING * curve.guess_loss:
        return True
    recent = losses[-LOOKED_BACK:]
    enough = SWING * sum(recent) / len(recent)
    moves = [after - before for before, after in pairwise(recent)]
    swings = [a for a, b in pairwise(moves) if a * b < 0 and min(abs(a), abs(b)) >= enough]
    return len(swings) >= N_SWINGS


def _gains(curve: Curve) -> bool:
    if curve.n_worse:
        return False
    before = Curve(checks=curve.checks[:-1], guess_loss=curve.guess_loss, n_steps=curve.n_steps).best
    last = curve.checks[-1]
    return last.accuracy - before.accuracy >= GAINED_RIGHT or last.loss <= (1 - GAINED_LOSS) * before.loss
