"""Correct the category of single rows, or their categories."""

from collections.abc import Mapping
from typing import Any

from core.datasets.operations.base import Context, WorkingTable, find_rows
from core.datasets.operations.params import need_refs, need_word
from core.domain.message import Message, nmsg
from core.domain.repair import Effect
from core.domain.several import NONE_OF_THEM, SEPARATOR


class SetLabel:
    """`label`: the right category, which may be new (of several: "a|b", and "|" for none); `rows`: whose, see `row_refs`."""

    name = "set_label"

    def check(self, params: Mapping[str, Any]) -> None:
        need_word(params, "label")
        need_refs(params)

    def title(self, params: Mapping[str, Any]) -> Message:
        n = len(params["rows"]["rows"])
        if params["label"] == NONE_OF_THEM:
            return nmsg("Mark {n} row as none of the categories", "Mark {n} rows as none of the categories", n)
        return nmsg(
            "Put {n} row into “{label}”",
            "Put {n} rows into “{label}”",
            n,
            label=params["label"].replace(SEPARATOR, " + "),
        )

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        found = find_rows(table, params["rows"])
        return Effect(n_changed=sum(table.relabel(file, mask, params["label"]) for file, mask in found))
