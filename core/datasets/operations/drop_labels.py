"""Take whole categories out."""

from collections.abc import Mapping
from typing import Any

from core.datasets.findings.base import names_listed
from core.datasets.operations.base import REMOVED, Context, WorkingTable
from core.datasets.operations.params import names_of, need_words
from core.domain.message import Message, msg
from core.domain.repair import Effect
from core.domain.several import NONE_OF_THEM


class DropLabels:
    """`labels`: the categories whose rows go out of use; "|", where rows may have several, is none of them."""

    name = "drop_labels"

    def check(self, params: Mapping[str, Any]) -> None:
        need_words(params, "labels")

    def title(self, params: Mapping[str, Any]) -> Message:
        labels = names_of(params, "labels")
        listed = names_listed([label for label in labels if label != NONE_OF_THEM])
        if NONE_OF_THEM not in labels:
            return msg("Take out all rows of {labels}", labels=listed)
        if not listed:
            return msg("Take out all rows of none of the categories")
        return msg("Take out all rows of {labels}, and those of none of the categories", labels=listed)

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        labels = names_of(params, "labels")
        return Effect(n_removed=sum(table.remove(file, table.rows_of(file, labels), REMOVED) for file in table.files))
