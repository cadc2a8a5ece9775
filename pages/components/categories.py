"""The categories of a dataset: how many examples each has, what they are good for, and categories changed by hand."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.datasets.supply import TITLES, light_of
from core.domain.dataset import Dataset
from core.domain.repair import Operation
from core.domain.task import AnswerKind
from core.i18n import gettext as _
from core.i18n import say
from pages.components import keys
from pages.components.changes import repair, show_change

PLACE = "categories"


def show_categories(dataset: Dataset) -> None:
    """A table with the traffic light of each category, and the ways to merge, rename or leave out some."""
    st.header(_("Categories"), anchor=False)
    if not dataset.label_counts:
        st.caption(_("No row could be used, so there are no categories to show."))
        return
    if dataset.answers is AnswerKind.CATEGORIES:
        st.caption(_("A text is an example of each of its categories."))
    _show_lights(dict(sorted(dataset.label_counts.items(), key=lambda item: -item[1])))
    expander = st.expander(
        _("Merge, rename or leave out categories"), icon=":material/edit:", key="change_categories", on_change="rerun"
    )
    if expander.open:
        with expander:
            _show_changes(dataset)
    show_change(dataset, PLACE)


def _show_lights(counts: dict[str, int]) -> None:
    supplies = [light_of(n) for n in counts.values()]
    frame = pd.DataFrame(
        {
            "label": list(counts),
            "n": list(counts.values()),
            "light": [[say(supply.title)] for supply in supplies],
            "next": [say(supply.advice) for supply in supplies],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        key="category_lights",
        height="content" if len(frame) < 12 else 420,
        column_config={
            "label": st.column_config.TextColumn(_("Category")),
            "n": st.column_config.NumberColumn(_("Examples"), format="localized", width="small"),
            "light": st.column_config.MultiselectColumn(
                _("Good for"),
                options=[say(title) for title in TITLES.values()],
                color=[light.value for light in TITLES],
            ),
            "next": st.column_config.TextColumn(_("What helps next"), width="large"),
        },
    )


def _show_changes(dataset: Dataset) -> None:
    """Choose some, then one of the three things that can be done with them."""
    labels = list(dataset.label_counts)
    key = f"{keys.CATEGORIES_CHOSEN}_{dataset.id}"
    chosen = st.multiselect(_("Categories"), labels, key=key, placeholder=_("Choose one or several"), select_all=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        into = st.selectbox(
            _("One name for all of them"),
            labels,
            index=labels.index(max(chosen, key=lambda label: dataset.label_counts[label])) if chosen else None,
            key=f"{keys.CATEGORIES_INTO}_{dataset.id}_{'|'.join(chosen)}",
            accept_new_options=True,
            placeholder=_("Choose or type a name"),
            disabled=not chosen,
        )
        merging = merge_of(chosen, into)
        st.button(
            _("Rename") if len(chosen) == 1 else _("Merge"),
            key="merge_categories",
            icon=":material/merge:",
            disabled=merging is None,
            on_click=repair,
            args=(dataset, (merging,), PLACE),
        )
        for name, title in _ways_out(dataset):
            st.button(
                title,
                key=f"{name}_categories",
                disabled=not chosen,
                on_click=repair,
                args=(dataset, (Operation(name=name, params={"labels": list(chosen)}),), PLACE),
            )
    st.caption(
        _("Texts keep their other categories; a text without others then belongs to none. Every change can be undone.")
        if dataset.answers is AnswerKind.CATEGORIES
        else _(
            "Rows that are left out, or marked as “none of these”, are not learned from. They stay on record, "
            "and every change can be undone."
        )
    )


def _ways_out(dataset: Dataset) -> list[tuple[str, str]]:
    """What can be done with categories that shall not be learned: the repair and its button."""
    if dataset.answers is AnswerKind.CATEGORIES:
        return [("leave_out_labels", _("Leave out"))]
    return [("drop_labels", _("Leave out")), ("none_of_these", _("Mark as “none of these”"))]


def merge_of(chosen: Sequence[str], into: str | None) -> Operation | None:
    """The repair that gives all `chosen` the name `into`; None while it would change nothing."""
    into = (into or "").strip()
    if not chosen or not into or set(chosen) == {into}:
        return None
    return Operation(name="merge_labels", params={"labels": list(chosen), "into": into})
