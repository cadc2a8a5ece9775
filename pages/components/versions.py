"""The versions of a table that differ in repairs: open one, or see what lies between two."""

from core.domain.dataset import Dataset
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components.layout import format_time


def describe_version(version: Dataset) -> str:
    n = len(version.operations)
    repairs = ngettext("{n} repair", "{n} repairs", n).format(n=n) if n else _("As uploaded")
    examples = ngettext("{n} example", "{n} examples", version.n_used).format(n=f"{version.n_used:,}")
    return f"{repairs} · {examples} · {format_time(version.created_at)}"
