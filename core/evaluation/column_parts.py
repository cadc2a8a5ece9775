"""A further column of a table in parts that a person would name: numbers in ranges, days in months, other cells by value."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from core.datasets.decimal_signs import column_numbers
from core.datasets.operations.ranges_of_scores import range_names

MAX_VALUES = 30  # different ones of a column; more are names
FEW = 10  # different numbers or days that are looked at one by one
N_RANGES = 5  # of about as many rows each
MOST_PERIODS = 24  # months; beyond that quarters, then years
MOST = 0.9  # share of the cells that makes a column one of numbers or days
ID_DIGITS = 5  # of whole numbers that all differ: they name something, and count nothing
_MONEY = "¥￥$€£元 "
_YEAR_FIRST = re.compile(r"((?:19|20)\d\d)(?:[-/.年](\d{1,2})(?!\d)|(0[1-9]|1[0-2])(?:\d\d)?(?!\d))")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]((?:19|20)\d\d)(?!\d)")

Mask = npt.NDArray[np.bool_]


class PartKind(StrEnum):
    VALUE = "column"  #: the cell is `name`
    RANGE = "range"  #: the number is in the range `name`, such as "2 – 4"
    PERIOD = "period"  #: the day is in `name`, such as "2026-03", "2026 Q1" or "2026"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    kind: PartKind
    name: str
    mask: Mask  #: of its cells


def parts_of(cells: Sequence[str]) -> Iterator[Part]:
    """Nothing of a column of names, numbers of things (ids), or of one value alone. Blank cells are in no part."""
    n_different = len(set(cells))
    if n_different > FEW:
        for kind, names in ((PartKind.PERIOD, _periods(cells)), (PartKind.RANGE, _ranges(cells))):
            if names is not None:
                yield from _parts(kind, names)
                return
    if 2 <= n_different <= MAX_VALUES:
        yield from _parts(PartKind.VALUE, cells)


def _parts(kind: PartKind, names: Sequence[str]) -> Iterator[Part]:
    array = np.array(names, dtype=object)
    for name in sorted(set(names) - {""}):
        yield Part(kind=kind, name=name, mask=array == name)


def _ranges(cells: Sequence[str]) -> list[str] | None:
    """Of each cell the range it is in, "" for none; None where the column is not one of amounts."""
    numbers = np.array(column_numbers([cell.strip(_MONEY) for cell in cells]), dtype=np.float64)  # None becomes nan
    known = np.isfinite(numbers)
    n_filled = sum(1 for cell in cells if cell.strip())
    if known.sum() < MOST * n_filled or _are_ids(numbers[known]):
        return None
    found = np.quantile(numbers[known], np.arange(1, N_RANGES) / N_RANGES)
    edges = sorted({float(f"{edge:.3g}") for edge in found})
    edges = [edge for edge in edges if numbers[known].min() < edge <= numbers[known].max()]
    if not edges:
        return None
    names = range_names(edges)
    places = np.searchsorted(edges, numbers, side="right")
    return [names[place] if is_known else "" for place, is_known in zip(places, known, strict=True)]


def _are_ids(numbers: npt.NDArray[np.float64]) -> bool:
    if (numbers != np.rint(numbers)).any() or len(np.unique(numbers)) < len(numbers):
        return False
    steps = np.diff(numbers)
    return bool((steps > 0).all() or (steps < 0).all() or np.abs(numbers).min() >= 10 ** (ID_DIGITS - 1))


def _periods(cells: Sequence[str]) -> list[str] | None:
    """Of each cell the month, quarter or year it is in, "" for none; None where the column is not one of days."""
    months = _months(cells)
    n_filled = sum(1 for cell in cells if cell.strip())
    if sum(month is not None for month in months) < MOST * n_filled:
        return None
    for name in ("{year}-{month:02}", "{year} Q{quarter}", "{year}"):
        names = [
            "" if one is None else name.format(year=one[0], month=one[1], quarter=(one[1] + 2) // 3) for one in months
        ]
        if len(set(names)) <= MOST_PERIODS:
            return names
    return [""] * len(cells)  # more years than anybody looks at one by one


def _months(cells: Sequence[str]) -> list[tuple[int, int] | None]:
    """Year and month of each cell. Of 03/04/2026 the month is known where another cell of the column gives it away."""
    last = [_YEAR_LAST.match(cell.strip()) for cell in cells]
    firsts, seconds = ({int(one[i]) for one in last if one} for i in (1, 2))
    month_at = 2 if max(firsts, default=0) > 12 else 1 if max(seconds, default=0) > 12 else 0

    def month_of(cell: str, late: "re.Match[str] | None") -> tuple[int, int] | None:
        if early := _YEAR_FIRST.match(cell.strip()):
            year, month = int(early[1]), int(early[2] or early[3])
        elif late and month_at:
            year, month = int(late[3]), int(late[month_at])
        else:
            return None
        return (year, month) if 1 <= month <= 12 else None

    return [month_of(cell, late) for cell, late in zip(cells, last, strict=True)]
