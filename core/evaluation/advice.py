"""What to do next for the weakest categories, and why. Pure rules on counts, in this order; the first that holds is told:

1. Relabel, where at least a tenth of its examples likely stand under a wrong category (known once label mistakes were looked for).
2. Merge or tell apart, where at least half of its mistakes are with one other category, in both directions, and there are
   others besides the two.
3. Add examples, where practice has fewer than 50, or less than a third of the usual category.
4. Describe it more clearly, where its mistakes are spread over many categories: it means too many things.
5. Add examples otherwise.
"""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.domain.message import Message, msg, nmsg
from core.domain.model import EvaluationReport, LabelReport

N_TOLD = 5
WEAK_F1, MIN_MISTAKES = 0.9, 2
WRONG_SHARE = 0.1  # of a category's examples under suspicion
ONE_OTHER = 0.5  # of a category's mistakes
FEW_EXAMPLES, FEW_AGAINST_USUAL = 50, 1 / 3
SPREAD_OVER, MIN_SPREAD = 4, 6  # categories, and mistakes
MOST_ASKED_FOR = 200  # examples


class Action(StrEnum):
    RELABEL = "relabel"  #: look through the likely wrong categories
    MERGE = "merge"  #: join two categories, or say what tells them apart
    MORE = "more"  #: add examples
    DEFINE = "define"  #: say more clearly what belongs to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    label: str
    action: Action
    other: str  #: the category it is mixed up with, for MERGE; "" otherwise
    n_more: int  #: examples to add, for MORE; 0 otherwise
    step: Message  #: what to do
    reason: Message  #: the counts that say so


def advise(
    report: EvaluationReport, label_counts: Mapping[str, int], wrong_shares: Mapping[str, float] | None = None
) -> list[Advice]:
    """Advice for the weakest categories, the weakest first.

    Args:
        label_counts: examples of each category in all the data.
        wrong_shares: of each category's examples that likely stand there by mistake; None before they were looked for.
    """
    weak = [one for one in report.per_label if one.n and one.f1 < WEAK_F1 and n_mistakes(report, one) >= MIN_MISTAKES]
    weak.sort(key=lambda one: (one.f1, -one.n))
    return [_advice(report, one, label_counts, wrong_shares or {}) for one in weak[:N_TOLD]]


def n_mistakes(report: EvaluationReport, one: LabelReport) -> int:
    """Exam rows of the category that were answered otherwise, and rows of others that were answered with it."""
    n_hits = round(one.recall * one.n)
    return (one.n - n_hits) + (one.n_predicted - n_hits)


def _advice(
    report: EvaluationReport, one: LabelReport, label_counts: Mapping[str, int], wrong_shares: Mapping[str, float]
) -> Advice:
    n_examples, usual = label_counts.get(one.label, 0), statistics.median(label_counts.values() or [0])
    mixed = _mixed_with(report, one.label)
    total = sum(lost + taken for lost, taken in mixed.values())
    other, (lost, taken) = max(mixed.items(), key=lambda item: sum(item[1]), default=("", (0, 0)))
    share = wrong_shares.get(one.label, 0.0)
    n_wrong = round(share * n_examples)
    if share >= WRONG_SHARE and n_wrong >= MIN_MISTAKES:
        return _told(
            one.label,
            Action.RELABEL,
            msg("Check the categories of its examples first."),
            nmsg(
                "{n} of its {n_examples} examples likely stands here by mistake.",
                "{n} of its {n_examples} examples likely stand here by mistake.",
                n_wrong,
                n_examples=n_examples,
            ),
        )
    if len(report.labels) > 2 and lost and taken and lost + taken >= max(3, ONE_OTHER * total):
        return _told(
            one.label,
            Action.MERGE,
            msg(
                "Merge it with “{other}”, or write down what tells the two apart and check their examples.", other=other
            ),
            nmsg(
                "{n} of its {total} mistakes is with “{other}”, in both directions.",
                "{n} of its {total} mistakes are with “{other}”, in both directions.",
                lost + taken,
                total=total,
                other=other,
            ),
            other=other,
        )
    if n_examples < FEW_EXAMPLES or n_examples < FEW_AGAINST_USUAL * usual:
        return _more(
            one.label,
            max(FEW_EXAMPLES, round(usual / 2)) - n_examples,
            nmsg(
                "The data holds {n} example of it; the usual category has {usual}.",
                "The data holds {n} examples of it; the usual category has {usual}.",
                n_examples,
                usual=round(usual),
            ),
        )
    if len(mixed) >= SPREAD_OVER and total >= MIN_SPREAD and lost + taken < ONE_OTHER * total:
        return _told(
            one.label,
            Action.DEFINE,
            msg("Say more clearly what belongs here, or split it into categories that mean one thing each."),
            nmsg(
                "Its {total} mistakes are spread over {n} other category.",
                "Its {total} mistakes are spread over {n} other categories.",
                len(mixed),
                total=total,
            ),
        )
    return _more(
        one.label,
        n_examples,
        nmsg(
            "It makes {total} mistakes with {n} example to learn from, and no other cause stands out.",
            "It makes {total} mistakes with {n} examples to learn from, and no other cause stands out.",
            n_examples,
            total=total,
        ),
    )


def _mixed_with(report: EvaluationReport, label: str) -> dict[str, tuple[int, int]]:
    """Of each other category: rows lost to it, and rows taken from it. Only those with any."""
    i = report.labels.index(label)
    pairs = {other: (report.confusion[i][j], report.confusion[j][i]) for j, other in enumerate(report.labels) if j != i}
    return {other: pair for other, pair in pairs.items() if sum(pair)}


def _more(label: str, n_more: int, reason: Message) -> Advice:
    n_more = min(MOST_ASKED_FOR, max(10, 10 * round(n_more / 10)))
    step = nmsg("Add about {n} example.", "Add about {n} examples.", n_more)
    return _told(label, Action.MORE, step, reason, n_more=n_more)


def _told(label: str, action: Action, step: Message, reason: Message, *, other: str = "", n_more: int = 0) -> Advice:
    return Advice(label=label, action=action, other=other, n_more=n_more, step=step, reason=reason)
