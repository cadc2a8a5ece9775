"""How far off answers are where categories have an order: counted in steps, from the report's own table of answers."""

from dataclasses import dataclass

import numpy as np

from core.domain.message import Message, msg
from core.domain.model import EvaluationReport
from core.evaluation.verdict import percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """One step lies between neighbouring categories."""

    mean: float  #: that an answer is off on average
    within_one: float  #: share of answers that are right or one step off
    middle: float  #: off on average by always answering the category in the middle of the exam

    @property
    def words(self) -> Message:
        return msg(
            "An answer is off by {mean} steps on average; {share} are right or one step off. Always answering the middle "
            "category would be off by {middle} steps.",
            mean=f"{self.mean:.2f}",
            share=percent(self.within_one),
            middle=f"{self.middle:.2f}",
        )


def steps_off(report: EvaluationReport) -> Steps | None:
    """None of an exam without rows. `report.labels` stand in their order; one that the model never learned stands last."""
    counts = np.asarray(report.confusion, dtype=np.float64)
    n = counts.sum()
    if not n:
        return None
    places = np.arange(len(counts))
    off = np.abs(places[:, None] - places[None, :])
    truth = counts.sum(axis=1)
    return Steps(
        mean=float((counts * off).sum() / n),
        within_one=float(counts[off <= 1].sum() / n),
        middle=float((truth[:, None] * off).sum(axis=0).min() / n),
    )
