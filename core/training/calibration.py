"""Probabilities that mean what they say: sharpening, mixing, and the threshold for "not sure". Numpy only.

Fitted on examples the model did not learn from (check-up or out-of-fold rows), never on the exam.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Proba = NDArray[np.float64]

SURE_ACCURACY = 0.95  # what answers above the threshold aim for
LOWEST_THRESHOLD, HIGHEST_THRESHOLD = 0.3, 0.95
MARGIN_OVER_CHANCE = 0.05  # of two categories one always has 0.5: a threshold below that would never say "not sure"
PSEUDO_EXAMPLES = 10  # how many examples the calibrated probabilities count as when there are few real ones
_TINY = 1e-12
_MAX_LOG_TEMPERATURE = 3.0  # temperatures from 0.05 to 20
_MIX_STEPS = 20


def softmax(scores: ArrayLike) -> Proba:
    """Rows of `scores` as probabilities."""
    values = np.asarray(scores, dtype=np.float64)
    exponentials = np.exp(values - values.max(axis=1, keepdims=True))
    proba: Proba = exponentials / exponentials.sum(axis=1, keepdims=True)
    return proba


def logistic(scores: ArrayLike) -> Proba:
    """1 / (1 + e^-score) of every score by itself."""
    proba: Proba = 1 / (1 + np.exp(-np.clip(np.asarray(scores, dtype=np.float64), -50, 50)))
    return proba


def sharpen(proba: ArrayLike, temperature: float) -> Proba:
    """p^(1/T), renormalized; T below 1 makes answers more certain, above 1 less. The best answer stays the best."""
    return softmax(np.log(np.maximum(proba, _TINY)) / temperature)


def log_loss(proba: ArrayLike, targets: Sequence[int] | NDArray[np.integer]) -> float:
    """Mean of -ln p(true category)."""
    values = np.asarray(proba)
    return float(-np.log(np.maximum(values[np.arange(len(values)), targets], _TINY)).mean())


def fit_temperature(proba: ArrayLike, targets: Sequence[int] | NDArray[np.integer]) -> float:
    """The T that makes `sharpen(proba, T)` most likely (Guo et al., 2017); 1.0 without examples.

    A weak prior at T = 1, worth about one example, keeps a handful of right answers from becoming certainty.
    """
    n = len(targets)
    if n == 0:
        return 1.0
    logits = np.log(np.maximum(proba, _TINY))

    def loss(log_t: float) -> float:
        return log_loss(softmax(logits / math.exp(log_t)), targets) + 0.5 * log_t**2 / n

    return math.exp(minimum(loss, -_MAX_LOG_TEMPERATURE, _MAX_LOG_TEMPERATURE))


def fit_mix(targets: Sequence[int] | NDArray[np.integer], proba_a: ArrayLike, proba_b: ArrayLike) -> float:
    """The weight w of a, 0 to 1 in steps of 0.05, at which `w * a + (1 - w) * b` is most likely."""
    a, b = np.asarray(proba_a, dtype=np.float64), np.asarray(proba_b, dtype=np.float64)
    weights = [step / _MIX_STEPS for step in range(_MIX_STEPS + 1)]
    return min(weights, key=lambda w: log_loss(w * a + (1 - w) * b, targets))


def choose_threshold(proba: ArrayLike, targets: Sequence[int] | NDArray[np.integer]) -> float:
    """The smallest probability at which sure answers are right about 95 times in 100, between 0.3 and 0.95.

    With k answers at or above a threshold, r of them right, and their mean probability p, accuracy is taken as
    (r + 10 p) / (k + 10): where examples are few, the calibrated probabilities decide.
    """
    values = np.asarray(proba, dtype=np.float64)
    lowest = max(LOWEST_THRESHOLD, 1 / int(values.shape[1]) + MARGIN_OVER_CHANCE)
    if len(values) == 0:
        return HIGHEST_THRESHOLD
    confidence = values.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    confidence = confidence[order]
    n_right = np.cumsum(values.argmax(axis=1)[order] == np.asarray(targets)[order])
    k = np.arange(1, len(values) + 1)
    mean = np.cumsum(confidence) / k
    accuracy = (n_right + PSEUDO_EXAMPLES * mean) / (k + PSEUDO_EXAMPLES)
    enough = np.flatnonzero(accuracy >= SURE_ACCURACY)
    if len(enough) == 0:
        return HIGHEST_THRESHOLD
    threshold = math.floor(float(confidence[enough[-1]]) * 100) / 100
    return min(max(threshold, lowest), HIGHEST_THRESHOLD)


def minimum(f: Callable[[float], float], low: float, high: float, tolerance: float = 1e-3) -> float:
    """Golden-section search of a function with one valley."""
    ratio = (math.sqrt(5) - 1) / 2
    a, b = high - ratio * (high - low), low + ratio * (high - low)
    f_a, f_b = f(a), f(b)
    while high - low > tolerance:
        if f_a < f_b:
            high, b, f_b = b, a, f_a
            a = high - ratio * (high - low)
            f_a = f(a)
        else:
            low, a, f_a = a, b, f_b
            b = low + ratio * (high - low)
            f_b = f(b)
    return (low + high) / 2
