"""The words that go with each answer of a model: what it seems to listen to."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.i18n import gettext as _

LISTED_WORDS = 8
FEW = 8  # categories; of more the table scrolls


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
