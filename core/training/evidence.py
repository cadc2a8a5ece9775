"""What a search's trials tell about each choice: its expected gain, and how sure that is. No torch: pages call this.

The differences between a trial and the recommended recipe are taken for a sum of gains, one for every choice in which
they differ. Gains are small and mostly nothing, which is what is believed before looking (a normal prior), and every
difference is as uncertain as the examples make it that one of the two trials got right and the other wrong (McNemar,
1947). What both say together has a closed form (Bayesian linear regression; Bishop, 2006, 3.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.domain.search import Trial

PRIOR_GAIN = 0.02  # standard deviation of a choice's gain before looking: 2 points
TRIAL_NOISE = 0.005  # of a trial besides its examples: another seed gives another model
LIKELY = 1.28155  # standard deviations to each side that hold 8 of 10 cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What one choice is expected to add to the share of right answers, other things equal. 0.01 is a point."""

    setting: str  #: name of the setting, e.g. "learning_rate"
    value: Any  #: what was chosen for it; for "extras" the name of the one that was added
    usual: Any  #: what trial 1 has
    gain: float
    low: float  #: 8 of 10 cases lie between low and high
    high: float
    n_trials: int  #: that chose it

    @property
    def is_clear(self) -> bool:
        """Whether it likely helps, or likely harms."""
        return self.low > 0 or self.high < 0


def what_helped(trials: Sequence[Trial]) -> list[Gain]:
    """The gain of every choice that was tried, the best first. Empty without a finished trial 1 and another to compare."""
    compared = [trial for trial in trials[1:] if trial.n_gained is not None and trial.n_lost is not None]
    if not compared:
        return []
    usual = dict(trials[0].settings)
    choices = list(dict.fromkeys(choice for trial in compared for choice in _choices(trial, usual)))
    if not choices:
        return []
    design = np.array([[choice in _choices(trial, usual) for choice in choices] for trial in compared], dtype=float)
    found = [_difference(trial) for trial in compared]
    difference, variance = np.array([d for d, _ in found]), np.array([v for _, v in found])
    # trial 1 is in every difference, so its own noise is shared by all of them
    noise = np.linalg.inv(np.diag(variance + TRIAL_NOISE**2) + TRIAL_NOISE**2)
    covariance = np.linalg.inv(design.T @ noise @ design + np.eye(len(choices)) / PRIOR_GAIN**2)
    mean = covariance @ design.T @ noise @ difference
    spread = LIKELY * np.sqrt(np.diag(covariance))
    gains = [
        Gain(
            setting=setting,
            value=value,
            usual=usual[setting],
            gain=float(m),
            low=float(m - s),
            high=float(m + s),
            n_trials=int(n),
        )
        for (setting, value), m, s, n in zip(choices, mean, spread, design.sum(axis=0), strict=True)
    ]
    return sorted(gains, key=lambda gain: -gain.gain)


def _choices(trial: Trial, usual: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in trial.settings.items() if name in usual and value != usual[name]]


def _difference(trial: Trial) -> tuple[float, float]:
    """Of the shares of right answers, this trial's less that of trial 1 on the same examples, and its variance.

    One example more on each side keeps few examples from looking certain.
    """
    gained, lost = trial.n_gained or 0, trial.n_lost or 0
    n = max(1, trial.n_asked)
    difference = (gained - lost) / n
    return difference, (gained + lost + 2 - (gained - lost) ** 2 / n) / n**2
