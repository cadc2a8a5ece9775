"""Take the category out of texts that give it away at their start or end, such as "[negative] I did not like it"."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow.compute as pc

from core.datasets.hashing import Codes
from core.datasets.operations.base import Context, WorkingTable
from core.domain.message import Message, msg
from core.domain.repair import Effect

OPEN, CLOSE, COLON = "[\\[({<【［（《「#]", "[\\])}>】］）》」#]", "[:：|｜\\-–—>]"
#: What a text with a marked word at an end looks like; most texts need no closer look. RE2 and `re` read it alike.
MARKED = rf"^\s*(?:{OPEN}|[^\n]{{1,60}}?{COLON})|(?:{CLOSE}|{COLON}[^\n]{{1,60}})\s*$"


class StripLabelsFromText:
    """No parameters. A row's own category goes where it stands in brackets or before or after a colon, bar or dash.

    A category that is simply the first word of a sentence stays, and so does a text of nothing else.
    """

    name = "strip_labels_from_text"

    def check(self, params: Mapping[str, Any]) -> None:
        """Nothing is needed."""

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg("Take the categories out of texts that name their own")

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        n_changed = 0
        for file in table.files:
            labels = file.label_codes

            def stripped(texts: list[str], rows: Codes, labels: Codes = labels) -> list[str]:
                names = (table.label_names[code] for code in labels[rows].tolist())
                return [without_label(text, name) for text, name in zip(texts, names, strict=True)]

            marked = np.asarray(pc.match_substring_regex(file.texts, MARKED)) & (labels >= 0)
            n_changed += table.rewrite_each(file, marked, stripped)
        return Effect(n_changed=n_changed)


def without_label(text: str, label: str) -> str:
    """`text` without `label` at its start and end; as it is when nothing would be left."""
    if label.casefold() not in text.casefold():
        return text
    start, end = _patterns(label)
    stripped = end.sub("", start.sub("", text, count=1), count=1)
    return stripped if stripped.strip() else text


def words_of(label: str) -> str:
    """A pattern of the category's words, whatever spaces or underscores stand between them. For RE2 and `re`."""
    return r"[\s_]+".join(re.escape(word) for word in re.split(r"[\s_]+", label) if word) or re.escape(label)


@lru_cache(maxsize=10_000)
def _patterns(label: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    name = words_of(label)
    start = rf"^\s*(?:{OPEN}\s*{name}\s*{CLOSE}\s*{COLON}?|{name}\s*{COLON})\s*"
    end = rf"\s*(?:{OPEN}\s*{name}\s*{CLOSE}|{COLON}\s*{name})\s*$"
    return re.compile(start, re.IGNORECASE), re.compile(end, re.IGNORECASE)
