"""Which sign stands before the decimals of a column, and the numbers that its cells are by it."""

from collections import Counter
from collections.abc import Iterable, Sequence

from core.domain.number import COMMA, POINT, decimal_sign_in, number_of


def decimal_sign_of(cells: Iterable[str]) -> str:
    """The sign before decimals in a column, by the most of its different cells that tell; "" where none tells, or as many
    tell the one as the other."""
    told = Counter(decimal_sign_in(cell) for cell in cells)
    if told[POINT] == told[COMMA]:
        return ""
    return POINT if told[POINT] > told[COMMA] else COMMA


def column_numbers(cells: Sequence[str]) -> list[float | None]:
    """The number of every cell of a column, None where it shows none."""
    sign = decimal_sign_of(cells)
    return [number_of(cell, sign) for cell in cells]


def read_alone(cells: Sequence[str]) -> list[str]:
    """The cells, written so that each read by itself is the number that it is in its column."""
    return [
        cell if number is None or number == number_of(cell) else f"{number:.12g}"
        for cell, number in zip(cells, column_numbers(cells), strict=True)
    ]
