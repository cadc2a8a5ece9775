"""Two models on the same exam: is the difference real, or chance? Only rows where exactly one of them is right can tell."""

from dataclasses import dataclass
from math import exp, lgamma, log

import numpy as np
import numpy.typing as npt

REAL_BELOW = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """`p` is the chance of a difference at least this big between two models that are equally good."""

    n: int
    n_first: int  #: rows that only the first answered right
    n_second: int  #: rows that only the second answered right
    p: float

    @property
    def is_real(self) -> bool:
        return self.p < REAL_BELOW


def compare_paired(first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> Paired:
    """`first` and `second` say of each exam row, in the same order, whether it was answered right."""
    if first.shape != second.shape:
        raise ValueError(f"{first.shape} and {second.shape} are no answers to the same rows")
    n_first, n_second = int((first & ~second).sum()), int((second & ~first).sum())
    return Paired(n=len(first), n_first=n_first, n_second=n_second, p=mcnemar(n_first, n_second))


def mcnemar(n_first: int, n_second: int) -> float:
    """Two-sided exact p (McNemar, 1947): min(1, 2 P(X <= min(b, c))), X ~ Binomial(b + c, 1/2)."""
    n, few = n_first + n_second, min(n_first, n_second)
    tail = sum(exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2)) for k in range(few + 1))
    return min(1.0, 2 * tail)
