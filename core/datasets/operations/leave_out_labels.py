"""Leave categories out of rows that may have several."""

from collections.abc import Mapping
from typing import Any

from core.datasets.findings.base import names_listed
from core.datasets.operations.base import REMOVED, Context, WorkingTable
from core.datasets.operations.params import names_of, need_words
from core.domain.message import Message, msg
from core.domain.repair import Effect
from core.domain.several import label_of


class LeaveOutLabels:
    """`labels`: the categories. Rows keep their others; a row without others then belongs to none of the categories.

    Where a row has one category it goes out of use with it, see `drop_labels`.
    """

    name = "leave_out_labels"

    def check(self, params: Mapping[str, Any]) -> None:
        need_words(params, "labels")

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg("Leave {labels} out of all rows", labels=names_listed(list(names_of(params, "labels"))))

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        labels = names_of(params, "labels")
        if table.order is None:
            return Effect(
                n_removed=sum(table.remove(file, table.rows_of(file, labels), REMOVED) for file in table.files)
            )
        gone = {label.strip() for label in labels}
        kept = {
            label: label_of(name for name in table.categories_in(label) if name not in gone)
            for label in table.label_names
            if not gone.isdisjoint(table.categories_in(label))
        }
        return Effect(n_changed=table.rename_labels(kept))
