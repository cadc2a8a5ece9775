"""What the reader guessed, mended or left out, with other ways to read the file as one-click buttons."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.domain.dataset import Finding, Severity, TableFormat
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

    def choose(format: TableFormat) -> None:
        ask_for_format(format, prefix)

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
                show_notice(notice, f"{prefix}{index}", choose)
    if told:
        title = ngettext("{n} more thing about this file", "{n} more things about this file", len(told))
        with st.expander(title.format(n=len(told)), icon=":material/info:", key=f"{prefix}more_notices"):
            for index, notice in enumerate(told, start=len(questions)):
                show_notice(notice, f"{prefix}{index}", choose)


def show_notice(notice: Finding, place: str, choose: Callable[[TableFormat], None]) -> None:
    """One line, with a button for each other reading. `choose` is their callback; `place` makes the keys its own."""
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
                        wrap=True,
                        on_click=choose,
                        args=(reading.format,),
                    )


def _rows(notice: Finding) -> str:
    rows = ", ".join(str(row) for row in notice.rows[:ROWS_NAMED])
    more = notice.count > ROWS_NAMED or len(notice.rows) > ROWS_NAMED
    return _("Rows: {rows}").format(rows=rows + (", …" if more else ""))
