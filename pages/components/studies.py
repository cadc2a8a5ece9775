"""Heavy parts of a report: a card each, with a start button and its minutes, live progress, and what was found."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.domain.job import Job, JobStatus, Wish
from core.domain.model import ModelVersion
from core.domain.study import StudyPlan, StudyRecord
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import say
from pages.components.fairness import show_fairness
from pages.components.fairness_wording import show_fairness_wording
from pages.components.job_failure import show_job_failure
from pages.components.label_review import show_fixes_gain, show_label_mistakes
from pages.components.layout import format_seconds_range, format_time, plain, show_error, tells_errors
from pages.components.learning_curve import show_learning_curve
from pages.components.robustness import show_robustness
from pages.components.session import workspace
from pages.components.stages import duration_words, progress_words

REFRESH_SECONDS = 2

Renderer = Callable[[StudyRecord, ModelVersion], None]

#: by the study's name: draws what it found
RENDERERS: dict[str, Renderer] = {
    "label_mistakes": show_label_mistakes,
    "fixes_gain": show_fixes_gain,
    "learning_curve": show_learning_curve,
    "robustness": show_robustness,
    "fairness": show_fairness,
    "fairness_wording": show_fairness_wording,
}


def show_study(name: str, model: ModelVersion, options: Mapping[str, Any] | None = None) -> None:
    """The card of one study of a model. `options` are what a click on the start asks for."""
    plan = workspace().study_plan(model.id, name, **(options or {}))
    record, job = workspace().study(model.id, name), workspace().study_job(model.id, name)
    with st.container(border=True, gap="small"):
        with st.container(gap=None):
            st.subheader(say(plan.title), anchor=False)
            st.caption(say(plan.help))
        if job is not None and job.status.is_active:
            _show_live(job)
        else:
            if job is not None and job.status is JobStatus.FAILED:
                show_job_failure(job)
            if record is None:
                _show_start(plan, model, options or {})
        if record is not None:
            RENDERERS[name](record, model)
            if job is None or not job.status.is_active:
                _show_again(plan, record, model, options or {})


def _show_start(plan: StudyPlan, model: ModelVersion, options: Mapping[str, Any]) -> None:
    if plan.refusal is not None:
        st.text(say(plan.refusal))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            _("Start"),
            icon=":material/play_arrow:",
            key=f"study_start_{plan.name}_{model.id}",
            on_click=_start,
            args=(model.id, plan.name, dict(options)),
        )
        duration = format_seconds_range(plan.low_seconds, plan.high_seconds)
        st.markdown(f":material/schedule: {duration} · :gray[{_('You can close this tab; it keeps running.')}]")


def _show_again(plan: StudyPlan, record: StudyRecord, model: ModelVersion, options: Mapping[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(
            _("Worked out on {time} in {duration}.").format(
                time=plain(format_time(record.created_at)), duration=duration_words(record.seconds)
            ),
            width="content",
        )
        st.button(
            _("Run again"),
            icon=":material/refresh:",
            type="tertiary",
            key=f"study_again_{plan.name}_{model.id}",
            disabled=plan.refusal is not None,
            on_click=_start,
            args=(model.id, plan.name, dict(options)),
        )


def _show_live(shown: Job) -> None:
    """Refreshed by itself while the study is under way; when that ends the page is drawn anew."""

    @st.fragment(run_every=REFRESH_SECONDS)
    @tells_errors
    def live() -> None:
        job = workspace().job(shown.id)
        if (job.status, job.wish) != (shown.status, shown.wish):
            st.rerun()
        is_ending = job.wish is Wish.CANCEL
        words = _("Cancelling; it ends after the current step.") if is_ending else progress_words(job)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(1.0, max(0.0, job.percent / 100)), text=words)
            st.button(
                _("Cancel"),
                type="tertiary",
                icon=":material/cancel:",
                key=f"study_cancel_{job.id}",
                disabled=is_ending,
                on_click=_cancel,
                args=(job.id,),
            )

    live()


def _start(model_id: int, name: str, options: dict[str, Any]) -> None:
    try:
        workspace().start_study(model_id, name, **options)
    except UserError as error:
        show_error(error)


def _cancel(job_id: int) -> None:
    try:
        workspace().cancel(job_id)
    except UserError:  # it has just ended, and is shown as it is now
        return
