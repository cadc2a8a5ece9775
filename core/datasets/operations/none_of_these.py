"""Mark categories or rows as none of the categories: they do not teach, and stay on record as such."""

from collections.abc import Mapping
from typing import Any

from core.datasets.findings.base import names_listed
from core.datasets.operations.base import NONE_OF_THESE, Context, WorkingTable, find_rows
from core.datasets.operations.params import names_of, need_refs, need_words
from core.domain.message import Message, msg, nmsg
from core.domain.repair import Effect


class NoneOfThese:
    """Either `labels`, whose rows are meant, or `rows`, see `row_refs`."""

    name = "none_of_these"

    def check(self, params: Mapping[str, Any]) -> None:
        if "labels" in params:
            need_words(params, "labels")
        else:
            need_refs(params)

    def title(self, params: Mapping[str, Any]) -> Message:
        if "labels" in params:
            labels = names_listed(list(names_of(params, "labels")))
            return msg("Mark all rows of {labels} as none of the categories", labels=labels)
        return nmsg(
            "Mark {n} row as none of the categories",
            "Mark {n} rows as none of the categories",
            len(params["rows"]["rows"]),
        )

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        if "labels" in params:
            found = [(file, table.rows_of(file, names_of(params, "labels"))) for file in table.files]
        else:
            found = find_rows(table, params["rows"])
        return Effect(n_removed=sum(table.remove(file, mask, NONE_OF_THESE) for file, mask in found))
