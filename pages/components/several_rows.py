"""Exam rows with several categories: true ones, answered ones, what was missed and what was added; filtered and searched."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas
import streamlit as st

from core.domain.model import ModelVersion
from core.domain.several import categories_of
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components.category_sets import names_in
from pages.components.exam_table import SHOWN_LIMIT, as_csv, matching

if TYPE_CHECKING:
    from streamlit.elements.lib.column_types import ColumnConfig

SETS = ("label", "predicted", "missed", "added")
COLUMNS = ("row", "text", *SETS, "probability")


def show_set_rows(rows: pandas.DataFrame, *, key: str, alt: str, columns: Sequence[str] = COLUMNS) -> None:
    """`rows` as `Workspace.exam_several` gives them. Categories are chips; a table renders nothing that stands in a cell."""
    shown = rows.head(SHOWN_LIMIT).assign(probability=lambda table: 100 * table["probability"])
    shown = shown.assign(**{name: shown[name].map(names_in) for name in SETS})
    config = st.column_config
    st.dataframe(
        shown,
        hide_index=True,
        row_height=36,
        height="content" if len(shown) <= 10 else 400,
        key=key,
        alt=alt,
        column_order=list(columns),
        column_config={
            "row": config.NumberColumn(
                _("Row"), help=_("Row number in the file, header included."), width=62, format="%d"
            ),
            "text": config.TextColumn(_("Text"), width=260),
            "label": config.ListColumn(_("True categories"), width=170),
            "predicted": config.ListColumn(_("Answered"), width=170),
            "missed": _coloured(_("Missed"), shown["missed"], "red"),
            "added": _coloured(_("Wrongly added"), shown["added"], "orange"),
            "probability": config.ProgressColumn(
                _("How sure"),
                help=_("Of the least sure category that was given; where none was, that none is right."),
                format="%.0f%%",
                min_value=0,
                max_value=100,
                width=85,
            ),
        },
    )
    if len(rows) > SHOWN_LIMIT:
        st.caption(_("The first {shown} of {n} rows; the download holds all.").format(shown=SHOWN_LIMIT, n=len(rows)))


def _coloured(title: str, cells: pandas.Series, color: str) -> "ColumnConfig":
    names = sorted({name for cell in cells for name in cell})
    return st.column_config.MultiselectColumn(title, options=names, color=color, width=130)


@st.fragment
def show_exam_rows(exam: pandas.DataFrame, model: ModelVersion) -> None:
    """Every exam example, those with a mistake first; by what happened, by category and by words."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.subheader(_("The exam, row by row"), anchor=False)
        st.download_button(
            _("Download as .csv"),
            lambda: as_csv(exam),
            file_name=f"exam-model-{model.id}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"download_exam_{model.id}",
        )
    kinds = {
        "wrong": _("With a mistake"),
        "missed": _("Something missed"),
        "added": _("Something added"),
        "exact": _("Exactly right"),
        "all": _("All"),
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            _("Which rows"),
            list(kinds),
            default="wrong",
            format_func=kinds.__getitem__,
            required=True,
            label_visibility="collapsed",
            key=f"several_kind_{model.id}",
        )
        label = st.selectbox(
            _("Category"),
            model.labels,
            index=None,
            placeholder=_("All categories"),
            label_visibility="collapsed",
            key=f"several_label_{model.id}",
            width=170,
        )
        words = st.text_input(
            _("Search"),
            key=f"several_search_{model.id}",
            placeholder=_("Search texts and categories"),
            label_visibility="collapsed",
            icon=":material/search:",
            width=190,
        )
    found = matching(rows_of(exam, kind or "wrong", label), words)
    if found.empty:
        st.caption(_("No exam example is like this."))
        return
    st.caption(ngettext("{n} exam example", "{n} exam examples", len(found)).format(n=len(found)))
    show_set_rows(
        found.sort_values("probability", ascending=False, kind="stable"),
        key=f"several_rows_{model.id}_{kind}",
        alt=_("Exam examples with true and answered categories"),
    )


def rows_of(exam: pandas.DataFrame, kind: str, label: str | None) -> pandas.DataFrame:
    """The rows of one kind; with a category, those where it was missed or added, or else stands on either side."""
    missed, added = exam["missed"] != "", exam["added"] != ""
    of_kind = {"wrong": missed | added, "missed": missed, "added": added, "exact": ~missed & ~added}
    found = exam[of_kind[kind]] if kind in of_kind else exam
    if label is None:
        return found
    columns = {"missed": ["missed"], "added": ["added"], "wrong": ["missed", "added"]}.get(kind, ["label", "predicted"])
    has_it = [any(label in categories_of(row[column]) for column in columns) for _place, row in found.iterrows()]
    return found[has_it]
