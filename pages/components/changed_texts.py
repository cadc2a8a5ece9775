"""Texts as they were written and as they were asked again, with both answers: the examples of studies that change texts."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas
import streamlit as st

from core.evaluation.robustness import Flip
from core.evaluation.wording import Moved
from core.i18n import gettext as _


def show_changed_texts(
    examples: Sequence[Flip | Moved], *, last: str, values: Sequence[Any], column: Any, key: str
) -> None:
    """`values` are what the column named `last` shows of each example, configured by `column`."""
    columns: Mapping[str, Any] = {
        "row": st.column_config.NumberColumn(_("Row"), format="%d", width="small"),
        "before": st.column_config.TextColumn(_("As it was written"), width="large"),
        "after": st.column_config.TextColumn(_("As it was asked"), width="large"),
        "answer_before": st.column_config.TextColumn(_("Answer before")),
        "answer_after": st.column_config.TextColumn(_("Answer after")),
    }
    st.dataframe(
        pandas.DataFrame(
            {name: getattr(one, name) for name in columns} | {last: value}
            for one, value in zip(examples, values, strict=True)
        ),
        hide_index=True,
        height="content",
        row_height=70,
        key=key,
        alt=_("Texts before and after the change, with the answers"),
        column_config={**columns, last: column},
    )
