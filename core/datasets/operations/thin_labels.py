"""Keep at most so many examples of each category."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.datasets.comparing import equality_codes
from core.datasets.operations.base import REMOVED, Context, WorkingTable
from core.datasets.operations.params import need_count
from core.domain.message import Message, nmsg
from core.domain.repair import Effect


class ThinLabels:
    """`limit`: practice rows that stay of a category. Those of an exam file all stay: they measure.

    Which ones stay is drawn from their texts alone, so that new rows change little; copies of a text go first.
    """

    name = "thin_labels"

    def check(self, params: Mapping[str, Any]) -> None:
        need_count(params, "limit", low=1)

    def title(self, params: Mapping[str, Any]) -> Message:
        return nmsg(
            "Keep {n} example of each category at most", "Keep {n} examples of each category at most", params["limit"]
        )

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        file = table.practice
        rows = np.flatnonzero(file.teachable)
        labels, drawn = file.label_codes[rows], equality_codes(file.texts)[rows]  # hashes: as good as drawn by lot
        order = np.lexsort((drawn, labels))
        is_copy = np.zeros(len(rows), dtype=bool)
        is_copy[order[1:]] = (drawn[order[1:]] == drawn[order[:-1]]) & (labels[order[1:]] == labels[order[:-1]])
        order = np.lexsort((drawn, is_copy, labels))
        sizes = np.bincount(labels, minlength=1)
        place = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # 0, 1, .. within each category
        surplus = np.zeros(len(file.rows), dtype=bool)
        surplus[rows[order[place >= params["limit"]]]] = True
        return Effect(n_removed=table.remove(file, surplus, REMOVED))
