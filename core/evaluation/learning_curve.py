"""What more rows would bring: a power law through the mistakes made after learning from fewer rows. Pure numpy.

    share of mistakes after n rows:  e(n) = a + b n^-c        (Cortes et al., 1993; Hestness et al., 2017, arXiv:1712.00409)

How sure that is comes from drawing the asked rows and the repetitions anew many times (bootstrap; Efron, 1979): every
draw gives a curve of its own, and 95 of 100 of them lie between `low` and `high`. The same asked rows stand behind all
points of a draw, so what they have in common cancels out of the gain.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

N_DRAWS = 400
EXPONENTS = np.linspace(0.1, 1.2, 23)  # beyond, curves are steps; below, straight lines over the range that is asked
LOW, HIGH = 0.025, 0.975
WIDEST = 0.2  # a range of the gain wider than this says nothing that a person could plan with
N_LINE = 24  # points of the drawn line

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """Share of right answers after learning from `n` rows. 95 of 100 drawn curves lie between `low` and `high`."""

    n: int
    right: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What more rows would bring."""

    label: str  #: the category that gets them; "" where all grow alike
    n_now: int
    n_more: int
    now: float  #: share of right answers by the curve
    then: float
    low: float  #: of `then`
    high: float
    is_clear: bool  #: whether the curve rises beyond doubt, and the range is narrow enough to plan with


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaws:
    """One curve for every draw, each of shape (n_draws,)."""

    a: Floats
    b: Floats
    c: Floats

    def mistakes(self, n: float) -> Floats:
        found: Floats = np.clip(self.a + self.b * n**-self.c, 0.0, 1.0)
        return found


def fit_power_laws(sizes: Sequence[int], mistakes: Floats) -> PowerLaws:
    """The curves with the least squared error through `mistakes` of shape (n_draws, n_sizes). None goes below 0 mistakes
    in the end (a >= 0); falling ones are not assumed (b may be negative)."""
    n = np.asarray(sizes, dtype=np.float64)
    best = np.full(len(mistakes), np.inf)
    a, b, c = (np.zeros(len(mistakes)) for _ in range(3))
    for exponent in EXPONENTS:
        x = n**-exponent
        centered = x - x.mean()
        slope = (mistakes @ centered) / (centered @ centered)
        level = mistakes.mean(axis=1) - slope * x.mean()
        through_zero = (mistakes @ x) / (x @ x)
        slope, level = np.where(level < 0, through_zero, slope), np.maximum(level, 0.0)
        errors = ((mistakes - level[:, None] - slope[:, None] * x) ** 2).sum(axis=1)
        better = errors < best
        best[better], a[better], b[better], c[better] = errors[better], level[better], slope[better], exponent
    return PowerLaws(a=a, b=b, c=c)


def drawn_mistakes(right: Sequence[NDArray[np.bool_]], seed: int = 0, n_draws: int = N_DRAWS) -> Floats:
    """Shares of mistakes, shape (n_draws + 1, n_sizes). `right[i]` has shape (repetitions of size i, asked rows).

    The first draw is everything as it is; the others draw rows (the same for all sizes) and repetitions anew.
    """
    rng = np.random.default_rng(seed)
    n_rows = right[0].shape[1]
    found = np.empty((n_draws + 1, len(right)))
    found[0] = [1 - one.mean() for one in right]
    for draw in range(1, n_draws + 1):
        weight = np.bincount(rng.integers(n_rows, size=n_rows), minlength=n_rows) / n_rows
        for i, one in enumerate(right):
            chosen = one[rng.integers(len(one), size=len(one))]
            found[draw, i] = 1 - float((chosen @ weight).mean())
    return found


def drawn_f1_mistakes(
    hits: Sequence[NDArray[np.bool_]], misses: Sequence[NDArray[np.bool_]], fold: NDArray[np.int64], seed: int = 0
) -> Floats:
    """The same for one category: what its F1 lacks to 1, which is misses / (2 hits + misses).

    `hits[i]` are rows of it that were found, `misses[i]` rows that were lost to or taken from others, after learning from
    size i. Rows of one `fold` were asked of one draft, so folds are drawn as well as rows.
    """
    rng = np.random.default_rng(seed)
    n_folds = int(fold.max()) + 1
    found = np.empty((N_DRAWS + 1, len(hits)))
    for draw in range(N_DRAWS + 1):
        times = np.bincount(rng.integers(n_folds, size=n_folds), minlength=n_folds)
        weight = rng.poisson(1.0, len(fold)) * times[fold] if draw else np.ones(len(fold), dtype=np.int64)
        for i, (hit, miss) in enumerate(zip(hits, misses, strict=True)):
            n_missed = float(miss @ weight)
            found[draw, i] = n_missed / max(1.0, 2 * float(hit @ weight) + n_missed)
    return found


def curve_points(sizes: Sequence[int], mistakes: Floats) -> tuple[CurvePoint, ...]:
    """The measured points with their own ranges."""
    low, high = np.quantile(1 - mistakes[1:], [LOW, HIGH], axis=0)
    return tuple(
        CurvePoint(n=int(n), right=float(1 - mistakes[0, i]), low=float(low[i]), high=float(high[i]))
        for i, n in enumerate(sizes)
    )


def curve_line(laws: PowerLaws, first: int, last: int) -> tuple[CurvePoint, ...]:
    """The fitted curve from `first` to `last` rows, for drawing."""
    points = []
    for n in np.unique(np.geomspace(first, last, N_LINE).round().astype(int)):
        right = 1 - laws.mistakes(float(n))
        low, high = np.quantile(right[1:], [LOW, HIGH])
        points.append(CurvePoint(n=int(n), right=float(right[0]), low=float(low), high=float(high)))
    return tuple(points)


def look_out(laws: PowerLaws, *, n_now: int, n_more: int, label: str = "") -> Outlook:
    """What `n_more` rows on top of `n_now` would bring."""
    now, then = (1 - laws.mistakes(float(n)) for n in (n_now, n_now + n_more))
    low, high = np.quantile((then - now)[1:], [LOW, HIGH])
    start = float(now[0])
    return Outlook(
        label=label,
        n_now=n_now,
        n_more=n_more,
        now=start,
        then=float(then[0]),
        low=min(1.0, start + float(low)),
        high=min(1.0, start + float(high)),
        is_clear=bool(low > 0 and high - low <= WIDEST),
    )
