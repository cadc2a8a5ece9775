"""The words that go with each answer of a model: what it seems to listen to."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.i18n import gettext as _
from pages.components.session import workspace

LISTED_WORDS = 8
FEW = 8  # categories; of more the table scrolls
KEPT = 16  # models whose words are remembered


@st.cache_data(max_entries=KEPT, show_spinner=False)
def words_of_model(home: str, model_id: int) -> dict[str, list[str]]:
    """By category, of those that some word tells. A model and its exam never change, and ids never come back."""
    return {one.label: [word.word for word in one.words] for one in workspace().telling_words(model_id) if one.words}


def show_telling_words(words: Mapping[str, Sequence[str]], *, key: str) -> None:
    """A row a category, the biggest first; nothing where no word tells any."""
    if not words:
        return
    st.subheader(_("Telling words"), anchor=False)
    st.caption(_("Words that stand in the texts answered as one category far more often than in all others."))
    st.dataframe(
        {"label": list(words), "words": [" · ".join(of_label[:LISTED_WORDS]) for of_label in words.values()]},
        hide_index=True,
        row_height=36,
        height="content" if len(words) <= FEW else 340,
        key=key,
        alt=_("Telling words of each category"),
        column_config={
            "label": st.column_config.TextColumn(_("Category"), width=200),
            "words": st.column_config.TextColumn(_("Telling words"), width=640),
        },
    )
