"""Likely wrong categories, checked one by one in place: keep, change or leave out, by click or key; then a corrected version."""

import streamlit as st

from core.datasets.limited_child import Progress
from core.domain.dataset import Dataset, Split
from core.domain.label_mistake import LabelMistake, LabelVerdict
from core.domain.model import ModelVersion
from core.domain.study import StudyRecord
from core.errors import UserError
from core.evaluation.label_mistakes import N_NEIGHBOURS
from core.i18n import gettext as _
from core.i18n import ngettext, say
from core.studies.fixes_gain import FixesGainResult, certainty_sentence, gain_sentence
from core.studies.label_mistakes import LabelMistakesResult, found_sentence
from pages.components import keys
from pages.components.layout import format_percent, page_link, plain, show_error, tells_errors
from pages.components.pair_texts import halves_of, show_text
from pages.components.session import workspace
from pages.components.working import work_in_words


def show_label_mistakes(record: StudyRecord, model: ModelVersion) -> None:
    result: LabelMistakesResult = record.result
    st.text(say(found_sentence(result)))
    if result.mistakes:
        _review(model.id, model.dataset_id, result.mistakes)


def show_fixes_gain(record: StudyRecord, model: ModelVersion) -> None:
    result: FixesGainResult = record.result
    corrected = workspace().corrected_version(model.dataset_id)
    if corrected is not None and corrected.id != record.options.get("dataset_id"):
        st.caption(_("This was measured with other corrections than the present ones; run it again."))
    with st.container(gap="xsmall"):
        st.text(say(gain_sentence(result)))
        st.text(say(certainty_sentence(result)))


@st.fragment
@tells_errors
def _review(model_id: int, dataset_id: str, mistakes: tuple[LabelMistake, ...]) -> None:
    dataset = workspace().dataset(dataset_id)
    decisions = workspace().label_decisions(dataset_id)
    decided = {(one.file, one.row) for one in decisions}
    waiting = [one for one in mistakes if (one.file, one.row) not in decided]
    n_checked = len(mistakes) - len(waiting)
    st.progress(n_checked / len(mistakes), text=_("{n} of {all} checked").format(n=n_checked, all=len(mistakes)))
    if waiting:
        _show_one(model_id, dataset, waiting[0], can_undo=bool(decisions))
    else:
        st.caption(_("You have checked them all."))
        _undo_button(model_id, dataset_id, can_undo=bool(decisions))
    _show_corrected(model_id, dataset)


def _show_one(model_id: int, dataset: Dataset, mistake: LabelMistake, *, can_undo: bool) -> None:
    row = workspace().dataset_rows(dataset.id, row_numbers=[mistake.row], file=mistake.file)
    with st.container(border=True, gap="small"):
        if len(row):
            show_text(str(row["text"].iat[0]), halves_of(dataset))
        with st.container(gap=None):
            st.text(
                _("Given: “{given}”. Likely: “{likely}”.").format(given=mistake.given, likely=mistake.likely),
            )
            st.caption(plain(_why(mistake)))
    decide = {"args": (dataset.id, mistake), "on_click": _decide}
    key = f"{model_id}_{mistake.file}_{mistake.row}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            _("Keep “{label}”").format(label=plain(mistake.given)),
            shortcut="1",
            key=f"label_keep_{key}",
            kwargs={"verdict": LabelVerdict.KEEP},
            **decide,
        )
        st.button(
            _("Change to “{label}”").format(label=plain(mistake.likely)),
            shortcut="2",
            key=f"label_change_{key}",
            kwargs={"verdict": LabelVerdict.CHANGE, "label": mistake.likely},
            **decide,
        )
        st.button(
            _("Leave out"),
            shortcut="3",
            key=f"label_out_{key}",
            kwargs={"verdict": LabelVerdict.LEAVE_OUT},
            **decide,
        )
        other = f"{keys.LABEL_OTHER}_{key}"
        st.selectbox(
            _("Another category"),
            [label for label in dataset.labels if label not in (mistake.given, mistake.likely)],
            index=None,
            key=other,
            placeholder=_("Another category"),
            label_visibility="collapsed",
            width=220,
            on_change=_decide_other,
            args=(dataset.id, mistake, other),
        )
        _undo_button(model_id, dataset.id, can_undo=can_undo)


def _undo_button(model_id: int, dataset_id: str, *, can_undo: bool) -> None:
    st.button(
        _("Undo"),
        icon=":material/undo:",
        type="tertiary",
        shortcut="u",
        key=f"label_undo_{model_id}",
        disabled=not can_undo,
        on_click=_undo,
        args=(dataset_id,),
    )


def _why(mistake: LabelMistake) -> str:
    where = _("Row {row}.").format(row=mistake.row)
    votes = ngettext(
        "Of the {all} rows nearest to it {n} is “{likely}”; a draft that did not know it is {share} sure of that.",
        "Of the {all} rows nearest to it {n} are “{likely}”; a draft that did not know it is {share} sure of that.",
        mistake.n_votes,
    ).format(all=N_NEIGHBOURS, n=mistake.n_votes, likely=mistake.likely, share=format_percent(mistake.proba_likely))
    exam = _("It is in the exam: correcting it changes what the model is measured by.")
    return " ".join([where, votes, *([exam] if mistake.split == Split.EXAM.value else [])])


def _show_corrected(model_id: int, dataset: Dataset) -> None:
    """The way from decisions to a version of the data in which they are done."""
    corrected = workspace().corrected_version(dataset.id)
    if corrected is not None:
        with st.container(horizontal=True):
            page_link("data", _("The corrected data"), icon=":material/table_view:", dataset=corrected.id)
            page_link("train", _("Train on it"), icon=":material/model_training:", dataset=corrected.id)
    elif (n := workspace().n_corrections(dataset.id)) and st.button(
        ngettext("Make a corrected data set: {n} correction", "Make a corrected data set: {n} corrections", n).format(
            n=n
        ),
        icon=":material/done_all:",
        key=f"label_apply_{model_id}",
    ):
        _apply(dataset)


def _apply(dataset: Dataset) -> None:
    verbs = workspace()

    def make(progress: Progress) -> Dataset:
        return verbs.apply_decisions(dataset.id, progress=progress)

    try:
        work_in_words(f"decisions {dataset.id}", make)
    except UserError as error:
        show_error(error)
    else:
        st.rerun()


def _decide(dataset_id: str, mistake: LabelMistake, *, verdict: LabelVerdict, label: str = "") -> None:
    try:
        workspace().decide_label(dataset_id, mistake.file, mistake.row, verdict, label)
    except UserError as error:
        show_error(error)


def _decide_other(dataset_id: str, mistake: LabelMistake, key: str) -> None:
    if (label := st.session_state[key]) is not None:
        _decide(dataset_id, mistake, verdict=LabelVerdict.CHANGE, label=label)


def _undo(dataset_id: str) -> None:
    try:
        workspace().take_back_decision(dataset_id)
    except UserError as error:
        show_error(error)
