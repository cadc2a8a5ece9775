"""What the reader guessed, mended or left out, with other ways to read the file as one-click buttons."""

from collections.abc import Sequence

import streamlit as st

from core.domain.dataset import Finding, Severity
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components.layout import plain
from pages.components.reading import ask_for_format

ROWS_NAMED = 10
NOTES_SHOWN = 3
ICONS = {
    Severity.BLOCKING: ":red[:material/block:]",
    Severity.WARNING: ":orange[:material/help:]",
    Severity.NOTE: ":gray[:material/info:]",
}


def show_notices(notices: Sequence[Finding], prefix: str = "") -> None:
    """The questions first, then what was merely done; many of those wait behind one click."""
    if not notices:
        return
    order = list(Severity)
    ordered = sorted(notices, key=lambda notice: order.index(notice.severity))
    questions = [notice for notice in ordered if notice.severity is not Severity.NOTE]
    told = ordered[len(questions) :]
    if len(told) <= NOTES_SHOWN:
        questions, told = ordered, []
    if questions:
        with st.container(border=True, gap="small", key=f"{prefix}notices"):
            for index, notice in enumerate(questions):
                _show_notice(notice, f"{prefix}{index}", prefix)
    if told:
        title = ngettext("{n} more thing about this file", "{n} more things about this file", len(told))
        with st.expander(title.format(n=len(told)), icon=":material/info:", key=f"{prefix}more_notices"):
            for index, notice in enumerate(told, start=len(questions)):
                _show_notice(notice, f"{prefix}{index}", prefix)


def _show_notice(notice: Finding, place: str, prefix: str) -> None:
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        gap="small",
        key=f"notice_{place}",
    ):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"{ICONS[notice.severity]} {plain(say(notice.message))}")
            details = [plain(say(notice.advice))] if notice.advice else []
            if notice.rows:
                details.append(_rows(notice))
            if details:
                st.caption(" ".join(details))
        if notice.readings:
            with st.container(horizontal=True, width="content", gap="small"):
                for reading in notice.readings:
                    st.button(
                        plain(say(reading.title)),
                        key=f"reading_{place}_{notice.code}_{reading.key}",
                        on_click=ask_for_format,
                        args=(reading.format, prefix),
                    )


def _rows(notice: Finding) -> str:
    rows = ", ".join(str(row) for row in notice.rows[:ROWS_NAMED])
    more = notice.count > ROWS_NAMED or len(notice.rows) > ROWS_NAMED
    return _("Rows: {rows}").format(rows=rows + (", …" if more else ""))
