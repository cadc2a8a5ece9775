"""Category names that mean that there is none, such as "N/A"."""

from collections.abc import Mapping
from typing import Any

from core.datasets.findings.base import names_listed
from core.datasets.operations.base import Context, WorkingTable
from core.datasets.operations.params import names_of, need_words
from core.domain.message import Message, msg
from core.domain.repair import Effect


class BlankLabels:
    """`labels`: the names that mean "missing". Their rows have no category afterwards, and the checks set them aside."""

    name = "blank_labels"

    def check(self, params: Mapping[str, Any]) -> None:
        need_words(params, "labels")

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg("Read {labels} as “no category”", labels=names_listed(list(names_of(params, "labels"))))

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        return Effect(n_changed=table.rename(dict.fromkeys(names_of(params, "labels"), "")))
