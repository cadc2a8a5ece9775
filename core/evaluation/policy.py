"""Which answers go out by themselves: thresholds chosen on check-up answers, promised on the exam. Pure numpy.

With m automatic rows in the exam, w of them wrong, and M automatic answers to come, the promise "at most y wrong" is the
exact upper prediction limit of a binomial (Thatcher, 1964): the 95% quantile of a beta-binomial with parameters w + 1, m - w
and M trials. Its limit for M to infinity is the bound of Clopper and Pearson (1934). The threshold is chosen without
looking at the exam's answers, so the promise holds whatever the check-up said; "the exam" and "what comes" must be alike.

Where the worst mix-up counts as k mistakes, all mistakes and that one are bounded apart, each at 97.5%, and added:
y_all + (k - 1) y_worst.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, lgamma, log

import numpy as np
import numpy.typing as npt

from core.domain.goal import Goal, WorstMixUp
from core.domain.policy import NEVER, NEXT, Handle, Policy, Promise

CONFIDENCE = 0.95
PSEUDO_ROWS = 10  # how many rows the calibrated probabilities count as where check-up rows are few
MAX_STEPS = 200  # thresholds tried
LEAST_CHECKUP = 20  # rows; fewer tell nothing about a threshold
MOST_ROWS_NAMED = 100_000  # an exam that nobody would label is not asked for

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Answers to rows whose category is known; all (n,). Places count in `labels`."""

    labels: tuple[str, ...]
    confidence: Floats  #: calibrated probability of the answer
    answer: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]

    @classmethod
    def of(cls, labels: Sequence[str], proba: npt.NDArray[np.floating], targets: npt.ArrayLike) -> "Outcomes":
        """From calibrated probabilities of shape (n, n_labels)."""
        n = len(proba)
        return cls(
            labels=tuple(labels),
            confidence=proba.max(axis=1).astype(np.float64) if n else np.zeros(0),
            answer=proba.argmax(axis=1).astype(np.int64) if n else np.zeros(0, dtype=np.int64),
            target=np.asarray(targets, dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.confidence)

    def worst(self, mix_up: WorstMixUp | None) -> npt.NDArray[np.bool_]:
        """Which rows are that mix-up."""
        if mix_up is None or mix_up.truth not in self.labels or mix_up.answer not in self.labels:
            return np.zeros(len(self), dtype=bool)
        truth, answer = self.labels.index(mix_up.truth), self.labels.index(mix_up.answer)
        found: npt.NDArray[np.bool_] = (self.target == truth) & (self.answer == answer)
        return found

    def automatic(self, policy: Policy) -> npt.NDArray[np.bool_]:
        thresholds = np.array([policy.threshold_of(label) for label in self.labels])
        return self.confidence >= thresholds[self.answer]


def promise_of(exam: Outcomes, policy: Policy, worst: WorstMixUp | None = None) -> Promise:
    """What the policy did on the exam and promises for the next NEXT messages."""
    automatic = exam.automatic(policy)
    wrong = automatic & (exam.answer != exam.target)
    return _promise(
        n_exam=len(exam),
        n_auto=int(automatic.sum()),
        n_wrong=int(wrong.sum()),
        n_worst=int((automatic & exam.worst(worst)).sum()),
        weight=worst.weight if worst else 1.0,
    )


def promise_from_counts(n_exam: int, n_auto: int, n_wrong: int) -> Promise:
    """The same from what a report counts."""
    return _promise(n_exam=n_exam, n_auto=n_auto, n_wrong=n_wrong, n_worst=0, weight=1.0)


def most_wrong(n_wrong: float, n_seen: float, n_next: int, confidence: float = CONFIDENCE) -> int:
    """The smallest y with P(Y <= y) >= `confidence`: mistakes among `n_next` answers, after `n_wrong` of `n_seen`.

    P(Y = y) of the beta-binomial follows from P(0) by the ratio (M - y)(y + a) / ((y + 1)(M - y - 1 + b)), with
    a = n_wrong + 1 and b = n_seen - n_wrong; everything is possible (y = M) where nothing was right.
    """
    a, b = n_wrong + 1.0, n_seen - n_wrong
    if n_next == 0:
        return 0
    if b <= 0:
        return n_next
    y = np.arange(n_next, dtype=np.float64)
    ratios = np.log((n_next - y) * (y + a)) - np.log((y + 1) * (n_next - y - 1 + b))
    log_first = lgamma(n_next + b) - lgamma(b) - lgamma(n_next + a + b) + lgamma(a + b)
    cumulative = np.cumsum(np.exp(np.concatenate([[log_first], log_first + np.cumsum(ratios)])))
    return min(n_next, int(np.searchsorted(cumulative, confidence)))


def most_counted(n_wrong: float, n_worst: float, n_seen: float, n_next: int, weight: float) -> int:
    """`most_wrong` where the worst mix-up counts as `weight` mistakes: may be more than `n_next`."""
    if weight <= 1:
        return most_wrong(n_wrong, n_seen, n_next)
    apart = 1 - (1 - CONFIDENCE) / 2
    worst = most_wrong(n_worst, n_seen, n_next, apart)
    return most_wrong(n_wrong, n_seen, n_next, apart) + ceil((weight - 1) * worst)


class Curve:
    """Every threshold worth trying, strictest first, with what the check-up expects of it and what the exam says.

    Categories with a threshold of their own keep it all along.
    """

    def __init__(
        self, checkup: Outcomes, exam: Outcomes, *, goal: Goal, overrides: Mapping[str, float] | None = None
    ) -> None:
        self.goal, self.overrides = goal, dict(overrides or {})
        self.exam, self.n_exam, self.n_checkup = exam, len(exam), len(checkup)
        free = checkup.confidence[~self._has_own(checkup)]
        steps = np.unique(free)[::-1]
        if len(steps) > MAX_STEPS - 1:
            ordered = np.sort(free)[::-1]
            steps = np.unique(ordered[np.linspace(0, len(ordered) - 1, MAX_STEPS - 1).astype(np.int64)])[::-1]
        self.thresholds: Floats = np.concatenate([[NEVER], np.floor(steps * 1e4) / 1e4])
        n_auto, wrong, worst, doubt = self._counts(checkup)
        self.expected_share: Floats = n_auto / max(1, self.n_checkup)
        mean_doubt = doubt / np.maximum(n_auto, 1)
        self._expected_wrong: Floats = (wrong + PSEUDO_ROWS * mean_doubt) / (n_auto + PSEUDO_ROWS)
        self._expected_worst: Floats = worst / (n_auto + PSEUDO_ROWS)
        self._weight = goal.worst.weight if goal.worst else 1.0
        self.expected_rate: Floats = self._expected_wrong + (self._weight - 1) * self._expected_worst

    def policy(self, handle: Handle, value: float) -> Policy:
        """The loosest threshold that `handle` at `value` per 100 allows, by what the check-up expects."""
        place = self._of_mistakes(value / 100) if handle is Handle.MISTAKES else self._of_share(value / 100)
        threshold = float(self.thresholds[place])
        return Policy(threshold=threshold, overrides=self.overrides, handle=handle, value=value)

    def recommended(self) -> Policy:
        """Where costs are known, the threshold that saves most (within the limit, if one was told); else the limit."""
        if not self.goal.knows_costs:
            return self.policy(Handle.MISTAKES, self.goal.limit)
        saved = self.expected_share * (self.goal.reading_cost or 0) - self.expected_share * self.expected_rate * (
            self.goal.wrong_cost or 0
        )
        if self.goal.allowed is not None:
            saved = np.where(self._keeps(self.goal.allowed / 100), saved, -np.inf)
        best = int(np.argmax(saved))
        if not np.isfinite(saved[best]):
            return self.policy(Handle.MISTAKES, self.goal.limit)
        return Policy(
            threshold=float(self.thresholds[best]),
            overrides=self.overrides,
            handle=Handle.SHARE,
            value=round(100 * float(self.expected_share[best])),
        )

    # -- how ---------------------------------------------------------------------------------------------------------

    def _of_mistakes(self, limit: float) -> int:
        kept = np.flatnonzero(self._keeps(limit))
        return int(kept[-1]) if len(kept) else 0

    def _keeps(self, limit: float) -> npt.NDArray[np.bool_]:
        return self._expected_bounds <= limit

    @cached_property
    def _expected_bounds(self) -> Floats:
        """Mistakes per automatic answer that the exam could promise at each threshold, if it went as the check-up expects."""

        def bound(m: float, wrong: float, worst: float) -> float:
            if m < 1:
                return 1.0
            n_next = round(NEXT * m / self.n_exam)
            return most_counted(wrong * m, worst * m, m, n_next, self._weight) / max(1, n_next)

        (n_auto,) = self._sums(
            self.exam, np.ones((1, self.n_exam))
        )  # how many go out is no secret, only which are right
        expected = (n_auto, self._expected_wrong, self._expected_worst)
        return np.array([bound(*(float(one) for one in step)) for step in zip(*expected, strict=True)])

    def _of_share(self, share: float) -> int:
        return int(np.argmin(np.abs(self.expected_share - share)))

    def _has_own(self, rows: Outcomes) -> npt.NDArray[np.bool_]:
        own = np.array([label in self.overrides for label in rows.labels], dtype=bool)
        return own[rows.answer] if len(rows) else np.zeros(0, dtype=bool)

    def _counts(self, rows: Outcomes) -> Floats:
        """Per threshold: automatic rows, mistakes among them, worst mix-ups among those, and the sum of 1 - confidence."""
        wrong, worst = rows.answer != rows.target, rows.worst(self.goal.worst)
        return self._sums(rows, np.stack([np.ones(len(rows)), wrong, worst, 1 - rows.confidence]))

    def _sums(self, rows: Outcomes, values: Floats) -> Floats:
        """Sums of `values` (k, n) over the automatic rows of every threshold: (k, n_thresholds)."""
        own = self._has_own(rows)
        fixed = own & rows.automatic(Policy(threshold=NEVER, overrides=self.overrides))
        order = np.flatnonzero(~own)
        order = order[np.argsort(-rows.confidence[order], kind="stable")]
        reached = np.searchsorted(-rows.confidence[order], -self.thresholds, side="right")
        running = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values[:, order], axis=1)], axis=1)
        sums: Floats = running[:, reached] + values[:, fixed].sum(axis=1, keepdims=True)
        return sums

    @cached_property
    def promises(self) -> tuple[Promise, ...]:
        """One a threshold."""
        exam = self.exam
        worst = exam.worst(self.goal.worst)
        values = np.stack([np.ones(len(exam)), exam.answer != exam.target, worst]).astype(np.float64)
        return tuple(
            _promise(n_exam=len(exam), n_auto=int(n), n_wrong=int(wrong), n_worst=int(bad), weight=self._weight)
            for n, wrong, bad in self._sums(exam, values).T
        )


def rows_needed(limit: float, *, share: float, rate: float) -> int | None:
    """Exam rows at which `rate` mistakes among the `share` of them that is automatic promise at most `limit`."""
    if share <= 0 or rate >= limit or limit <= 0:
        return None
    n_next = max(1, round(NEXT * share))
    low, high = 1, ceil(log(1 - CONFIDENCE) / log(1 - limit) / share)

    def is_enough(n: int) -> bool:
        return most_wrong(rate * share * n, share * n, n_next) <= limit * n_next

    while not is_enough(high):
        low, high = high, 2 * high
        if high > MOST_ROWS_NAMED:
            return None
    while high - low > max(1, high // 50):
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _promise(*, n_exam: int, n_auto: int, n_wrong: int, n_worst: int, weight: float) -> Promise:
    n_next = round(NEXT * n_auto / n_exam) if n_exam else 0
    at_most = most_counted(n_wrong, n_worst, n_auto, n_next, weight)
    return Promise(n_exam=n_exam, n_auto=n_auto, n_wrong=n_wrong, n_worst=n_worst, weight=weight, at_most=at_most)
