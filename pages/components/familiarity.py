"""“None of these”: how often a model refuses what it was made for, and what it was not."""

import streamlit as st

from core.domain.familiarity import FamiliarityReport
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from core.i18n import ngettext


def show_familiarity(report: FamiliarityReport | None) -> None:
    if report is None:
        return
    st.subheader(_("None of these"), anchor=False)
    st.text(kept_sentence(report))
    if report.n_marked:
        st.text(refused_sentence(report))
    else:
        st.caption(
            _(
                "How much junk it refuses is told here once rows are marked as “none of these” on the Data page and trained again."
            )
        )


def kept_sentence(report: FamiliarityReport) -> str:
    return ngettext(
        "Of {n} exam example {n_kept} looked like what it learned from ({share}); the rest would go to a person.",
        "Of {n} exam examples {n_kept} looked like what it learned from ({share}); the rest would go to a person.",
        report.n_exam,
    ).format(n=report.n_exam, n_kept=report.n_kept, share=percent(report.n_kept / max(1, report.n_exam)))


def refused_sentence(report: FamiliarityReport) -> str:
    return ngettext(
        "Of {n} text marked as “none of these” it refused {n_refused} ({share}). It never learned from it.",
        "Of {n} texts marked as “none of these” it refused {n_refused} ({share}). It never learned from them.",
        report.n_marked,
    ).format(n=report.n_marked, n_refused=report.n_refused, share=percent(report.n_refused / report.n_marked))
