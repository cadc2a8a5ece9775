"""A promise in sentences, in messages and in money; and where it cannot be made, why, and how many rows would do."""

from dataclasses import dataclass, replace
from math import ceil, log

from core.domain.goal import Goal, Use
from core.domain.message import Message, msg, nmsg
from core.domain.policy import NEXT, Promise
from core.evaluation.policy import CONFIDENCE, rows_needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    """Money a month, or per NEXT messages where no number a month is known; negative where it costs more than reading."""

    about: float
    at_least: float  #: at the promise's pessimistic end
    a_month: bool


def savings_of(promise: Promise, goal: Goal) -> Savings | None:
    """What not reading saves, less what wrong answers cost; None where a cost is not known or answers only suggest."""
    if not (goal.knows_costs and goal.use is Use.FILL and promise.n_auto):
        return None
    n = goal.n_messages or NEXT
    reading, wrong = goal.reading_cost or 0.0, goal.wrong_cost or 0.0
    per_answer = [reading - wrong * rate for rate in (promise.rate, promise.highest_rate)]
    about, at_least = (n * promise.share * saved for saved in per_answer)
    return Savings(about=about, at_least=at_least, a_month=goal.n_messages is not None)


def money_of(saved: Savings) -> Message:
    """The savings in one sentence, in dollars or yuan as the language has it."""
    about, at_least = f"{abs(saved.about):,.0f}", f"{abs(saved.at_least):,.0f}"
    if saved.about <= 0:
        if saved.a_month:
            return msg("Costs about ${about} a month more than reading everything.", about=about)
        return msg("Costs about ${about} per 1,000 messages more than reading everything.", about=about)
    if saved.at_least < 0:
        if saved.a_month:
            return msg(
                "Saves about ${about} a month; at worst it costs ${at_least} more than reading everything.",
                about=about,
                at_least=at_least,
            )
        return msg(
            "Saves about ${about} per 1,000 messages; at worst it costs ${at_least} more than reading everything.",
            about=about,
            at_least=at_least,
        )
    if saved.a_month:
        return msg("Saves about ${about} a month, at least ${at_least}.", about=about, at_least=at_least)
    return msg("Saves about ${about} per 1,000 messages, at least ${at_least}.", about=about, at_least=at_least)


def sentence_of(promise: Promise, goal: Goal) -> Message:
    """The next NEXT messages in one sentence, in the words of what happens to them."""
    numbers = {
        "auto": f"{promise.next_auto:,}",
        "about": f"{promise.about:,}",
        "at_most": f"{promise.at_most:,}",
        "rest": f"{NEXT - promise.next_auto:,}",
    }
    sentences = _WEIGHTED if promise.weight > 1 else _SENTENCES
    return replace(sentences[goal.use], params=numbers)


_SENTENCES = {
    Use.FILL: msg(
        "Of the next 1,000 messages {auto} go automatic (about {about} wrong, at most {at_most}), {rest} to people."
    ),
    Use.SUGGEST: msg(
        "Of the next 1,000 messages {auto} get a suggestion (about {about} wrong, at most {at_most}), "
        "{rest} go to people without one."
    ),
    Use.WATCH: msg(
        "Of the next 1,000 messages {auto} are counted for sure (about {about} wrong, at most {at_most}), "
        "{rest} stay unsure."
    ),
}

_WEIGHTED = {  # where the worst mix-up counts as several mistakes
    Use.FILL: msg(
        "Of the next 1,000 messages {auto} go automatic (mistakes count as about {about}, at most {at_most}), "
        "{rest} to people."
    ),
    Use.SUGGEST: msg(
        "Of the next 1,000 messages {auto} get a suggestion (mistakes count as about {about}, at most {at_most}), "
        "{rest} go to people without one."
    ),
    Use.WATCH: msg(
        "Of the next 1,000 messages {auto} are counted for sure (mistakes count as about {about}, at most {at_most}), "
        "{rest} stay unsure."
    ),
}


def least_automatic(limit: float) -> int:
    """Automatic exam answers without a single mistake that are needed to promise `limit` mistakes per answer."""
    return ceil(log(1 - CONFIDENCE) / log(1 - limit))


def shortfall(promise: Promise, limit: float) -> Message | None:
    """Why `limit` mistakes per 100 automatic answers cannot be promised; None where it is."""
    ratio = limit / 100
    least = least_automatic(ratio)
    if promise.n_auto and promise.highest_rate <= ratio:
        return None
    if not promise.n_auto and promise.n_exam >= least:
        return msg(
            "Nothing goes automatic: no threshold keeps surely within {limit} mistakes in 100.", limit=f"{limit:g}"
        )
    if promise.n_auto < least:
        share = promise.share or 1.0
        enough = rows_needed(ratio, share=share, rate=min(promise.rate, 0.5 * ratio)) or ceil(least / share)
        if not _would_do(enough, promise):
            return nmsg(
                "{n_auto} of {n} exam example would be automatic: too few to promise at most {limit} mistakes in 100.",
                "{n_auto} of {n} exam examples would be automatic: too few to promise at most {limit} mistakes in 100.",
                promise.n_exam,
                n_auto=promise.n_auto,
                limit=f"{limit:g}",
            )
        return nmsg(
            "{n_auto} of {n} exam example would be automatic: too few to promise at most {limit} mistakes in 100. About "
            "{needed} exam examples would do.",
            "{n_auto} of {n} exam examples would be automatic: too few to promise at most {limit} mistakes in 100. About "
            "{needed} exam examples would do.",
            promise.n_exam,
            n_auto=promise.n_auto,
            limit=f"{limit:g}",
            needed=f"{enough:,}",
        )
    highest = f"{100 * promise.highest_rate:.1f}"
    if promise.weight > 1:  # may be more than 100 in 100: they are counted, not answers
        return msg(
            "Per 100 automatic answers the exam counts {rate} mistakes, the worst mix-up as {weight}, and there may be "
            "{highest}; you allow {limit}. Automate less.",
            rate=f"{100 * promise.rate:.1f}",
            weight=f"{promise.weight:g}",
            highest=highest,
            limit=f"{limit:g}",
        )
    needed = rows_needed(ratio, share=promise.share, rate=promise.rate)
    if needed is None or not _would_do(needed, promise):
        return msg(
            "Of 100 automatic answers {rate} were wrong in the exam and {highest} may be; you allow {limit}. Automate less.",
            rate=f"{100 * promise.rate:.1f}",
            highest=highest,
            limit=f"{limit:g}",
        )
    return msg(
        "Of 100 automatic answers as many as {highest} may be wrong; you allow {limit}. Automate less, or label more: with "
        "about {needed} exam examples instead of {n_exam} it could be promised.",
        highest=highest,
        limit=f"{limit:g}",
        needed=f"{needed:,}",
        n_exam=f"{promise.n_exam:,}",
    )


def _would_do(needed: int, promise: Promise) -> bool:
    """Whether that number of exam rows is worth naming: it is worked out for mistakes that all count as one."""
    return promise.weight <= 1 and needed > promise.n_exam
