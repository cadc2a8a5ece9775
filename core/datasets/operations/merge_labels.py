"""Give several categories one name."""

from collections.abc import Mapping
from typing import Any

from core.datasets.findings.base import names_listed
from core.datasets.operations.base import Context, WorkingTable
from core.datasets.operations.params import names_of, need_word, need_words
from core.domain.message import Message, msg
from core.domain.repair import Effect


class MergeLabels:
    """`labels`: the names to give up; `into`: the name all of their rows get. With one label it is a renaming."""

    name = "merge_labels"

    def check(self, params: Mapping[str, Any]) -> None:
        need_words(params, "labels")
        need_word(params, "into")

    def title(self, params: Mapping[str, Any]) -> Message:
        others = [label for label in params["labels"] if label != params["into"]]
        return msg("Merge {labels} into “{into}”", labels=names_listed(others), into=params["into"])

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        return Effect(n_changed=table.rename(dict.fromkeys(names_of(params, "labels"), params["into"])))
