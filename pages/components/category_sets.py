"""Rows with several categories at once: which columns say so, and how the set of a row is shown and edited."""

from collections import Counter
from collections.abc import Callable, Sequence

import streamlit as st

from core.datasets.several import label_of_cell, named, separator_of
from core.domain.dataset import TablePreview
from core.domain.several import NONE_OF_THEM, categories_of, label_of
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components.layout import plain
from pages.components.url_state import url_multiselect, url_select

GUESSED = "guessed"
BETWEEN = {GUESSED: "", "semicolon": ";", "comma": ",", "bar": "|", "slash": "/", "pause": "、", "line": "\n"}
EXAMPLE_CHARS = 60


def set_in_words(label: str) -> str:
    """The categories of a row for a table cell: "price, delivery"; in words where there is none."""
    return none_of_them() if label == NONE_OF_THEM else ", ".join(categories_of(label))


def none_of_them() -> str:
    return _("none of the categories")


def names_in(label: str) -> list[str]:
    """The same one by one, for a cell in which they can be changed; [] for a blank one."""
    return [none_of_them()] if label == NONE_OF_THEM else list(categories_of(label))


def label_from(names: Sequence[str], order: Sequence[str]) -> str:
    """The label of a cell that was changed; taking all categories away leaves none of them. `order` is that of the table."""
    place = {name: at for at, name in enumerate(order)}
    kept = [named(name) for name in names if name != none_of_them()]
    return label_of(sorted(dict.fromkeys(kept), key=lambda name: place.get(name, len(place))))


def choose_label_columns(shown: TablePreview, labels: tuple[str, ...], described: Callable[[str], str]) -> None:
    """Several columns of yes and no, or one whose cells name several categories, and what stands between those."""
    url_multiselect(
        "label",
        _("Categories to learn"),
        shown.columns,
        labels,
        described,
        _("Choose a column"),
        help=_("One column whose cells name several categories, or several columns that say yes or no (1 and 0)."),
        wrap=True,
    )
    if len(labels) == 1:
        url_select(
            "between", _("Between the categories of a cell"), list(BETWEEN), asked_between(), _between_names().get
        )


def asked_between() -> str:
    asked = st.query_params.get("between", "")
    return asked if asked in BETWEEN else GUESSED


def asked_separator() -> str | None:
    """What the URL says stands between the categories of a cell; None: it is guessed."""
    return BETWEEN[asked_between()] or None


def show_example(shown: TablePreview, labels: Sequence[str]) -> None:
    """How the first cell with several categories is read, so that a wrong sign is seen before anything is checked."""
    if len(labels) != 1 or labels[0] not in shown.columns:
        return
    at = shown.columns.index(labels[0])
    cells = [row[at].strip() for row in shown.rows]
    separator = asked_separator() or separator_of(Counter(cell for cell in cells if cell))
    read = [(cell, categories_of(label_of_cell(cell, separator))) for cell in cells]
    cell, names = max(read, key=lambda one: len(one[1]) > 1, default=("", ()))
    if len(names) < 2:
        st.caption(_("No cell of the first rows names more than one category."))
        return
    short = cell if len(cell) <= EXAMPLE_CHARS else cell[: EXAMPLE_CHARS - 1] + "…"
    sentence = ngettext(
        "“{cell}” is read as {n} category: {names}.", "“{cell}” is read as {n} categories: {names}.", len(names)
    )
    listed = " · ".join(plain(name) for name in names)
    st.caption(sentence.format(cell=plain(" ".join(short.split())), n=len(names), names=listed))


def _between_names() -> dict[str, str]:
    return {
        GUESSED: _("What it looks like"),
        "semicolon": _("Semicolon  ;"),
        "comma": _("Comma  ,"),
        "bar": _("Vertical bar  |"),
        "slash": _("Slash  /"),
        "pause": _("Enumeration comma  、"),
        "line": _("Line break"),
    }
