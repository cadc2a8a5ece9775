"""What a table seems to be about: one sentence, what its columns hold, and what to do when it is no sorting task."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.domain.dataset import ColumnRole, TablePreview, Understanding
from core.domain.task import CLASSIFICATION, ORDERED, PAIR, PAIR_SCORE, SCORE, SEVERAL, reads_pairs
from core.i18n import gettext as _
from core.i18n import say
from pages.components.inert_text import shorten
from pages.components.layout import page_link, plain
from pages.components.url_state import url_segments

COLUMNS_LISTED = 500


def show_sentence(understood: Understanding | None) -> None:
    """ "1,204 customer messages in Chinese, sorted into 12 categories.", and why it is taken for that."""
    if understood is None:
        return
    with st.container(gap=None, key="understanding"):
        st.subheader(plain(say(understood.sentence)), anchor=False)
        st.caption(plain(say(understood.reason)))


def show_task(understood: Understanding | None) -> None:
    """For a table that nothing can be learned of as it is: what it is, and what can be done with it today."""
    if understood is None:
        return
    advice = {
        "unlabeled": _(
            "To learn, it needs a second column that says the category of each text. Add one to your table: "
            "20 examples of each category are a start. The Excel template shows how."
        ),
    }.get(understood.task)
    if advice is None:
        return
    with st.container(border=True, gap="small", key="other_task"):
        st.markdown(f":material/lightbulb: {advice}")
        if understood.task == "unlabeled":
            page_link("score", _("Have a trained model sort this table"), icon=":material/playlist_add_check:")


def choose_task(shown: TablePreview, *, is_guessed_label: bool, n_labels: int) -> str:
    """What is learned of each text; the one that the table looks made for comes first. `n_labels`: columns chosen by hand."""
    names = {
        CLASSIFICATION: _("A category"),
        ORDERED: _("A category of a scale (such as stars)"),
        SEVERAL: _("Several categories at once"),
        SCORE: _("A score (a number)"),
    }
    if len(shown.columns) > 2:
        names |= {PAIR: _("Whether two texts belong together"), PAIR_SCORE: _("How well two texts match (a score)")}
    understood = shown.understanding
    likely = understood.task if understood and is_guessed_label and understood.task in names else CLASSIFICATION
    if n_labels > 1:
        likely = SEVERAL
    in_order = sorted(names, key=lambda task: (task != likely, reads_pairs(task) != reads_pairs(likely)))
    with st.container(gap="xsmall"):
        st.caption(_("What to learn"))
        chosen = url_segments("task", _("What to learn"), {task: names[task] for task in in_order})
        if reads_pairs(chosen):
            st.caption(pair_examples()[chosen])
        elif chosen == SEVERAL:
            st.caption(
                _("For example: all that a customer complains about, or all topics of an article; also none of them.")
            )
    return chosen


def pair_examples() -> dict[str, str]:
    """What pairs of texts are good for, by the task."""
    return {
        PAIR: _(
            "For example: do two questions ask the same? Does an answer fit its question? Are two records the same "
            "customer? A column says it in words or as 1 and 0."
        ),
        PAIR_SCORE: _(
            "For example: how well a CV fits a job, or how alike two descriptions are. A column says it as a number."
        ),
    }


def show_joinable(understood: Understanding | None, chosen: Sequence[str]) -> None:
    """Offer to read title and body as one text, unless that is what is read."""
    if understood is None or len(understood.joinable) < 2 or set(understood.joinable) <= set(chosen):
        return
    names = _(" and ").join(f"“{plain(shorten(name))}”" for name in understood.joinable)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_("These columns read well as one text."), width="content")
        st.button(
            _("Read {names} together").format(names=names),
            key="join_columns",
            icon=":material/merge:",
            on_click=_read_together,
            args=(understood.joinable,),
        )


def show_columns(shown: TablePreview) -> None:
    """What each column holds, for a person who looks for the right one."""
    understood = shown.understanding
    if understood is None:
        return
    with st.expander(_("What each column holds"), icon=":material/view_column:", key="column_roles"):
        listed = understood.columns[:COLUMNS_LISTED]
        frame = pd.DataFrame(
            {
                "name": [column.name for column in listed],
                "role": [role_name(column.role) for column in listed],
                "distinct": [column.n_distinct for column in listed],
                "blank": [column.n_blank for column in listed],
            }
        )
        st.dataframe(
            frame,
            hide_index=True,
            key="column_roles_table",
            height="content" if len(frame) < 12 else 420,
            column_config={
                "name": st.column_config.TextColumn(_("Column")),
                "role": st.column_config.TextColumn(_("Holds")),
                "distinct": st.column_config.NumberColumn(_("Different values"), format="localized"),
                "blank": st.column_config.NumberColumn(_("Blank"), format="localized"),
            },
        )
        st.caption(_("Judged by a sample of the rows."))


def role_names(shown: TablePreview) -> dict[str, str]:
    """What each column holds, in a word, by its name."""
    return (
        {column.name: role_name(column.role) for column in shown.understanding.columns} if shown.understanding else {}
    )


def role_name(role: ColumnRole) -> str:
    return {
        ColumnRole.TEXT: _("texts"),
        ColumnRole.CATEGORY: _("categories"),
        ColumnRole.NUMBER: _("numbers"),
        ColumnRole.DATE: _("dates"),
        ColumnRole.ID: _("codes, one a row"),
        ColumnRole.CONTACT: _("addresses"),
        ColumnRole.NOTE: _("notes"),
        ColumnRole.LANGUAGE: _("languages"),
        ColumnRole.EMPTY: _("nothing"),
    }[role]


def _read_together(columns: Sequence[str]) -> None:
    st.query_params["text"] = list(columns)
