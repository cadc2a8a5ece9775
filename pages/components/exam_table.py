"""Tables of exam rows: text, truth, answer and how sure; searchable, and downloadable with inert cells."""

import pandas
import streamlit as st

from core.datasets.inert import inert
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components.pair_texts import Halves, row_height, text_cells, text_columns

SHOWN_LIMIT = 500  # rows in the browser; the download holds all


def show_rows(rows: pandas.DataFrame, *, key: str, alt: str, halves: Halves = ()) -> None:
    """`rows` has the columns row, text, label, predicted, probability."""
    shown = rows.head(SHOWN_LIMIT).assign(probability=lambda table: 100 * table["probability"])
    shown = shown.assign(**text_cells(shown["text"], halves))
    st.dataframe(
        shown,
        hide_index=True,
        row_height=row_height(halves),
        height="content" if len(shown) <= 10 else 400,
        key=key,
        alt=alt,
        column_order=["row", *text_columns(halves, 400), "label", "predicted", "probability"],
        column_config={
            "row": st.column_config.NumberColumn(
                _("Row"), help=_("Row number in the file, header included."), width="small", format="%d"
            ),
            **text_columns(halves, 400),
            "label": st.column_config.TextColumn(_("True category"), width=175),
            "predicted": st.column_config.TextColumn(_("Answered"), width=175),
            "probability": st.column_config.ProgressColumn(
                _("How sure"),
                width=130,
                help=_("Calibrated probability of the answer."),
                format="%.0f%%",
                min_value=0,
                max_value=100,
            ),
        },
    )
    if len(rows) > SHOWN_LIMIT:
        st.caption(_("The first {shown} of {n} rows; the download holds all.").format(shown=SHOWN_LIMIT, n=len(rows)))


def matching(rows: pandas.DataFrame, words: str) -> pandas.DataFrame:
    """The rows whose text or categories contain `words`, upper or lower case."""
    needle = words.strip().casefold()
    if not needle:
        return rows
    found = pandas.Series(False, index=rows.index)
    for column in ("text", "label", "predicted"):
        found |= rows[column].map(lambda value: needle in str(value).casefold())
    return rows[found]


def as_csv(rows: pandas.DataFrame) -> bytes:
    """A CSV file that Excel opens with the right encoding and in which no cell is a formula."""
    table = rows.copy()
    for column in table.columns:
        if not pandas.api.types.is_numeric_dtype(table[column]):
            table[column] = table[column].map(lambda value: inert(str(value)))
    return bytes(table.to_csv(index=False).encode("utf-8-sig"))


@st.fragment
def show_wrong_examples(rows: pandas.DataFrame, model_id: int, halves: Halves = ()) -> None:
    """Everything the exam got wrong, the most self-assured mistakes first: those are often wrong labels."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.subheader(_("Wrong answers"), anchor=False)
        if not rows.empty:
            st.download_button(
                _("Download as .csv"),
                lambda: as_csv(rows),
                file_name=f"wrong-answers-model-{model_id}.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
                key=f"download_wrong_{model_id}",
            )
    if rows.empty:
        st.caption(_("None: every exam example was answered right."))
        return
    st.caption(_("The most self-assured mistakes come first; among those, look for wrong labels in your data."))
    words = st.text_input(
        _("Search"),
        key=f"search_wrong_{model_id}",
        placeholder=_("Search texts and categories"),
        label_visibility="collapsed",
        icon=":material/search:",
    )
    found = matching(rows, words)
    if found.empty:
        st.caption(_("No wrong answer contains these words."))
        return
    st.caption(ngettext("{n} wrong answer", "{n} wrong answers", len(found)).format(n=len(found)))
    show_rows(found, key=f"wrong_rows_{model_id}", alt=_("Exam examples that were answered wrong"), halves=halves)
