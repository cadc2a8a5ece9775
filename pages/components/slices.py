"""Kinds of messages with more mistakes than the others, as sentences that open their rows."""

import streamlit as st

from core.domain.model import ModelVersion
from core.domain.task import reads_pairs
from core.evaluation.slices import Slice, kind_words, numbers_words
from core.i18n import gettext as _
from core.i18n import say
from pages.components.exam_table import show_rows
from pages.components.layout import plain, tells_errors
from pages.components.pair_texts import halves_of_model
from pages.components.session import workspace

PARAMETER = "slice"  #: of the address: the kind whose rows are shown
KEPT = 16  # models whose slices are remembered


@st.fragment
@tells_errors
def show_slices(model: ModelVersion) -> None:
    found = _slices(str(workspace().settings.home), model.id)
    of_pairs = _("Kinds of pairs it gets wrong more often")
    title = of_pairs if reads_pairs(model.task) else _("Kinds of messages it gets wrong more often")
    st.subheader(title, anchor=False)
    if not found:
        st.caption(
            _("None stands out on this exam: short or long texts, languages, other columns and words were looked at.")
        )
        return
    with st.container(gap="xsmall"):
        for one in found:
            st.button(
                sentence_of(one),
                type="tertiary",
                icon=":material/filter_alt:",
                wrap=True,
                key=f"slice_{model.id}_{one.key}",
                help=_("Show these exam rows"),
                on_click=_choose,
                args=(one.key,),
            )
    asked = st.query_params.get(PARAMETER)
    chosen = next((one for one in found if one.key == asked), None)
    if chosen is not None:
        rows = workspace().exam_rows(model.id).iloc[list(chosen.rows)]
        rows = rows.assign(wrong=rows["label"] != rows["predicted"]).sort_values(
            ["wrong", "probability"], ascending=False, ignore_index=True
        )
        st.caption(_("The mistakes come first."))
        show_rows(
            rows.drop(columns="wrong"),
            key=f"slice_rows_{model.id}",
            alt=_("Exam rows of this kind"),
            halves=halves_of_model(model),
        )


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _slices(home: str, model_id: int) -> list[Slice]:
    """A model and its exam never change, and ids never come back."""
    return workspace().slices(model_id)


def sentence_of(one: Slice) -> str:
    """For a label: user text in it is inert."""
    return _("{kind}: {numbers}").format(kind=plain(say(kind_words(one))), numbers=say(numbers_words(one)))


def _choose(key: str) -> None:
    st.query_params[PARAMETER] = key
