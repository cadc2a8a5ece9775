"""Take out what web pages and mail programs leave in a text."""

from collections.abc import Mapping
from typing import Any

from core.datasets.markup import rows_with_footer, rows_with_markup, strip_footer, strip_markup
from core.datasets.operations.base import Context, WorkingTable
from core.domain.message import Message, msg
from core.domain.repair import Effect


class StripMarkup:
    """No parameters. The words between HTML tags stay."""

    name = "strip_markup"

    def check(self, params: Mapping[str, Any]) -> None:
        """Nothing is needed."""

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg("Take HTML markup out of the texts")

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        changed = [table.rewrite(f, rows_with_markup(f.texts, f.used), strip_markup) for f in table.files]
        return Effect(n_changed=sum(changed))


class StripFooters:
    """No parameters. What follows the text's own words goes: quoted mails, signatures, legal notices."""

    name = "strip_footers"

    def check(self, params: Mapping[str, Any]) -> None:
        """Nothing is needed."""

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg("Take quoted mails and signatures out of the texts")

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        changed = [table.rewrite(f, rows_with_footer(f.texts, f.used), strip_footer) for f in table.files]
        return Effect(n_changed=sum(changed))
