"""What a command gives back, and tables that line up in a terminal."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.i18n import gettext as _

MAX_CELL = 60  # columns of the terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    data: Mapping[str, Any]  #: the one JSON object of `--json`
    text: str  #: the same for people
    exit_code: int = 0


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Aligned columns, numbers to the right. Chinese characters take two columns, long cells are cut."""
    cells = [[_short(printable(str(value)).replace("\n", " ")) for value in row] for row in [headers, *rows]]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(headers))]
    to_right = [bool(rows) and all(isinstance(row[i], int | float) for row in rows) for i in range(len(headers))]
    lines = []
    for row in cells:
        padded = [
            " " * (width - _width(cell)) + cell if right else cell + " " * (width - _width(cell))
            for cell, width, right in zip(row, widths, to_right, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def listing(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The table, or a word that there is nothing."""
    return table(headers, rows) if rows else _("Nothing here yet.")


def printable(text: str) -> str:
    """Without control characters: a cell of somebody's file must not steer the terminal."""
    return "".join("\ufffd" if unicodedata.category(c) == "Cc" and c not in "\n\t" else c for c in text)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text)


def _short(text: str) -> str:
    if _width(text) <= MAX_CELL:
        return text
    while _width(text) > MAX_CELL - 1:
        text = text[:-1]
    return text + "…"
