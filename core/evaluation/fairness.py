"""Are groups of people or places served alike? The exam's answers, compared between the values of another column.

A group is one value (华南, female, app); numbers of many values are cut at their quartiles. Each group is held against all
other rows that have a value: right answers, and for a category how often it is missed and how often wrongly given (equalized
odds: Hardt et al., 2016, arXiv:1610.02413), by Fisher's exact test, two-sided by doubling the smaller tail; how often it is
given against how often it is true (paired, McNemar); how much surer the answers are than right (calibration within groups:
Kleinberg et al., 2016, arXiv:1609.05807), by a normal test. Of the differences that are told at most 5 in 100 are expected to
be chance (Benjamini and Hochberg, 1995). Groups below `MIN_GROUP` rows are named and refused: their figures would be luck.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import erfc, inf, isfinite, nan, sqrt

import numpy as np
import numpy.typing as npt

from core.evaluation.paired import mcnemar
from core.evaluation.report import Z_95, wilson
from core.evaluation.slices import n_significant, tail_of

MIN_GROUP = 30  # exam rows
MIN_COUNTED = 10  # rows of a category, or of all others, before its mistakes in a group are tested
MAX_GROUPS = 30  # of a column; the biggest are kept
MAX_NUMBERS = 10  # different numbers that stay as they are, e.g. stars

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]


class Measure(StrEnum):
    RIGHT = "right"  #: share of right answers
    MISSED = "missed"  #: share of the category's rows that are answered otherwise
    WRONGLY_GIVEN = "wrongly_given"  #: share of all other rows that are answered as it
    GIVEN = "given"  #: how often it is answered; `elsewhere` is how often it is true in the same group
    SURER = "surer"  #: mean sure % minus share of right answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    n_hits: int
    n: int

    @property
    def share(self) -> float:
        """NaN where nothing was counted."""
        return self.n_hits / self.n if self.n else nan

    @property
    def interval(self) -> tuple[float, float]:
        """95%, by Wilson."""
        return wilson(self.n_hits, self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRates:
    """One category in one group."""

    label: str
    given: Rate  #: of all rows
    true: Rate  #: of all rows
    missed: Rate  #: of its own rows
    wrongly_given: Rate  #: of the other rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    value: str
    right: Rate
    surer: float  #: mean sure % minus share of right answers; below 0: surer than it says
    surer_interval: tuple[float, float]
    categories: tuple[CategoryRates, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallGroup:
    """Refused: `n_missing` more exam rows would do."""

    value: str
    n: int

    @property
    def n_missing(self) -> int:
        return MIN_GROUP - self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A group that differs by more than chance."""

    column: str
    value: str
    measure: Measure
    label: str  #: of the category; "" where all answers count
    here: float
    elsewhere: float
    p: float  #: of chance, before the correction


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnGroups:
    column: str
    groups: tuple[Group, ...]  #: biggest first; numbers in their order
    too_small: tuple[SmallGroup, ...]  #: the biggest of them
    n_too_small: int
    n_blank: int  #: rows without a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    columns: tuple[ColumnGroups, ...]
    differences: tuple[Difference, ...]  #: the clearest first
    n_compared: int


def compare_groups(
    columns: Mapping[str, Sequence[str]],
    *,
    true: Sequence[str],
    answered: Sequence[str],
    sure: Sequence[float],
    labels: Sequence[str],
) -> Comparison:
    """Every group of every column against the rest.

    Args:
        columns: as long as `true`; blanks are no group.
        sure: calibrated probability of each answer.
        labels: the categories whose rates are told.
    """
    exam = _Exam(true=true, answered=answered, sure=sure, labels=labels)
    told, tested = [], []
    for column, values in columns.items():
        names, of_row = groups_of(values)
        masks = {name: of_row == name for name in names}
        big = [name for name in names if masks[name].sum() >= MIN_GROUP][:MAX_GROUPS]
        small = sorted((name for name in names if name not in big), key=lambda name: -int(masks[name].sum()))
        told.append(
            ColumnGroups(
                column=column,
                groups=tuple(exam.group(name, masks[name]) for name in big),
                too_small=tuple(SmallGroup(value=name, n=int(masks[name].sum())) for name in small[:MAX_GROUPS]),
                n_too_small=len(small),
                n_blank=int((of_row == "").sum()),
            )
        )
        for name in big:
            others = ~masks[name] & (of_row != "")
            if others.sum() >= MIN_GROUP:
                found = exam.differences(column, name, masks[name], others)
                tested += [one for one in found if len(names) > 2 or _is_worse(one)]  # two groups differ once
    tested.sort(key=lambda one: one.p)
    real = tested[: n_significant([one.p for one in tested])]
    return Comparison(columns=tuple(told), differences=tuple(real), n_compared=len(tested))


