"""Give several categories one name."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.datasets.findings.base import names_listed
from core.datasets.operations.base import Context, WorkingTable, need
from core.domain.message import Message, msg
from core.domain.repair import Effect


class MergeLabels:
    """`labels`: the names to give up; `into`: the name all of their rows get. With one label it is a renaming."""

    name = "merge_labels"

    def check(self, params: Mapping[str, Any]) -> None:
        need(params, labels=list, into=str)

    def title(self, params: Mapping[str, Any]) -> Message:
        others = [label for label in params["labels"] if label != params["into"]]
        return msg("Merge {labels} into “{into}”", labels=names_listed(others), into=params["into"])

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        codes = [table.label_names.index(label) for label in params["labels"] if label in table.label_names]
        n_changed = sum(table.relabel(file, np.isin(file.label_codes, codes), params["into"]) for file in table.files)
        return Effect(n_changed=n_changed)
