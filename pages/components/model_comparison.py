"""Two models on the same exam: who is better where, and every answer that changed."""

from dataclasses import replace

import pandas
import streamlit as st

from core.domain.model import ModelVersion
from core.domain.run import Run
from core.errors import UserError
from core.evaluation.two_models import Change, ModelComparison, verdict, where
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components.exam_table import as_csv
from pages.components.layout import go, plain
from pages.components.pair_texts import Halves, row_height, text_cells, text_columns
from pages.components.session import workspace
from pages.components.url_state import url_segments

SHOWN_LIMIT = 500


def compared(first: Run, second: Run) -> ModelComparison | None:
    """None where one has no model, its answers are gone, or their exams share nothing."""
    if first.model_id is None or second.model_id is None:
        return None
    try:
        found = workspace().compare_models(first.model_id, second.model_id)
    except UserError:
        return None
    if first.name != second.name:
        return found
    return replace(
        found, first=f"{first.name} (#{first.id})", second=f"{second.name} (#{second.id})"
    )  # as the page does


def show_verdict(found: ModelComparison) -> None:
    """Who is better, whether that may be chance, and in which categories."""
    st.markdown(f"**{plain(say(verdict(found)))}**")
    if sentences := where(found):
        st.markdown("\n".join(f"- {plain(say(sentence))}" for sentence in sentences))
    if (left_out := _left_out(found)) is not None:
        st.caption(left_out)


def show_model_comparison(found: ModelComparison, halves: Halves = ()) -> None:
    """Category by category, and every answer that changed."""
    st.subheader(_("Category by category"), anchor=False)
    _show_labels(found)
    _show_changed(found, halves)


def compare_picker(model: ModelVersion) -> None:
    """Another model of the same table to compare `model` with, newest first; nothing where there is none."""
    family = workspace().dataset(model.dataset_id).family
    versions = {dataset.id for dataset in workspace().datasets() if dataset.family == family}
    found = (other for other in workspace().models() if other.id != model.id and other.dataset_id in versions)
    others = {other.id: other for other in found}
    if not others:
        return
    with st.popover(_("Compare"), icon=":material/compare_arrows:"):
        chosen = st.selectbox(
            _("Compare with"),
            list(others),
            format_func=lambda model_id: f"{others[model_id].name} (#{model_id})",
            key=f"compare_with_{model.id}",
        )
        if st.button(_("Compare these two"), type="primary", key=f"compare_{model.id}"):
            go("runs", model=chosen, other=model.id)


def _left_out(found: ModelComparison) -> str | None:
    if found.n == found.n_first_exam == found.n_second_exam:
        return None
    words = _("Their exams have {first} and {second} examples; {n} of them are the same in both.").format(
        first=found.n_first_exam, second=found.n_second_exam, n=found.n
    )
    if found.n_relabeled:
        words += " " + ngettext(
            "{n} more was given another category in between.",
            "{n} more were given another category in between.",
            found.n_relabeled,
        ).format(n=found.n_relabeled)
    return words


def _show_labels(found: ModelComparison) -> None:
    table = pandas.DataFrame(
        {
            "label": [one.label for one in found.labels],
            "n": [one.n for one in found.labels],
            "first": [100 * one.n_first / one.n for one in found.labels],
            "second": [100 * one.n_second / one.n for one in found.labels],
            "more": [one.more for one in found.labels],
        }
    )
    share = {"format": "%.0f%%", "min_value": 0, "max_value": 100}
    st.dataframe(
        table,
        hide_index=True,
        row_height=36,
        height="content" if len(table) <= 10 else 400,
        alt=_("Right answers of both models, category by category"),
        column_config={
            "label": st.column_config.TextColumn(_("Category"), width="medium"),
            "n": st.column_config.NumberColumn(_("In the exam")),
            "first": st.column_config.ProgressColumn(_first(found), **share),
            "second": st.column_config.ProgressColumn(_second(found), **share),
            "more": st.column_config.NumberColumn(
                _("Difference"), help=_("Examples that the second is right on more often."), format="%+d"
            ),
        },
    )


def _show_changed(found: ModelComparison, halves: Halves) -> None:
    st.subheader(_("Answers that changed"), anchor=False)
    if not found.changed:
        st.caption(_("None: both answer every example alike."))
        return
    counts = {change: sum(one.change is change for one in found.changed) for change in Change}
    kinds = {
        "": _("All ({n})").format(n=len(found.changed)),
        Change.GAINED.value: _("Only the second is right ({n})").format(n=counts[Change.GAINED]),
        Change.LOST.value: _("Only the first is right ({n})").format(n=counts[Change.LOST]),
        Change.OTHER.value: _("Both wrong ({n})").format(n=counts[Change.OTHER]),
    }
    chosen = url_segments("changed", _("Which answers"), kinds)
    rows = [one for one in found.changed if chosen in ("", one.change.value)]
    table = pandas.DataFrame(
        [(one.row, one.text, one.label, one.first, one.second) for one in rows],
        columns=["row", "text", "label", "first", "second"],
    )
    shown = table.head(SHOWN_LIMIT)
    st.dataframe(
        shown.assign(**text_cells(shown["text"], halves)),
        hide_index=True,
        row_height=row_height(halves),
        height="content" if len(table) <= 10 else 400,
        column_order=["row", *text_columns(halves, 400), "label", "first", "second"],
        alt=_("Exam examples that the two models answer differently"),
        column_config={
            "row": st.column_config.NumberColumn(_("Row"), width="small", format="%d"),
            **text_columns(halves, 400),
            "label": st.column_config.TextColumn(_("True category"), width=160),
            "first": st.column_config.TextColumn(_first(found), width=160),
            "second": st.column_config.TextColumn(_second(found), width=160),
        },
    )
    if len(table) > SHOWN_LIMIT:
        st.caption(_("The first {shown} of {n} rows; the download holds all.").format(shown=SHOWN_LIMIT, n=len(table)))
    st.download_button(
        _("Download as .csv"),
        lambda: as_csv(table),
        file_name="changed-answers.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _first(found: ModelComparison) -> str:
    return _("First: {name}").format(name=found.first)


def _second(found: ModelComparison) -> str:
    return _("Second: {name}").format(name=found.second)
