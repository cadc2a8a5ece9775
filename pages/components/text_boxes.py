"""Boxes to type in: one for a text, or one for each text of a pair. What is asked is a single string either way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.domain.pairs import SIGN, joined, parts
from pages.components.layout import plain
from pages.components.pair_texts import Halves

MAX_CHARS = 20_000
URL_CHARS = 500  # a longer text stays out of the address
PARAMETERS = ("text", "second")  #: in the URL
_BETWEEN = re.compile(rf"{SIGN}|\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBoxes:
    """The boxes of this tab whose contents are kept under `key`."""

    key: str
    halves: Halves

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key, f"{self.key}_second") if self.halves else (self.key,)

    def labels(self, label: str) -> Mapping[str, str]:
        """By the key of each box what stands above it: `label`, or the names of the columns."""
        return dict(zip(self.keys, map(plain, self.halves) if self.halves else (label,), strict=True))

    @property
    def is_open(self) -> bool:
        return self.key in st.session_state

    @property
    def text(self) -> str:
        """What stands in them; "" while one of a pair is blank."""
        return self._one(self._written())

    @property
    def lack_one(self) -> bool:
        """Whether only one of a pair is filled."""
        return sum(map(bool, map(str.strip, self._written()))) == 1 < len(self.keys)

    def fill(self, text: str) -> None:
        st.session_state.update(zip(self.keys, self._apart(text), strict=True))

    def in_address(self) -> str:
        return self._one(
            [st.query_params.get(name, "")[:MAX_CHARS] for _key, name in zip(self.keys, PARAMETERS, strict=False)]
        )

    def write_address(self) -> None:
        """Short questions go into the address; a longer one, or none, takes the old one out."""
        text = self.text
        for parameter in PARAMETERS:
            st.query_params.pop(parameter, None)
        if text.strip() and len(text) <= URL_CHARS:
            st.query_params.update(zip(PARAMETERS, self._apart(text), strict=False))

    def lines(self, written: str) -> list[str]:
        """A text a line; "" for a line that lacks one of a pair. Those are two cells of a spreadsheet, or stand around a |."""
        return [self._line(line.strip()) for line in written.splitlines() if line.strip()]

    def _line(self, line: str) -> str:
        if not self.halves:
            return line
        cells = line.split("\t") if "\t" in line else _BETWEEN.split(line, maxsplit=1)
        return joined(*cells[:2]) if len(cells) > 1 else ""

    def _written(self) -> list[str]:
        return [str(st.session_state.get(key, "")) for key in self.keys]

    def _one(self, texts: list[str]) -> str:
        return joined(*texts) if self.halves else texts[0]

    def _apart(self, text: str) -> tuple[str, ...]:
        return parts(text) if self.halves else (text,)
