"""Take single rows out."""

from collections.abc import Mapping
from typing import Any

from core.datasets.operations.base import REMOVED, Context, WorkingTable, find_rows
from core.datasets.operations.params import need_refs
from core.domain.message import Message, nmsg
from core.domain.repair import Effect


class DropRows:
    """`rows`: which ones, see `row_refs`."""

    name = "drop_rows"

    def check(self, params: Mapping[str, Any]) -> None:
        need_refs(params)

    def title(self, params: Mapping[str, Any]) -> Message:
        return nmsg("Take {n} row out", "Take {n} rows out", len(params["rows"]["rows"]))

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        found = find_rows(table, params["rows"])
        return Effect(n_removed=sum(table.remove(file, mask, REMOVED) for file, mask in found))
