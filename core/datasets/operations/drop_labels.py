"""Take whole categories out."""

from collections.abc import Mapping
from typing import Any

from core.datasets.findings.base import names_listed
from core.datasets.operations.base import REMOVED, Context, WorkingTable
from core.datasets.operations.params import names_of, need_words
from core.domain.message import Message, msg
from core.domain.repair import Effect


class DropLabels:
    """`labels`: the categories whose rows go out of use."""

    name = "drop_labels"

    def check(self, params: Mapping[str, Any]) -> None:
        need_words(params, "labels")

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg("Take out all rows of {labels}", labels=names_listed(list(names_of(params, "labels"))))

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        labels = names_of(params, "labels")
        return Effect(n_removed=sum(table.remove(file, table.rows_of(file, labels), REMOVED) for file in table.files))
