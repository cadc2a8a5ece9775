"""Blank categories that are meant: where rows may have several, a blank cell often says that none fits."""

from collections.abc import Mapping
from typing import Any

from core.datasets.operations.base import NONE_OF_THESE, Context, WorkingTable
from core.domain.message import Message, msg
from core.domain.repair import Effect
from core.domain.several import NONE_OF_THEM


class BlankAsNone:
    """No parameters. Rows with a cell that says neither yes nor no stay as they are.

    Where a row has one category it goes out of use, see `none_of_these`.
    """

    name = "blank_as_none"

    def check(self, params: Mapping[str, Any]) -> None:
        """Nothing is needed."""

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg("Read blank categories as “none of the categories”")

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        n_changed = n_removed = 0
        for file in table.files:
            blank = file.label_codes < 0
            if file.unclear is not None:
                blank &= ~file.unclear
            if table.order is None:
                n_removed += table.remove(file, blank, NONE_OF_THESE)
            else:
                n_changed += table.relabel(file, blank, NONE_OF_THEM)
        return Effect(n_changed=n_changed, n_removed=n_removed)
