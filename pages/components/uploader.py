"""The file uploader, in the reader's language. A file goes to the workspace at once; the widget never keeps it."""

import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import BinaryIO

import streamlit as st

from core.domain.dataset import Upload
from core.errors import NotFound, UserError
from core.i18n import gettext as _
from core.settings import MAX_UPLOAD_BYTES
from pages.components import keys
from pages.components.layout import show_error
from pages.components.session import workspace

TABLE_TYPES = ["csv", "tsv", "txt", "xlsx", "xlsm", "csv.gz", "gz", "zip"]  #: what the reader opens
NAMED_TYPES = "CSV, TSV, TXT, XLSX, ZIP, GZ"

# Streamlit's own words in the uploader cannot be translated: they are hidden and ours stand in their place.
_WORDS = """<style>
.st-key-{key} [data-testid="stFileUploaderDropzone"] button p,
.st-key-{key} [data-testid="stFileUploaderDropzoneInstructions"] span {{ font-size: 0 }}
.st-key-{key} [data-testid="stFileUploaderDropzone"] button p::after {{ content: "{button}"; font-size: 0.9375rem }}
.st-key-{key} [data-testid="stFileUploaderDropzoneInstructions"] span::after {{ content: "{limits}"; font-size: 0.875rem }}
</style>"""


def upload_file(key: str, label: str, *, on_received: Callable[[Upload], None], help: str | None = None) -> None:
    """An uploader for one table. Every file is streamed into the workspace and handed to `on_received`.

    A file that is refused is shown as an error below the uploader, once.
    """
    show_uploader(key, label, types=TABLE_TYPES, words=_limits(), take=partial(_receive, on_received), help=help)


def show_uploader(
    key: str,
    label: str,
    *,
    types: Sequence[str],
    words: str,
    take: Callable[[BinaryIO, str], None],
    help: str | None = None,
) -> None:
    """An uploader for one file of these `types`, which `words` name. `take` gets its content and its name.

    A UserError that `take` raises is shown below the uploader, once.
    """
    turn = st.session_state.setdefault(f"{keys.UPLOAD_TURN}:{key}", 0)
    widget = f"{key}_{turn}"
    with st.container(key=f"uploader_{key}", gap=None):
        st.html(_WORDS.format(key=f"uploader_{key}", button=_css(_("Choose a file")), limits=_css(words)))
        st.file_uploader(
            label,
            type=types,
            key=widget,
            help=help,
            on_change=_ingest,
            args=(key, widget, take),
        )
    show_refusal(key)


def receive_text(key: str, text: str, filename: str, on_received: Callable[[Upload], None]) -> None:
    """Take cells pasted from a spreadsheet as if they had come as a file."""
    _take(key, io.BytesIO(text.encode()), filename, partial(_receive, on_received))


def show_refusal(key: str) -> None:
    error = st.session_state.pop(f"{keys.UPLOAD_ERROR}:{key}", None)
    if isinstance(error, UserError):
        show_error(error)


def upload_from_url(parameter: str) -> Upload | None:
    """The upload whose sha256 the URL names; None when the URL names none or it is not here (any more)."""
    sha256 = st.query_params.get(parameter, "")
    if not sha256:
        return None
    try:
        return workspace().upload(sha256)
    except NotFound:
        return None


def _ingest(key: str, widget: str, take: Callable[[BinaryIO, str], None]) -> None:
    file = st.session_state[widget]
    if file is None:
        return
    _take(key, file, file.name, take)
    st.session_state[f"{keys.UPLOAD_TURN}:{key}"] += 1


def _receive(on_received: Callable[[Upload], None], stream: BinaryIO, filename: str) -> None:
    on_received(workspace().receive_upload(stream, filename))


def _take(key: str, stream: BinaryIO, filename: str, take: Callable[[BinaryIO, str], None]) -> None:
    try:
        take(stream, filename)
    except UserError as error:
        st.session_state[f"{keys.UPLOAD_ERROR}:{key}"] = error


def _limits() -> str:
    return _("or drop one here · {types} · up to {limit} MB").format(types=NAMED_TYPES, limit=MAX_UPLOAD_BYTES >> 20)


def _css(text: str) -> str:
    """`text` inside a CSS string: no quote, backslash or tag of a translation can end it."""
    return "".join(c if c.isalnum() or c in " ,.·" else f"\\{ord(c):x} " for c in text)
