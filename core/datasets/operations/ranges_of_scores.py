"""Turn scores into named ranges, which can be categories."""

import itertools
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from core.datasets.decimal_signs import column_numbers
from core.datasets.operations.base import Context, WorkingTable
from core.datasets.operations.params import need_rising
from core.domain.message import Message, nmsg
from core.domain.repair import Effect

MAX_NAMED = 6  # in the title


class RangesOfScores:
    """`edges`: where one range ends and the next begins; an edge belongs to the upper one.

    Edges 2 and 4 make "< 2", "2 – 4" and "≥ 4": signs that every language reads. What is no number stays as it is.
    """

    name = "ranges_of_scores"

    def check(self, params: Mapping[str, Any]) -> None:
        need_rising(params, "edges")

    def title(self, params: Mapping[str, Any]) -> Message:
        names = range_names(params["edges"])
        shown = ", ".join(names[:MAX_NAMED]) + (", …" if len(names) > MAX_NAMED else "")
        return nmsg(
            "Sort numbers into {n} range: {names}", "Sort numbers into {n} ranges: {names}", len(names), names=shown
        )

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        names = range_names(params["edges"])
        numbers = zip(table.label_names, column_numbers(table.label_names), strict=True)
        ranges = {name: names[bisect_right(params["edges"], number)] for name, number in numbers if number is not None}
        return Effect(n_changed=table.rename(ranges))


def range_names(edges: Sequence[float]) -> list[str]:
    shown = [f"{edge:.12g}" for edge in edges]
    between = [f"{low} – {high}" for low, high in itertools.pairwise(shown)]
    return [f"< {shown[0]}", *between, f"≥ {shown[-1]}"]
