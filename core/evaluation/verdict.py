"""What an exam result means for the work: automate part, suggest to staff, or not yet. Simple rules, stated in full.

"Surely" means: even at the pessimistic end of its interval, so a lucky small exam does not pass.

1. Not yet, unless 20 exam examples were asked, the model is surely better than always answering the biggest category, and
   it makes at most half as many mistakes as that.
2. Where answers are to be filled in: automate part, when the automatic answers surely keep within the mistakes allowed
   (`Goal.limit`) and are at least a fifth of all.
3. Suggest to staff otherwise: a person still sees every answer. Where answers are only to be counted, that is enough too.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.goal import Goal, Use
from core.domain.message import Message, msg, nmsg
from core.domain.model import EvaluationReport
from core.domain.policy import Promise
from core.evaluation.policy import promise_from_counts
from core.evaluation.promises import least_automatic, sentence_of, shortfall

MIN_EXAM = 20  # fewer cannot tell a good model from a lucky one
MISTAKES_LEFT = 0.5  # of what the biggest-category guess gets wrong: less of a gain changes nobody's day
LEAST_SHARE = 0.20  # below a fifth of all messages, automating saves less than it costs to set up
WIDE_INTERVAL = 0.12  # about what 100 exam rows give at 90% right


class Readiness(StrEnum):
    AUTOMATE = "automate"  #: the sure answers can go out by themselves, the rest to people
    SUGGEST = "suggest"  #: a person sees each answer and decides
    NOT_YET = "not_yet"  #: it does not yet help


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    readiness: Readiness
    headline: Message
    reason: Message  #: the one thing that decided it
    caution: Message | None  #: set when the exam is too small to be precise


def judge(report: EvaluationReport, goal: Goal | None = None, promise: Promise | None = None) -> Verdict:
    """The verdict on an exam, by the rules at the top of this file.

    Args:
        promise: of the policy that is in use or recommended; by the report's own threshold if None.
    """
    goal = goal or Goal()
    if promise is None:
        promise = promise_from_counts(report.score.n, report.n_sure, report.n_sure - report.n_sure_right)
    readiness, reason = _readiness(report, goal, promise)
    headline = _HEADLINES[readiness]
    if readiness is Readiness.SUGGEST and goal.use is Use.WATCH:
        headline = msg("Ready to keep watch: its answers can be counted")
    return Verdict(readiness=readiness, headline=headline, reason=reason, caution=_caution(report))


def percent(ratio: float) -> str:
    """Whole percents, and one decimal where rounding would claim all or nothing: 0.996 is 99.6%, never 100%."""
    if 0 < ratio < 0.005 or 0.995 <= ratio < 1:
        return f"{min(max(ratio * 100, 0.1), 99.9):.1f}%"
    return f"{ratio:.0%}"


def small_exam(n: int) -> Message:
    """Why fewer than MIN_EXAM examples settle nothing."""
    return nmsg(
        "The exam has {n} example; at least {min_exam} are needed to tell a good model from a lucky one.",
        "The exam has {n} examples; at least {min_exam} are needed to tell a good model from a lucky one.",
        n,
        min_exam=MIN_EXAM,
    )


_HEADLINES = {
    Readiness.AUTOMATE: msg("Ready to automate part of the work"),
    Readiness.SUGGEST: msg("Ready to suggest answers to staff"),
    Readiness.NOT_YET: msg("Not ready yet"),
}


def _readiness(report: EvaluationReport, goal: Goal, promise: Promise) -> tuple[Readiness, Message]:
    n, low, majority = report.score.n, report.interval[0], report.majority.accuracy
    needed = 1 - MISTAKES_LEFT * (1 - majority)
    if n < MIN_EXAM:
        return Readiness.NOT_YET, small_exam(n)
    if report.score.accuracy < needed:
        return Readiness.NOT_YET, msg(
            "Always answering the biggest category is right {majority} of the time. To be useful, a model should make at "
            "most half those mistakes: at least {needed} right.",
            majority=percent(majority),
            needed=percent(needed),
        )
    if low <= majority:
        return Readiness.NOT_YET, nmsg(
            "With {n} exam example its real share of right answers may be as low as {low}, and always answering the "
            "biggest category gives {majority}.",
            "With {n} exam examples its real share of right answers may be as low as {low}, and always answering the "
            "biggest category gives {majority}.",
            n,
            low=percent(low),
            majority=percent(majority),
        )
    if goal.use is not Use.FILL:
        return Readiness.SUGGEST, msg(
            "Its best answer is right for {share} of the messages, and at least {low}; always answering the biggest "
            "category would be for {majority}.",
            share=percent(report.score.accuracy),
            low=percent(low),
            majority=percent(majority),
        )
    if promise.share < LEAST_SHARE and n >= least_automatic(goal.limit / 100):
        return Readiness.SUGGEST, msg(
            "Within {limit} mistakes in 100 it could answer only {share} of the messages by itself, too few to automate.",
            limit=f"{goal.limit:g}",
            share=percent(promise.share),
        )
    if (lacking := shortfall(promise, goal.limit)) is not None:
        return Readiness.SUGGEST, lacking
    return Readiness.AUTOMATE, sentence_of(promise, goal)


def _caution(report: EvaluationReport) -> Message | None:
    low, high = report.interval
    if report.score.n == 0 or high - low <= WIDE_INTERVAL:
        return None
    return nmsg(
        "The exam has only {n} example, so the result is rough: anything from {low} to {high}. More examples make it firmer.",
        "The exam has only {n} examples, so the result is rough: anything from {low} to {high}. More examples make it firmer.",
        report.score.n,
        low=percent(low),
        high=percent(high),
    )
