"""Does it matter whom a message is about: each kind of term in one row, what pushes one way, and the strongest examples."""

import pandas
import streamlit as st

from core.domain.model import ModelVersion
from core.domain.study import StudyRecord
from core.evaluation.group_terms import KINDS
from core.evaluation.verdict import percent
from core.evaluation.wording import KindResult
from core.i18n import gettext as _
from core.i18n import say
from core.studies.fairness_wording import (
    MAX_TOLD,
    FairnessWordingResult,
    kind_sentence,
    overall_sentence,
    shift_sentence,
)
from pages.components.changed_texts import show_changed_texts


def show_fairness_wording(record: StudyRecord, model: ModelVersion) -> None:
    result: FairnessWordingResult = record.result
    st.text(say(overall_sentence(result)))
    for one in result.shifts[:MAX_TOLD]:
        st.text(f"• {say(shift_sentence(one))}")
    judged = [one for one in result.kinds if one.is_judged]
    if judged:
        _show_table(judged, model)
        _show_examples(judged, model)
    for kind in result.kinds:
        if not kind.is_judged:
            st.caption(say(kind_sentence(kind)))
    st.caption(
        _(
            "Terms are found by lists in English and Chinese, without reading the text: look at the examples before you judge."
        )
    )


def _show_table(judged: list[KindResult], model: ModelVersion) -> None:
    st.dataframe(
        pandas.DataFrame(
            {
                "kind": say(KINDS[one.kind]),
                "n": one.n_texts,
                "flipped": round(100 * one.n_flipped / one.n_texts),
                "likely": " – ".join(percent(end) for end in one.interval),
                "moved": round(100 * one.mean_change, 1),
            }
            for one in judged
        ),
        hide_index=True,
        height="content",
        key=f"wording_kinds_{model.id}",
        alt=_("Answers that change when a text is about somebody else"),
        column_config={
            "kind": st.column_config.TextColumn(_("About"), width="medium"),
            "n": st.column_config.NumberColumn(_("Texts"), help=_("Exam texts that name it."), format="localized"),
            "flipped": st.column_config.NumberColumn(_("Answers that change"), format="%.0f%%"),
            "likely": st.column_config.TextColumn(_("Likely")),
            "moved": st.column_config.NumberColumn(
                _("Sure % moves by"), format="%.1f", help=_("Points up or down, on average of all wordings.")
            ),
        },
    )


def _show_examples(judged: list[KindResult], model: ModelVersion) -> None:
    with st.expander(_("Examples"), icon=":material/compare_arrows:"):
        worst_first = sorted(judged, key=lambda one: -one.n_flipped / one.n_texts)
        chosen = worst_first[0].kind
        if len(judged) > 1:
            chosen = st.selectbox(
                _("About"),
                [one.kind for one in worst_first],
                format_func=lambda kind: say(KINDS[kind]),
                key=f"wording_kind_{model.id}",
            )
        kind = next(one for one in judged if one.kind == chosen)
        st.caption(_("Changed answers come first, then those whose sure % moved most."))
        show_changed_texts(
            kind.examples,
            last="change",
            values=[100 * one.change for one in kind.examples],
            column=st.column_config.NumberColumn(
                _("Points"), format="%+.0f", help=_("By which the answer before became likelier.")
            ),
            key=f"wording_examples_{model.id}",
        )
