"""The versions of a table that differ in repairs: open one, take it along as a file, or see what lies between two.

The version that the shown one is compared with is in the URL (?compare=), so a refresh keeps it.
"""

import tempfile
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from core.datasets.operations import title_of
from core.datasets.rows import REASONS
from core.datasets.writing import MAX_XLSX_ROWS
from core.domain.dataset import Dataset
from core.domain.repair import RowChanges, VersionComparison
from core.domain.task import AnswerKind
from core.errors import NotFound
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components.category_sets import set_in_words
from pages.components.dataset_view import labels_in_words
from pages.components.layout import format_time, page_link, plain, show_error
from pages.components.session import workspace
from pages.components.url_state import url_select

COMPARE = "compare"
VERSIONS_SHOWN, VERSIONS_LISTED = 5, 50


def show_versions(dataset: Dataset) -> None:
    """All versions, the one made last first, and the comparison that was asked for."""
    versions = workspace().versions(dataset.id)[::-1]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(_("Versions"), anchor=False, width="content")
        _show_downloads(dataset)
    if len(versions) < 2:
        st.caption(_("Every repair makes a new version and keeps the old ones. So far there is this one only."))
        return
    with st.container(border=True, gap="small", key="version_list"):
        for version in versions[:VERSIONS_SHOWN]:
            _show_version(version, dataset)
        older = versions[VERSIONS_SHOWN:VERSIONS_LISTED]
        if older:
            title = ngettext("{n} older version", "{n} older versions", len(older)).format(n=len(older))
            with st.expander(title, key="older_versions", type="compact"):
                for version in older:
                    _show_version(version, dataset)
    others = {version.id: describe_version(version) for version in versions if version.id != dataset.id}
    asked = st.query_params.get(COMPARE)
    url_select(
        COMPARE,
        _("Compare with"),
        list(others),
        asked if asked in others else None,
        others.__getitem__,
        _("Choose a version"),
    )
    if asked in others:
        show_version_comparison(asked, dataset.id)


def _show_version(version: Dataset, shown: Dataset) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(describe_version(version), width="content")
        if version.id == shown.id:
            st.badge(_("Shown here"), color="blue")
        else:
            page_link("data", _("Open"), icon=":material/open_in_new:", dataset=version.id, view="repairs")


def describe_version(version: Dataset) -> str:
    n = len(version.operations)
    repairs = ngettext("{n} repair", "{n} repairs", n).format(n=n) if n else _("As uploaded")
    examples = ngettext("{n} example", "{n} examples", version.n_used).format(n=f"{version.n_used:,}")
    return f"{repairs} · {examples} · {labels_in_words(version)} · {format_time(version.created_at)}"


def _show_downloads(dataset: Dataset) -> None:
    with st.popover(_("Download this version"), icon=":material/download:", key="download_version"):
        for suffix, title in ((".xlsx", "Excel (.xlsx)"), (".csv", "CSV (.csv)")):
            too_long = suffix == ".xlsx" and dataset.n_rows >= MAX_XLSX_ROWS
            st.download_button(
                title,
                partial(_exported, dataset.id, suffix),
                file_name=f"{dataset.name}-{dataset.id}{suffix}",
                on_click="ignore",
                disabled=too_long,
                help=_("Excel holds fewer rows.") if too_long else None,
                key=f"download{suffix}",
                width="stretch",
            )
        st.caption(_("All rows after the repairs, those set aside too, each with its reason."))


def _exported(dataset_id: str, suffix: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="tunedesk-export-") as folder:
        path = Path(folder) / f"table{suffix}"
        workspace().export_dataset(dataset_id, path)
        return path.read_bytes()


