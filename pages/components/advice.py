"""What to do next for the weakest categories, and why."""

import streamlit as st

from core.domain.model import ModelVersion
from core.evaluation.advice import Action, Advice
from core.i18n import gettext as _
from core.i18n import say
from pages.components.layout import page_link, plain
from pages.components.session import workspace


def show_advice(model: ModelVersion) -> None:
    advice = workspace().advice(model.id)
    if not advice:
        return
    st.subheader(_("What would help the weakest categories"), anchor=False)
    with st.container(border=True, gap="small"):
        for one in advice:
            _show_one(one, model.dataset_id)


def _show_one(advice: Advice, dataset_id: str) -> None:
    label, color, icon = _badge(advice.action)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{plain(advice.label)}** :{color}-badge[{icon} {label}]")
            st.text(say(advice.step))
            st.caption(plain(say(advice.reason)))
        page_link(
            "data",
            _("Its examples"),
            icon=":material/table_rows:",
            dataset=dataset_id,
            category=advice.label,
            view="rows",
        )


def _badge(action: Action) -> tuple[str, str, str]:
    return {
        Action.RELABEL: (_("Check categories"), "orange", ":material/rule:"),
        Action.MERGE: (_("Merge or tell apart"), "violet", ":material/call_merge:"),
        Action.MORE: (_("Add examples"), "blue", ":material/add_circle:"),
        Action.DEFINE: (_("Define more clearly"), "violet", ":material/edit_note:"),
    }[action]
