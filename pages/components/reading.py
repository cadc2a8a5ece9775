"""How a file is read: a preview of its first rows, and a control for each thing that was guessed.

Everything chosen here is in the URL (?encoding=, ?delimiter=, ?header=, ?sheet=), so a refresh keeps it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pandas as pd
import streamlit as st

from core.domain.dataset import TableFormat, TablePreview, Upload
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components.layout import plain
from pages.components.session import workspace

T = TypeVar("T")

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "big5", "utf-16", "cp1252")
LAST_HEADER_ROW = 20  #: titles above a table are rarely longer
ROWS_SHOWN = 50


def asked_format(prefix: str = "") -> TableFormat:
    """The reading that the URL asks for; what it does not name is guessed. `prefix` tells two files apart."""
    asked = st.query_params
    header = asked.get(f"{prefix}header", "")
    return TableFormat(
        encoding=asked.get(f"{prefix}encoding") or None,
        delimiter=DELIMITERS.get(asked.get(f"{prefix}delimiter", "")),
        header_row=min(int(header), LAST_HEADER_ROW) if header.isdecimal() else None,
        sheet=asked.get(f"{prefix}sheet") or None,
    )


def preview(upload: Upload, format: TableFormat) -> TablePreview:
    """The first rows, read once per file and format.

    Raises:
        UnreadableFile: says what was found and the way out.
    """
    with st.spinner(_("Reading the file…")):
        return _preview(workspace().settings.home, upload, format)


def show_preview(shown: TablePreview, prefix: str = "") -> None:
    """One sentence on how the file was read, and its first rows."""
    st.caption(f"{_size(shown)} · {_how(shown)}")
    if shown.columns:
        frame = pd.DataFrame(list(shown.rows[:ROWS_SHOWN]), columns=list(shown.columns))
        st.dataframe(frame, hide_index=True, height="content" if len(frame) < 7 else 250, key=f"{prefix}preview")


def show_reading(shown: TablePreview, prefix: str = "") -> None:
    """The preview, and the controls to change it in a drawer below."""
    show_preview(shown, prefix)
    with st.expander(
        _("Looks wrong? Change how the file is read"), icon=":material/tune:", key=f"{prefix}reading_controls"
    ):
        show_controls(shown, prefix)


def show_controls(shown: TablePreview, prefix: str = "") -> None:
    """A control for each part of the reading; a change re-reads the file at once."""
    format = shown.format
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if shown.sheets:
            url_select(f"{prefix}sheet", _("Sheet"), shown.sheets, format.sheet or shown.sheets[0])
        if format.encoding:
            known = dict.fromkeys((format.encoding, *ENCODINGS))
            url_select(f"{prefix}encoding", _("Encoding"), list(known), format.encoding, encoding_name)
        if format.delimiter:
            names = {value: name for name, value in DELIMITERS.items()}
            url_select(
                f"{prefix}delimiter",
                _("Columns are separated by"),
                list(DELIMITERS),
                names[format.delimiter],
                delimiter_name,
            )
        headers = list(range(LAST_HEADER_ROW + 1))
        url_select(f"{prefix}header", _("Column names are in"), headers, format.header_row or 0, _header_name)
        if asked_format(prefix) != TableFormat():
            st.button(
                _("Guess again"), key=f"{prefix}guess_again", icon=":material/refresh:", on_click=forget, args=(prefix,)
            )


def forget(prefix: str = "") -> None:
    """Drop every choice about the reading, and the columns chosen under it."""
    for name in ("sheet", "encoding", "delimiter", "header", "text", "label"):
        st.query_params.pop(f"{prefix}{name}", None)


def url_select(
    parameter: str, label: str, options: Sequence[T], current: T, format_func: Callable[[T], str] = str
) -> None:
    """A selectbox whose choice goes into the URL under `parameter`. `options` are shown and written as they are."""
    key = f"select_{parameter}"
    names = {option: format_func(option) for option in options}

    def choose() -> None:
        st.query_params[parameter] = str(st.session_state[key])

    if st.session_state.get(key) != current:
        st.session_state[key] = current
    st.selectbox(label, options, key=key, format_func=names.__getitem__, on_change=choose)


def encoding_name(codec: str) -> str:
    return {
        "utf-8": _("Unicode (UTF-8)"),
        "utf-8-sig": _("Unicode with mark (UTF-8)"),
        "gb18030": _("Chinese (GB18030, GBK)"),
        "big5": _("Traditional Chinese (Big5)"),
        "utf-16": _("Unicode (UTF-16)"),
        "cp1252": _("Western European (Windows-1252)"),
    }.get(codec, codec)


def delimiter_name(name: str) -> str:
    return {"comma": _("Comma  ,"), "semicolon": _("Semicolon  ;"), "tab": _("Tab"), "bar": _("Vertical bar  |")}[name]


def _header_name(row: int) -> str:
    return _("Row {n}").format(n=row) if row else _("No row: there are none")


def _size(shown: TablePreview) -> str:
    rows = ngettext("{n} row", "{n} rows", shown.n_rows).format(n=f"{shown.n_rows:,}")
    columns = ngettext("{n} column", "{n} columns", len(shown.columns)).format(n=len(shown.columns))
    return f"{rows} · {columns}"


def _how(shown: TablePreview) -> str:
    format = shown.format
    if format.sheet:
        parts = [_("Sheet “{name}”").format(name=plain(format.sheet))]
    else:
        names = {value: name for name, value in DELIMITERS.items()}
        parts = [encoding_name(format.encoding or "")]
        if format.delimiter in names:
            parts.append(delimiter_name(names[format.delimiter]).split("  ")[0])
    if format.header_row:
        parts.append(_("column names in row {n}").format(n=format.header_row))
    else:
        parts.append(_("no column names"))
    return " · ".join(parts)


@st.cache_resource(max_entries=16, ttl=1800, show_spinner=False)
def _preview(home: Path, upload: Upload, format: TableFormat) -> TablePreview:
    return workspace().preview(upload, format)
