"""Correct the category of single rows."""

from collections.abc import Mapping
from typing import Any

from core.datasets.operations.base import Context, WorkingTable, find_rows
from core.datasets.operations.params import need_refs, need_word
from core.domain.message import Message, nmsg
from core.domain.repair import Effect


class SetLabel:
    """`label`: the right category, which may be new; `rows`: whose, see `row_refs`."""

    name = "set_label"

    def check(self, params: Mapping[str, Any]) -> None:
        need_word(params, "label")
        need_refs(params)

    def title(self, params: Mapping[str, Any]) -> Message:
        n = len(params["rows"]["rows"])
        return nmsg("Put {n} row into “{label}”", "Put {n} rows into “{label}”", n, label=params["label"])

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        found = find_rows(table, params["rows"])
        return Effect(n_changed=sum(table.relabel(file, mask, params["label"]) for file, mask in found))
