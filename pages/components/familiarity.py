"""“None of these”: how often a model refuses what it was made for, and what it was not, and how strict it shall be about it."""

import streamlit as st

from core.domain.familiarity import KEEPS, FamiliarityLevel, FamiliarityReport
from core.domain.model import ModelVersion
from core.evaluation.familiarity_words import kept_words, refused_words, strictness_words
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from core.i18n import say
from pages.components import keys
from pages.components.layout import tells_errors
from pages.components.session import workspace


def show_familiarity(model: ModelVersion, report: FamiliarityReport | None) -> None:
    if report is None:
        return
    st.subheader(_("None of these"), anchor=False)
    if said := st.session_state.pop(f"{keys.STRICTNESS_SAVED}_{model.id}", None):
        st.toast(said, icon=":material/check_circle:")
    st.text(say(kept_words(report, model.rule.keeps)))
    if report.n_marked:
        st.text(say(refused_words(report, model.rule.keeps)))
    else:
        st.caption(
            _(
                "How much junk it refuses is told here once rows are marked as “none of these” on the Data page and trained again."
            )
        )
    if len(report.levels) > 1:
        st.fragment(_choose)(model.id, report)


@tells_errors
def _choose(model_id: int, report: FamiliarityReport) -> None:
    """Nothing changes before the button is pressed."""
    now = workspace().model(model_id).rule.keeps or report.keeps
    titles = {level.keeps: say(strictness_words(level.keeps)) for level in report.levels}
    with st.container(border=True, gap="small"):
        chosen: int = st.radio(
            _("How strict shall it be?"),
            list(KEEPS),
            index=KEEPS.index(now),
            format_func=titles.__getitem__,
            captions=[_caption(level, report) for level in report.levels],
            key=f"{keys.STRICTNESS}_{model_id}",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(
                _("Use it"),
                icon=":material/check:",
                disabled=chosen == now,
                key=f"strictness_save_{model_id}",
                help=_("Try it, scored files and the terminal obey it from then on."),
            ):
                workspace().set_strictness(model_id, None if chosen == report.keeps else chosen)
                st.session_state[f"{keys.STRICTNESS_SAVED}_{model_id}"] = _("Saved. Every answer obeys it from now on.")
                st.rerun()
            st.caption(_("In use now: {name}.").format(name=titles[now]))


def _caption(level: FamiliarityLevel, report: FamiliarityReport) -> str:
    kept = percent(level.n_kept / max(1, report.n_exam))
    if not report.n_marked:
        return _("Keeps {kept} of the exam's messages.").format(kept=kept)
    refused = percent(level.n_refused / report.n_marked)
    words = _("Keeps {kept} of the exam's messages, refuses {refused} of the texts marked as “none of these”.")
    return words.format(kept=kept, refused=refused)
