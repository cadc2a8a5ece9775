"""Which model answers with the better numbers, and how far off it is. Numpy only; see `calibration` for categories."""

import math

import numpy as np

from core.training.bundle import Choice

COVERED = 0.9  # share of texts whose truth shall lie within answer ± half width
MIX_STEPS = 20


def choose_number(draft: np.ndarray, tuned: np.ndarray, targets: np.ndarray) -> Choice:
    """The draft, the fine-tuned model or both mixed: what errs least on the check-up. Answers of shape (n, 1).

    The squared error of a mix is a parabola of its weight, so the best one is found exactly and rounded to 0.05.
    """
    apart, error = (draft - tuned)[:, 0], targets - tuned[:, 0]
    spread = float(np.square(apart).sum())
    best = float(apart @ error) / spread if spread else 0.0
    weight = round(min(max(best, 0.0), 1.0) * MIX_STEPS) / MIX_STEPS
    kept = {0.0: "fine_tuned", 1.0: "draft"}.get(weight, "mix")
    return number_choice(kept, weight, weight * draft + (1 - weight) * tuned, targets)


def number_choice(kept: str, draft_weight: float, answers: np.ndarray, targets: np.ndarray) -> Choice:
    half_width = conformal_half_width(answers[:, 0], targets)
    return Choice(kept=kept, draft_weight=draft_weight, temperature=1.0, threshold=0.0, half_width=half_width)


def number_draft_choice(answers: np.ndarray, targets: np.ndarray) -> Choice:
    """The draft alone."""
    return number_choice("draft", 1.0, answers, targets)


def conformal_half_width(answers: np.ndarray, truth: np.ndarray) -> float:
    """How far a new truth lies from its answer, at most, for COVERED of all texts (split conformal prediction, Lei et al.,
    2018, arXiv:1604.04173): the ceil((n + 1) * COVERED)-th smallest distance on rows the model did not learn from.

    Fewer than 9 rows cannot promise that much: the greatest distance is given, and the exam says how often it holds.
    """
    distances = np.sort(np.abs(answers - truth))
    if not len(distances):
        return 0.0
    place = min(math.ceil((len(distances) + 1) * COVERED), len(distances))
    return float(distances[place - 1])