def show_version_comparison(before_id: str, after_id: str) -> None:
    """What lies between two versions, or two tables, in words and rows."""
    try:
        with st.spinner(_("Comparing every row…")):
            lies_between = _compared(workspace().settings.home, before_id, after_id)
    except NotFound as error:
        show_error(error)
        return
    changes = {
        "label": (
            lies_between.label_changed,
            ngettext(
                "{n} row changed its category", "{n} rows changed their category", lies_between.label_changed.count
            ),
        ),
        "text": (
            lies_between.text_changed,
            ngettext("{n} text was rewritten", "{n} texts were rewritten", lies_between.text_changed.count),
        ),
        "gone": (
            lies_between.taken_out,
            ngettext("{n} row is no longer used", "{n} rows are no longer used", lies_between.taken_out.count),
        ),
        "come": (
            lies_between.added,
            ngettext("{n} row is used that was not", "{n} rows are used that were not", lies_between.added.count),
        ),
    }
    several = workspace().dataset(after_id).answers is AnswerKind.CATEGORIES
    found = {name: pair for name, pair in changes.items() if pair[0].count}
    with st.container(border=True, gap="small", key="comparison"):
        if not found:
            st.markdown(_("No row differs."))
        for name, (rows, title) in found.items():
            expander = st.expander(
                title.format(n=f"{rows.count:,}"), key=f"changed_{name}_{before_id}_{after_id}", on_change="rerun"
            )
            if expander.open:
                with expander:
                    _show_changes(name, rows, several)
        _show_repairs_between(lies_between)
        _show_categories(lies_between)
        st.caption(_exam_in_words(lies_between))


def _show_repairs_between(lies_between: VersionComparison) -> None:
    for title, operations in (
        (_("Repairs that only this version has"), lies_between.operations_after),
        (_("Repairs that only the other version has"), lies_between.operations_before),
    ):
        if operations:
            names = "; ".join(plain(say(title_of(operation))) for operation in operations)
            st.markdown(f"**{title}:** {names}")


def _show_changes(name: str, changes: RowChanges, several: bool) -> None:
    shown = {"reason": _reason} | ({"before_label": set_in_words, "after_label": set_in_words} if several else {})
    columns = {
        "label": {"row": _("Row"), "after_text": _("Text"), "before_label": _("Before"), "after_label": _("After")},
        "text": {"row": _("Row"), "before_text": _("Before"), "after_text": _("After")},
        "gone": {"row": _("Row"), "before_text": _("Text"), "before_label": _("Category"), "reason": _("Reason")},
        "come": {"row": _("Row"), "after_text": _("Text"), "after_label": _("Category")},
    }[name]
    frame = pd.DataFrame(
        [{column: shown.get(column, str)(getattr(row, column)) for column in columns} for row in changes.rows]
    )
    st.dataframe(
        frame,
        hide_index=True,
        height="content" if len(frame) < 9 else 320,
        column_config={column: st.column_config.Column(title) for column, title in columns.items()},
    )
    if changes.count > len(changes.rows):
        st.caption(_("The first {n} are shown.").format(n=len(changes.rows)))


def _reason(reason: str) -> str:
    return say(REASONS[reason]) if reason in REASONS else ""


def _show_categories(lies_between: VersionComparison) -> None:
    """Only those whose number differs."""
    differ = {label: counts for label, counts in lies_between.label_counts.items() if counts[0] != counts[1]}
    if not differ:
        return
    frame = pd.DataFrame(
        {
            "label": list(differ),
            "before": [before for before, _after in differ.values()],
            "after": [after for _before, after in differ.values()],
            "more": [after - before for before, after in differ.values()],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        key="categories_between",
        height="content" if len(frame) < 12 else 420,
        column_config={
            "label": st.column_config.TextColumn(_("Category")),
            "before": st.column_config.NumberColumn(_("Examples before"), format="localized"),
            "after": st.column_config.NumberColumn(_("Examples after"), format="localized"),
            "more": st.column_config.NumberColumn(_("Difference"), format="%+d"),
        },
    )


def _exam_in_words(lies_between: VersionComparison) -> str:
    if lies_between.n_exam_before == lies_between.n_exam_after == lies_between.n_exam_kept:
        return _("The exam is the same, so models of both can be compared.")
    return _("{kept} of {before} exam rows are in the exam of both; now it has {after}.").format(
        kept=f"{lies_between.n_exam_kept:,}",
        before=f"{lies_between.n_exam_before:,}",
        after=f"{lies_between.n_exam_after:,}",
    )


@st.cache_resource(max_entries=8, ttl=1800, show_spinner=False)
def _compared(home: Path, before_id: str, after_id: str) -> VersionComparison:
    return workspace().compare_versions(before_id, after_id)