def groups_of(values: Sequence[str]) -> tuple[list[str], npt.NDArray[np.object_]]:
    """The groups in the order in which they are told, and the group of each row; "" for blanks."""
    stripped = [value.strip() for value in values]
    numbers = np.array([_number(value) for value in stripped])
    given = {value for value in stripped if value}
    if len(given) > MAX_NUMBERS and all(isfinite(n) for n, value in zip(numbers, stripped, strict=True) if value):
        edges = np.unique(np.quantile(numbers[np.isfinite(numbers)], [0.25, 0.5, 0.75], method="nearest"))
        shown = [_short(edge) for edge in edges]
        names = [f"≤ {shown[0]}", *(f"{a} – {b}" for a, b in pairwise(shown)), f"> {shown[-1]}"]
        places = np.searchsorted(edges, numbers, side="left")
        of_row = [names[place] if value else "" for place, value in zip(places, stripped, strict=True)]
        return [name for name in names if name in set(of_row)], np.array(of_row, dtype=object)
    array = np.array(stripped, dtype=object)
    return sorted(given, key=lambda value: (-int((array == value).sum()), value)), array


class _Exam:
    def __init__(
        self, *, true: Sequence[str], answered: Sequence[str], sure: Sequence[float], labels: Sequence[str]
    ) -> None:
        truth, answers = np.array(true, dtype=object), np.array(answered, dtype=object)
        self.right: Mask = truth == answers
        self.masks: dict[str, tuple[Mask, Mask]] = {label: (answers == label, truth == label) for label in labels}
        self.excess: Numbers = np.array(sure, dtype=np.float64) - self.right
        self.labels = labels
        self.mirrored = len({*true, *answered}) == len(labels) == 2  #: one category's misses are the other's surplus

    def group(self, value: str, mask: Mask) -> Group:
        surer, error = _mean(self.excess[mask])
        return Group(
            value=value,
            right=_rate(self.right, mask),
            surer=round(surer, 6),
            surer_interval=(round(surer - Z_95 * error, 6), round(surer + Z_95 * error, 6)),
            categories=tuple(self._category(label, mask) for label in self.labels),
        )

    def _category(self, label: str, mask: Mask) -> CategoryRates:
        given, is_it = self.masks[label]
        return CategoryRates(
            label=label,
            given=_rate(given, mask),
            true=_rate(is_it, mask),
            missed=_rate(~given, mask & is_it),
            wrongly_given=_rate(given, mask & ~is_it),
        )

    def differences(self, column: str, value: str, mask: Mask, others: Mask) -> list[Difference]:
        """All that can be tested of a group, whether it is more than chance or not."""
        found: list[tuple[Measure, str, float, float, float]] = []

        def held_against(measure: Measure, label: str, here: Rate, there: Rate) -> None:
            if min(here.n, there.n) >= MIN_COUNTED:
                found.append((measure, label, here.share, there.share, two_sided(here, there)))

        held_against(Measure.RIGHT, "", _rate(self.right, mask), _rate(self.right, others))
        (here, error), (there, other_error) = _mean(self.excess[mask]), _mean(self.excess[others])
        distance = abs(here - there) / (sqrt(error**2 + other_error**2) or inf)
        found.append((Measure.SURER, "", here, there, erfc(distance / sqrt(2))))
        for label in self.labels:
            rates, elsewhere = self._category(label, mask), self._category(label, others)
            held_against(Measure.MISSED, label, rates.missed, elsewhere.missed)
            if not self.mirrored:
                held_against(Measure.WRONGLY_GIVEN, label, rates.wrongly_given, elsewhere.wrongly_given)
            if not self.mirrored or rates.given.n_hits > rates.true.n_hits:
                p = mcnemar(rates.missed.n_hits, rates.wrongly_given.n_hits)
                found.append((Measure.GIVEN, label, rates.given.share, rates.true.share, p))
        return [
            Difference(column=column, value=value, measure=measure, label=label, here=here, elsewhere=elsewhere, p=p)
            for measure, label, here, elsewhere, p in found
        ]


def two_sided(here: Rate, there: Rate) -> float:
    """Fisher's exact p of two rates, twice the smaller tail."""
    hits, n_all = here.n_hits + there.n_hits, here.n + there.n
    more = tail_of(here.n_hits, here.n, hits, n_all)
    less = tail_of(here.n - here.n_hits, here.n, n_all - hits, n_all)
    return min(1.0, 2 * min(more, less))


def _is_worse(one: Difference) -> bool:
    match one.measure:
        case Measure.GIVEN:  # within the group: nothing to do with the other
            return True
        case Measure.RIGHT:
            return one.here < one.elsewhere
        case Measure.SURER:
            return abs(one.here) > abs(one.elsewhere)
    return one.here > one.elsewhere


def _rate(hits: Mask, among: Mask) -> Rate:
    return Rate(n_hits=int((hits & among).sum()), n=int(among.sum()))


def _mean(values: Numbers) -> tuple[float, float]:
    """The mean and its standard error."""
    return float(values.mean()), float(values.std(ddof=1) / sqrt(len(values)))


def _number(text: str) -> float:
    """NaN where it is none."""
    try:
        return float(text.replace(",", "").removesuffix("%"))
    except ValueError:
        return nan


def _short(number: float) -> str:
    return f"{int(number)}" if number == int(number) else f"{number:.4g}"
