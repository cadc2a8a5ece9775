"""What an exam result means for the work: automate part, suggest to staff, or not yet. Simple rules, stated in full.

"Surely" means: even at the low end of a 95% Wilson score interval, so a lucky small exam does not pass.

1. Not yet, unless 20 exam examples were asked, the model is surely better than always answering the biggest category, and
   it makes at most half as many mistakes as that.
2. Automate part, when the answers it is sure about are surely right 90 times of 100, and are at least a fifth of all.
3. Suggest to staff otherwise: a person still sees every answer.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.message import Message, msg, nmsg
from core.domain.model import EvaluationReport
from core.evaluation.report import wilson

MIN_EXAM = 20  # fewer cannot tell a good model from a lucky one
MISTAKES_LEFT = 0.5  # of what the biggest-category guess gets wrong: less of a gain changes nobody's day
SURE_RIGHT = 0.90  # share of the automatic answers that must be right, at the low end
SURE_SHARE = 0.20  # below a fifth of all messages, automating saves less than it costs to set up
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


def judge(report: EvaluationReport) -> Verdict:
    """The verdict on an exam, by the rules at the top of this file."""
    readiness, reason = _readiness(report)
    return Verdict(readiness=readiness, headline=_HEADLINES[readiness], reason=reason, caution=_caution(report))


def percent(ratio: float) -> str:
    """Whole percents, and one decimal where rounding would claim all or nothing: 0.996 is 99.6%, never 100%."""
    if 0 < ratio < 0.005 or 0.995 <= ratio < 1:
        return f"{min(max(ratio * 100, 0.1), 99.9):.1f}%"
    return f"{ratio:.0%}"


_HEADLINES = {
    Readiness.AUTOMATE: msg("Ready to automate part of the work"),
    Readiness.SUGGEST: msg("Ready to suggest answers to staff"),
    Readiness.NOT_YET: msg("Not ready yet"),
}


def _readiness(report: EvaluationReport) -> tuple[Readiness, Message]:
    n, low, majority = report.score.n, report.interval[0], report.majority.accuracy
    needed = 1 - MISTAKES_LEFT * (1 - majority)
    if n < MIN_EXAM:
        return Readiness.NOT_YET, nmsg(
            "The exam has {n} example; at least {min_exam} are needed to tell a good model from a lucky one.",
            "The exam has {n} examples; at least {min_exam} are needed to tell a good model from a lucky one.",
            n,
            min_exam=MIN_EXAM,
        )
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
    sure_low, sure_share = wilson(report.n_sure_right, report.n_sure)[0], report.n_sure / n
    if sure_share < SURE_SHARE:
        return Readiness.SUGGEST, msg(
            "It is sure about only {share} of the messages, too few to automate.", share=percent(sure_share)
        )
    if sure_low < SURE_RIGHT:
        return Readiness.SUGGEST, msg(
            "Of the answers it is sure about, as few as {low} may be right; automating asks for {needed}.",
            low=percent(sure_low),
            needed=percent(SURE_RIGHT),
        )
    return Readiness.AUTOMATE, msg(
        "It is sure about {share} of the messages, and at least {low} of those answers are likely right. "
        "The rest should go to people.",
        share=percent(sure_share),
        low=percent(sure_low),
    )


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
