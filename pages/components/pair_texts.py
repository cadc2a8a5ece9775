"""Texts as a page shows them: as they stand, or, where two are compared, each under the name of its column."""

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from core.domain.dataset import Dataset
from core.domain.model import ModelVersion
from core.domain.pairs import parts
from core.domain.task import reads_pairs
from core.i18n import gettext as _
from pages.components.inert_text import shorten
from pages.components.layout import plain
from pages.components.session import workspace

CELL_CHARS = 200
ROW_HEIGHT, PAIR_ROW_HEIGHT = 36, 70  # pixels; from 70 on a table wraps its cells
TEXT_KEYS = ("text", "second_text")  #: of the columns of a table
Halves = tuple[str, ...]  #: the names of the two columns; empty where single texts are read


def halves_of(dataset: Dataset) -> Halves:
    return dataset.read_columns if reads_pairs(dataset.task) else ()


def halves_of_model(model: ModelVersion) -> Halves:
    return halves_of(workspace().dataset(model.dataset_id)) if reads_pairs(model.task) else ()


def show_text(text: str, halves: Halves) -> None:
    """One text in large."""
    if not halves:
        st.text(text)
        return
    for column, name, part in zip(st.columns(2), halves, parts(text), strict=True):
        with column, st.container(gap=None):
            st.caption(plain(name))
            st.text(part)


def show_label_name(model: ModelVersion) -> None:
    """Above an answer about a pair what was asked, by the name of its column: "1" alone says little."""
    if reads_pairs(model.task):
        st.caption(plain(workspace().dataset(model.dataset_id).label_column))


def text_cells(
    texts: Iterable[str], halves: Halves, shown: Callable[[str], str] = lambda text: text
) -> dict[str, list[str]]:
    """Columns of a table, by their keys: the texts as `shown`, or the first and the second texts of pairs."""
    rows = [parts(text) if halves else (text,) for text in texts]
    return {key: [shown(row[place]) for row in rows] for place, key in enumerate(TEXT_KEYS[: len(halves) or 1])}


def row_height(halves: Halves) -> int:
    """Cells of pairs are half as wide and go over several lines."""
    return PAIR_ROW_HEIGHT if halves else ROW_HEIGHT


def in_short(text: str) -> str:
    """On one line, for a cell among answers."""
    return shorten(text, CELL_CHARS)


def text_columns(halves: Halves, width: int) -> dict[str, Any]:
    """The columns of `text_cells` as a table shows them, `width` pixels wide together."""
    names = halves or (_("Text"),)
    return {
        key: st.column_config.TextColumn(name, width=width // len(names))
        for key, name in zip(TEXT_KEYS, names, strict=False)
    }
