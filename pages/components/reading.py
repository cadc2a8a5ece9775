"""How a file is read: a preview of its first rows, and a control for each thing that was guessed.

Everything chosen here is in the URL (?encoding=, ?delimiter=, ?header=, ?sheet=, …), so a refresh keeps it.
"""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pandas as pd
import streamlit as st

from core.datasets.reading import ENCODINGS
from core.domain.dataset import TableFormat, TablePreview, Upload
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components.layout import plain
from pages.components.session import workspace
from pages.components.url_state import url_select

T = TypeVar("T")

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "none": ""}
FLAGS = {"yes": True, "no": False}
LAST_HEADER_ROW = 20  #: offered to choose from; titles above a table are rarely longer
MAX_NUMBER = 100_000  #: of a row or column in the URL
ROWS_SHOWN = 50
COLUMNS_SHOWN = 60  #: a browser gets slow with thousands


class Parameter(NamedTuple):
    """How one field of `TableFormat` stands in the URL. `parse` gives None for what makes no sense: then it is guessed."""

    name: str
    parse: Callable[[str], Any]
    write: Callable[[Any], str]


def _whole_number(text: str) -> int | None:
    return min(int(text), MAX_NUMBER) if text.isdecimal() else None


def _delimiter(text: str) -> str | None:
    return DELIMITERS.get(text, text if len(text) == 1 else None)


def _delimiter_key(delimiter: str) -> str:
    return next((key for key, value in DELIMITERS.items() if value == delimiter), delimiter)


SHORT_NAMES = {"header_row": "header", "smart_quotes": "quotes", "fill_merged": "merged", "joined_column": "surplus"}
BY_TYPE: dict[Any, tuple[Callable[[str], Any], Callable[[Any], str]]] = {
    str | None: (lambda text: text or None, str),
    int | None: (_whole_number, str),
    bool | None: (FLAGS.get, lambda flag: "yes" if flag else "no"),
}
PARAMETERS = {
    field.name: Parameter(SHORT_NAMES.get(field.name, field.name), *BY_TYPE[field.type])
    for field in fields(TableFormat)
} | {"delimiter": Parameter("delimiter", _delimiter, _delimiter_key)}


def asked_format(prefix: str = "") -> TableFormat:
    """The reading that the URL asks for; what it does not name is guessed. `prefix` tells two files apart."""
    asked = st.query_params
    return TableFormat(
        **{field: one.parse(asked.get(f"{prefix}{one.name}", "")) for field, one in PARAMETERS.items()},
    )


def ask_for_format(format: TableFormat, prefix: str = "") -> None:
    """Put a whole reading into the URL. Columns chosen under another one are forgotten."""
    forget(prefix)
    for field, one in PARAMETERS.items():
        value = getattr(format, field)
        if value is not None:
            st.query_params[f"{prefix}{one.name}"] = one.write(value)


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
    if not shown.columns:
        return
    columns = shown.columns[:COLUMNS_SHOWN]
    frame = pd.DataFrame([row[: len(columns)] for row in shown.rows[:ROWS_SHOWN]], columns=list(columns))
    st.dataframe(frame, hide_index=True, height="content" if len(frame) < 7 else 250, key=f"{prefix}preview")
    if len(columns) < len(shown.columns):
        st.caption(_("The first {n} columns are shown.").format(n=len(columns)))


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
        if len(shown.sheets) > 1:
            url_select(f"{prefix}sheet", _("Sheet or file inside"), shown.sheets, format.sheet or shown.sheets[0])
        if format.encoding is not None:
            show_encodings(format.encoding, prefix)
        if format.delimiter is not None:
            show_delimiters(format.delimiter, prefix)
        show_header_rows(format.header_row or 0, prefix)
        _flag_select(f"{prefix}quotes", _("Curly quotes “…” enclose cells"), format.smart_quotes)
        _flag_select(f"{prefix}merged", _("Merged cells count for every row"), format.fill_merged)
        if asked_format(prefix) != TableFormat():
            st.button(
                _("Guess again"), key=f"{prefix}guess_again", icon=":material/refresh:", on_click=forget, args=(prefix,)
            )


def show_encodings(current: str, prefix: str = "") -> None:
    known = dict.fromkeys((current, *ENCODINGS))
    url_select(f"{prefix}encoding", _("Encoding"), list(known), current, encoding_name)


def show_delimiters(current: str, prefix: str = "") -> None:
    names = {value: name for name, value in DELIMITERS.items()}
    url_select(
        f"{prefix}delimiter",
        _("Columns are separated by"),
        list(DELIMITERS),
        names.get(current, "none"),
        delimiter_name,
    )


def show_header_rows(current: int, prefix: str = "") -> None:
    headers = list(range(max(LAST_HEADER_ROW, current) + 1))
    url_select(f"{prefix}header", _("Column names are in"), headers, current, _header_name)


def _flag_select(parameter: str, label: str, current: bool | None) -> None:
    """For what only some files have; nothing for the others."""
    if current is not None:
        names = {"yes": _("Yes"), "no": _("No")}
        url_select(parameter, label, list(FLAGS), "yes" if current else "no", names.__getitem__)


def forget(prefix: str = "") -> None:
    """Drop every choice about the reading, and the columns chosen under it."""
    for name in (*(one.name for one in PARAMETERS.values()), "text", "first", "second", "label"):
        st.query_params.pop(f"{prefix}{name}", None)


def encoding_name(codec: str) -> str:
    return {
        "utf-8": _("Unicode (UTF-8)"),
        "utf-8-sig": _("Unicode with mark (UTF-8)"),
        "gb18030": _("Chinese (GB18030, GBK)"),
        "big5": _("Traditional Chinese (Big5)"),
        "shift_jis": _("Japanese (Shift-JIS)"),
        "utf-16": _("Unicode (UTF-16)"),
        "utf-16-le": _("Unicode (UTF-16, little end first)"),
        "utf-16-be": _("Unicode (UTF-16, big end first)"),
        "cp1252": _("Western European (Windows-1252)"),
    }.get(codec, codec)


def delimiter_name(name: str) -> str:
    return {
        "comma": _("Comma  ,"),
        "semicolon": _("Semicolon  ;"),
        "tab": _("Tab"),
        "bar": _("Vertical bar  |"),
        "none": _("Nothing: one column only"),
    }.get(name, name)


def _header_name(row: int) -> str:
    return _("Row {n}").format(n=row) if row else _("No row: there are none")


def _size(shown: TablePreview) -> str:
    rows = ngettext("{n} row", "{n} rows", shown.n_rows).format(n=f"{shown.n_rows:,}")
    columns = ngettext("{n} column", "{n} columns", len(shown.columns)).format(n=len(shown.columns))
    return f"{rows} · {columns}"


def _how(shown: TablePreview) -> str:
    format = shown.format
    parts = []
    if format.sheet:
        parts.append(_("“{name}”").format(name=plain(format.sheet)))
    if format.encoding:
        parts.append(plain(encoding_name(format.encoding)))
    if format.delimiter:
        parts.append(plain(delimiter_name(_delimiter_key(format.delimiter)).split("  ")[0]))
    if format.header_row:
        parts.append(_("column names in row {n}").format(n=format.header_row))
    else:
        parts.append(_("no column names"))
    return " · ".join(parts)


@st.cache_resource(max_entries=16, ttl=1800, show_spinner=False)
def _preview(home: Path, upload: Upload, format: TableFormat) -> TablePreview:
    return workspace().preview(upload, format)
