"""What the reader guessed, mended or left out, with other ways to read the file as one-click buttons."""

from collections.abc import Sequence

import streamlit as st

from core.domain.dataset import Finding, Severity
from core.i18n import gettext as _
from core.i18n import say
from pages.components.layout import plain
from pages.components.reading import ask_for_format

ROWS_NAMED = 10
ICONS = {
    Severity.BLOCKING: ":red[:material/block:]",
    Severity.WARNING: ":orange[:material/help:]",
    Severity.NOTE: ":gray[:material/info:]",
}


def show_notices(notices: Sequence[Finding], prefix: str = "") -> None:
    """The questions first, then what was merely done."""
    order = list(Severity)
    for index, notice in enumerate(sorted(notices, key=lambda notice: order.index(notice.severity))):
        with st.container(border=True, gap="small", key=f"{prefix}notice_{index}"):
            with st.container(gap=None):
                st.markdown(f"{ICONS[notice.severity]} {plain(say(notice.message))}")
                if notice.advice:
                    st.caption(plain(say(notice.advice)))
                if notice.rows:
                    st.caption(_rows(notice))
            if notice.readings:
                with st.container(horizontal=True):
                    for reading in notice.readings:
                        st.button(
                            plain(say(reading.title)),
                            key=f"{prefix}reading_{notice.code}_{index}_{reading.key}",
                            on_click=ask_for_format,
                            args=(reading.format, prefix),
                        )


def _rows(notice: Finding) -> str:
    rows = ", ".join(str(row) for row in notice.rows[:ROWS_NAMED])
    more = notice.count > ROWS_NAMED or len(notice.rows) > ROWS_NAMED
    return _("Rows: {rows}").format(rows=rows + (", …" if more else ""))
