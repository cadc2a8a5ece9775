"""The repairs of a dataset in words, each with Undo; the same again on another table; more rows below."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.datasets.limited_child import Progress
from core.datasets.operations import title_of
from core.domain.dataset import Dataset, Upload
from core.domain.message import msg, nmsg
from core.errors import BadData
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components import keys
from pages.components.changes import Change, ask_for, effect_in_words, show_change, undo
from pages.components.dataset_view import name_of, repairs_of
from pages.components.layout import plain
from pages.components.session import workspace
from pages.components.uploader import show_uploader, upload_file

MAX_LIST_BYTES = 50 << 20
REPAIRS_NAMED = 6
PLACE, REPLAY, OFFER, APPEND = "repairs", "replay", "offer", "append"  #: see changes.Change


def show_repairs(dataset: Dataset) -> None:
    """What was done since the upload, in order; the last can be undone as well as the first."""
    n = len(dataset.operations)
    if not n:
        st.info(
            _("No repairs yet. What the checks find can be mended with one click; each repair is listed here."),
            icon=":material/build:",
        )
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        title = ngettext("{n} repair since the upload", "{n} repairs since the upload", n).format(n=n)
        st.subheader(title, anchor=False, width="content")
        with st.container(horizontal=True, width="content"):
            st.download_button(
                _("Save as a file"),
                partial(_exported, dataset.id),
                file_name=_("repairs") + ".json",
                mime="application/json",
                icon=":material/download:",
                on_click="ignore",
                help=_("To do the same on next month's table."),
                key="export_repairs",
            )
            st.button(
                _("Undo all"),
                key="undo_all",
                icon=":material/undo:",
                on_click=undo,
                args=(dataset, tuple(range(1, n + 1)), PLACE),
            )
    show_change(dataset, PLACE)
    with st.container(border=True, gap="small", key="repair_list"):
        for position, (operation, effect) in enumerate(zip(dataset.operations, dataset.effects, strict=True), start=1):
            with st.container(
                horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"
            ):
                with st.container(gap=None, width="stretch"):
                    st.markdown(f"{position}\\. **{plain(say(title_of(operation)))}**")
                    st.caption(effect_in_words(effect))
                st.button(
                    _("Undo"),
                    key=f"undo_{dataset.id}_{position}",
                    type="tertiary",
                    icon=":material/undo:",
                    on_click=undo,
                    args=(dataset, (position,), f"undo_{position}"),
                )
            show_change(dataset, f"undo_{position}")


def show_replay(dataset: Dataset) -> None:
    """The repairs of another table: one that is here, or a file that was saved."""
    with st.expander(_("Do the same repairs as on another table"), icon=":material/replay:", key="replay_part"):
        st.caption(_("Rows are found by their texts, not by their numbers."))
        others = workspace().repairs_for(dataset.id)
        if others:
            by_id = {other.id: other for other in others}
            names = {other.id: f"{name_of(other)} · {repairs_of(other)}" for other in others}
            with st.container(horizontal=True, vertical_alignment="bottom"):
                chosen = st.selectbox(
                    _("A table with the same columns"),
                    list(by_id),
                    format_func=names.__getitem__,
                    key=f"{keys.REPLAY_FROM}_{dataset.id}",
                )
                st.button(
                    _("Do the same here"),
                    key="replay_chosen",
                    icon=":material/replay:",
                    on_click=_replay_of,
                    args=(dataset, by_id[chosen], REPLAY),
                )
        show_uploader(
            "replay",
            _("A list of repairs that you saved as a file"),
            types=["json"],
            words=_("or drop one here · JSON"),
            take=partial(_replay_file, dataset),
        )
        show_change(dataset, REPLAY)


def show_append(dataset: Dataset) -> None:
    """More rows of the same columns."""
    with st.expander(_("Add the rows of another file"), icon=":material/playlist_add:", key="append_part"):
        st.caption(
            _("It needs the same columns. Rows that are already here are recognised as copies and do not count twice.")
        )
        upload_file("append", _("A file with more rows"), on_received=partial(_append, dataset))
        show_change(dataset, APPEND)


def show_offer(dataset: Dataset) -> None:
    """On a table without repairs: those of an earlier table with the same columns, in one click."""
    if dataset.operations:
        return
    others = workspace().repairs_for(dataset.id)
    if not others:
        return
    other = others[0]
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        n = len(other.operations)
        with st.container(gap=None, width="stretch"):
            st.markdown(
                ":material/history: "
                + ngettext(
                    "“{name}” has the same columns and {n} repair.", "“{name}” has the same columns and {n} repairs.", n
                ).format(n=n, name=plain(name_of(other)))
            )
            st.caption("; ".join(plain(say(title_of(operation))) for operation in other.operations[:REPAIRS_NAMED]))
        st.button(
            _("Do the same here"),
            key="replay_offer",
            icon=":material/replay:",
            on_click=_replay_of,
            args=(dataset, other, OFFER),
        )
    show_change(dataset, OFFER)


def replay(dataset: Dataset, exported: Mapping[str, Any], place: str) -> None:
    """For callbacks: the repairs of an exported list after those that `dataset` has.

    Raises:
        BadData: it is no such list.
    """

    def make(progress: Progress) -> Dataset:
        return verbs.replay(dataset.id, exported, progress=progress)

    verbs = workspace()
    left_out = len(verbs.not_replayed(exported))
    remark = (
        nmsg(
            "{n} file that was added to the other table was not added here.",
            "{n} files that were added to the other table were not added here.",
            left_out,
        )
        if left_out
        else None
    )
    key = f"replay {dataset.id} {exported}"
    ask_for(Change(dataset_id=dataset.id, place=place, key=key, make=make, remark=remark))


def _replay_of(dataset: Dataset, other: Dataset, place: str) -> None:
    replay(dataset, workspace().export_operations(other.id), place)


def _append(dataset: Dataset, upload: Upload) -> None:
    def make(progress: Progress) -> Dataset:
        return verbs.append(dataset.id, upload, progress=progress)

    verbs = workspace()
    ask_for(Change(dataset_id=dataset.id, place=APPEND, key=f"append {dataset.id} {upload.sha256}", make=make))


def _replay_file(dataset: Dataset, content: Any, filename: str) -> None:
    """Raises BadData: it is no JSON."""
    try:
        exported = json.loads(content.read(MAX_LIST_BYTES))
    except (ValueError, RecursionError):
        exported = None
    if not isinstance(exported, dict):
        raise BadData(
            msg("{filename} is no list of repairs.", filename=filename),
            hint=msg("Choose a .json file that was saved with “Save as a file”."),
        )
    replay(dataset, exported, REPLAY)


def _exported(dataset_id: str) -> bytes:
    return json.dumps(workspace().export_operations(dataset_id), ensure_ascii=False, indent=1).encode()
