"""Several categories at once: what a run keeps, and from which probability on a text gets a category. Numpy only.

Chosen on answers to examples that the models did not learn from. See `choosing` and `calibration` for one category a text.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.training.bundle import Choice
from core.training.calibration import Proba, logistic, minimum

THRESHOLDS = np.round(np.arange(0.03, 0.98, 0.01), 2)
USUAL_THRESHOLD = 0.5  # where nothing judges
COMMON_ROWS = 20.0  # so many rows of a category count as much as what suits all categories together
_TINY = 1e-9
_MAX_LOG_TEMPERATURE = 3.0
_MIX_STEPS = 20


def choose_several(draft: Proba, tuned: Proba, targets: np.ndarray) -> Choice:
    """The draft, the fine-tuned model or both mixed: whose probabilities (n, n_labels) are likeliest on the check-up."""
    weights = [step / _MIX_STEPS for step in range(_MIX_STEPS + 1)]
    weight = min(weights, key=lambda w: log_loss_each(w * draft + (1 - w) * tuned, targets))
    kept = {0.0: "fine_tuned", 1.0: "draft"}.get(weight, "mix")
    return _several_choice(kept, weight, weight * draft + (1 - weight) * tuned, targets)


def several_draft_choice(proba: Proba, targets: np.ndarray) -> Choice:
    """The draft alone: its probabilities are calibrated already."""
    common, thresholds = choose_thresholds(proba, targets)
    return Choice(kept="draft", draft_weight=1.0, temperature=1.0, threshold=common, thresholds=thresholds)


def _several_choice(kept: str, draft_weight: float, proba: Proba, targets: np.ndarray) -> Choice:
    temperature = fit_temperature_each(proba, targets)
    common, thresholds = choose_thresholds(sharpen_each(proba, temperature), targets)
    return Choice(
        kept=kept, draft_weight=draft_weight, temperature=temperature, threshold=common, thresholds=thresholds
    )


def choose_thresholds(proba: Proba, targets: np.ndarray) -> tuple[float, tuple[float, ...]]:
    """One threshold that suits all categories, and that of each.

    With F_k(t) the F1 of category k at threshold t, n_k its rows and M(t) the mean of all F_k, the common one is best for
    M, and that of category k for (n_k F_k(t) + 20 M(t)) / (n_k + 20): where rows are few, all categories decide.
    """
    n_labels = proba.shape[1]
    if not len(proba):
        return USUAL_THRESHOLD, (USUAL_THRESHOLD,) * n_labels
    has = targets > 0.5
    n_rows = has.sum(axis=0)
    f1 = np.zeros((len(THRESHOLDS), n_labels))
    for row, threshold in enumerate(THRESHOLDS):
        chosen = proba >= threshold
        f1[row] = 2 * (chosen & has).sum(axis=0) / np.maximum(chosen.sum(axis=0) + n_rows, 1)
    occurs = n_rows > 0
    mean = f1[:, occurs].mean(axis=1) if occurs.any() else np.zeros(len(THRESHOLDS))
    own = n_rows * f1 + COMMON_ROWS * mean[:, None]
    return float(THRESHOLDS[_middle_best(mean)]), tuple(
        float(THRESHOLDS[_middle_best(own[:, k])]) for k in range(n_labels)
    )


def sharpen_each(proba: ArrayLike, temperature: float) -> Proba:
    """s(logit(p) / T) of every probability by itself; what is above one half stays there."""
    return logistic(_logit(proba) / temperature)


def log_loss_each(proba: ArrayLike, targets: ArrayLike) -> float:
    """Mean over the rows of -sum_k (y_k ln p_k + (1 - y_k) ln(1 - p_k))."""
    p = np.clip(proba, _TINY, 1 - _TINY)
    has = np.asarray(targets) > 0.5
    return float(-np.log(np.where(has, p, 1 - p)).sum(axis=1).mean()) if len(p) else 0.0


def fit_temperature_each(proba: ArrayLike, targets: ArrayLike) -> float:
    """The T that makes `sharpen_each(proba, T)` likeliest; 1.0 without examples. A weak prior holds it near 1."""
    logits = _logit(proba)
    n = len(logits)
    if n == 0:
        return 1.0

    def loss(log_t: float) -> float:
        return log_loss_each(logistic(logits / math.exp(log_t)), targets) + 0.5 * log_t**2 / n

    return math.exp(minimum(loss, -_MAX_LOG_TEMPERATURE, _MAX_LOG_TEMPERATURE))


def _middle_best(values: NDArray[np.float64]) -> int:
    """The place of the best value; of several alike that lie side by side, the middle one."""
    best = np.flatnonzero(values >= values.max() - 1e-12)
    run = best[: int(np.argmax(np.diff(best, append=-1) != 1)) + 1]
    return int(run[len(run) // 2])


def _logit(proba: ArrayLike) -> NDArray[np.float64]:
    p = np.clip(np.asarray(proba, dtype=np.float64), _TINY, 1 - _TINY)
    logits: NDArray[np.float64] = np.log(p / (1 - p))
    return logits
