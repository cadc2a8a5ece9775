"""Take out what nobody sees: white space around a text, control characters, characters without width."""

import re
from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from core.datasets.operations.base import Context, WorkingTable
from core.domain.message import Message, msg
from core.domain.repair import Effect

#: Control characters apart from tab and line ends, soft hyphen, zero-width space, word joiner, byte order mark. The
#: joiners U+200C and U+200D stay: emoji and some scripts need them. RE2 and `re` read it alike.
UNSEEN = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\u0080-\u009f\u00ad\u200b\u2060\ufeff]"
OUTER_SPACE = r"^[\s\p{Z}]|[\s\p{Z}]$"
_UNSEEN = re.compile(UNSEEN)


class CleanTexts:
    """No parameters. A text of nothing else becomes blank, and the checks set it aside."""

    name = "clean_texts"

    def check(self, params: Mapping[str, Any]) -> None:
        """Nothing is needed."""

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg("Take out outer spaces and invisible characters")

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        n_changed = 0
        for file in table.files:
            unclean = pc.match_substring_regex(file.texts, f"{UNSEEN}|{OUTER_SPACE}").to_numpy()
            n_changed += table.rewrite(file, unclean, lambda text: _UNSEEN.sub("", text).strip())
        return Effect(n_changed=n_changed)
