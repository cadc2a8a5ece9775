"""Of cells with several categories keep the first."""

from collections.abc import Mapping
from typing import Any

from core.datasets.operations.base import Context, WorkingTable
from core.datasets.operations.params import need_word
from core.domain.message import Message, msg
from core.domain.repair import Effect


class FirstLabelOfCell:
    """`separator`: what stands between the categories of a cell: "a;b" becomes "a" by ";"."""

    name = "first_label_of_cell"

    def check(self, params: Mapping[str, Any]) -> None:
        need_word(params, "separator")

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg("Keep the first of the categories between “{separator}”", separator=params["separator"])

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        separator: str = params["separator"]
        several = [name for name in table.label_names if separator in name]
        return Effect(n_changed=table.rename({name: _first(name, separator) for name in several}))


def _first(cell: str, separator: str) -> str:
    """The first part that is not blank; "" where there is none."""
    return next((part.strip() for part in cell.split(separator) if part.strip()), "")
