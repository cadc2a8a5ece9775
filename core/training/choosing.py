"""What a run keeps: the draft, the fine-tuned model, or both mixed. Numpy only."""

import math

import numpy as np

from core.training.bundle import Choice
from core.training.calibration import Proba, choose_threshold, fit_mix, fit_temperature, log_loss, sharpen

FEW_JUDGES = 100  # examples; fewer often like best what was lucky
PRIOR_JUDGES = 20  # examples that equal shares count as when few judge
CLEAR = 2.0  # standard errors


def choose(draft_proba: Proba, tuned_proba: Proba, targets: np.ndarray) -> Choice:
    """What answers the judging examples best. More right answers decide, then the likelier probabilities.

    Where few judge and neither of the two is clearly right more often, both are kept: what is lost by taking the wrong one
    is more than what mixing can lose.
    """
    weight = fit_mix(targets, draft_proba, tuned_proba)
    mixes = {"draft": 1.0, "fine_tuned": 0.0, "mix": weight}
    if len(targets) < FEW_JUDGES and not _clearly_apart(draft_proba, tuned_proba, targets):
        n = len(targets)
        mixes = {"mix": (n * weight + PRIOR_JUDGES / 2) / (n + PRIOR_JUDGES)}
    elif weight in (0.0, 1.0):
        del mixes["mix"]

    def goodness(name: str) -> tuple[float, float]:
        proba = mixes[name] * draft_proba + (1 - mixes[name]) * tuned_proba
        return float((proba.argmax(axis=1) == targets).mean()), -log_loss(proba, targets)

    kept = max(mixes, key=goodness)
    proba = mixes[kept] * draft_proba + (1 - mixes[kept]) * tuned_proba
    temperature = fit_temperature(proba, targets)
    threshold = choose_threshold(sharpen(proba, temperature), targets)
    return Choice(kept=kept, draft_weight=mixes[kept], temperature=temperature, threshold=threshold)


def draft_choice(proba: Proba, targets: np.ndarray) -> Choice:
    """The draft alone: its probabilities are calibrated already."""
    return Choice(kept="draft", draft_weight=1.0, temperature=1.0, threshold=choose_threshold(proba, targets))


def _clearly_apart(draft_proba: Proba, tuned_proba: Proba, targets: np.ndarray) -> bool:
    """Whether one is right where the other is wrong more often than luck would have it (McNemar, 1947)."""
    draft_right, tuned_right = (proba.argmax(axis=1) == targets for proba in (draft_proba, tuned_proba))
    n_draft, n_tuned = int((draft_right & ~tuned_right).sum()), int((tuned_right & ~draft_right).sum())
    return abs(n_draft - n_tuned) > CLEAR * math.sqrt(n_draft + n_tuned)
