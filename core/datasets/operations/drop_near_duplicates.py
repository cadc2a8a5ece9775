"""Of texts that are nearly the same keep the first."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.datasets.near_duplicates import near_groups
from core.datasets.operations.base import REMOVED, Context, WorkingTable
from core.domain.message import Message, msg
from core.domain.repair import Effect


class DropNearDuplicates:
    """No parameters. Each file is thinned by itself."""

    name = "drop_near_duplicates"

    def check(self, params: Mapping[str, Any]) -> None:
        """Nothing is needed."""

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg("Of nearly equal texts keep the first")

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        n_removed = 0
        for file in table.files:
            groups = near_groups(file.texts, file.teachable)
            rows = np.flatnonzero(groups >= 0)
            later = groups >= 0
            later[rows[np.unique(groups[rows], return_index=True)[1]]] = False
            n_removed += table.remove(file, later, REMOVED)
        return Effect(n_removed=n_removed)
