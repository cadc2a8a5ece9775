"""One run, live while it lasts: state, stages, time left, one sentence, the first answer; afterwards the result."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.domain.job import Job, JobStatus, Wish
from core.domain.run import Run, Score
from core.domain.several import SeveralScore
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import say
from pages.components import keys
from pages.components.history import back_to_all_runs, confirm_delete, rename_button, short_result, train_again_button
from pages.components.layout import (
    MetricCard,
    format_seconds_range,
    go,
    metric_cards,
    page_header,
    plain,
    show_error,
    status_badge,
    tells_errors,
)
from pages.components.live_chart import live_chart
from pages.components.next_steps import show_next_steps
from pages.components.recipes import kept_words, preset_title, settings_table
from pages.components.session import workspace
from pages.components.stages import duration_words, progress_words, right_of, stages_of, stages_row
from pages.components.tracking import show_tracking
from pages.components.tried import show_tried

REFRESH_SECONDS = 2
TRIED_REFRESH_SECONDS = 10


def show_run(run: Run, job: Job | None) -> None:
    """The page of one run. `job` is None once its entry was deleted."""
    header = page_header(plain(run.name), f"{plain(run.dataset_name)} · {preset_title(run.recipe.preset)}")
    back_to_all_runs()
    _show_notice()
    if job is not None and job.status.is_active:
        _show_active_buttons(header, job)
        _live_card(run.id, job)
    else:
        _show_ended_buttons(header, run, job)
        _show_ended(run, job)
        show_next_steps(run)
    if run.recipe.technique == "draft":
        st.caption(_("A Quick run makes its answer in one go: there is no curve to watch."))
    else:
        live_chart(run)
    if run.recipe.search_minutes or run.recipe.folds:
        _tried(run)
    _details(run, job)


def _tried(run: Run) -> None:
    """Drawn anew while trials come in."""

    @st.fragment(run_every=TRIED_REFRESH_SECONDS if run.status.is_active else None)
    @tells_errors
    def tried() -> None:
        now = workspace().run(run.id)
        if now.search is not None:
            show_tried(now.search)

    tried()


def _show_notice() -> None:
    if st.session_state.pop(keys.RUNS_NOTICE, None) == keys.NOTICE_UNDER_WAY:
        st.info(
            _("This very training was already under way, so it was not started a second time. Here it is."),
            icon=":material/info:",
        )


def _show_active_buttons(header: DeltaGenerator, job: Job) -> None:
    if job.status is JobStatus.RUNNING and header.button(
        _("Stop and keep the best"),
        icon=":material/stop_circle:",
        disabled=job.wish is not Wish.NONE,
        help=_("Ends the training now; the best model so far takes the exam and is kept."),
    ):
        _act(workspace().stop, job.id)
    if header.button(
        _("Cancel and delete"), icon=":material/cancel:", type="tertiary", disabled=job.wish is Wish.CANCEL
    ):
        _confirm_cancel(job)


def _act(verb: Callable[[int], object], job_id: int) -> None:
    """Do it and show the page anew; a job that ended in the meantime is simply shown as it is now."""
    try:
        verb(job_id)
    except UserError as error:
        show_error(error)
    else:
        st.rerun()


def _confirm_cancel(job: Job) -> None:
    @st.dialog(_("Cancel this training?"))
    def ask() -> None:
        st.markdown(
            _(
                "It stops, and what it has learned so far is thrown away: there will be no model. Its entry stays in "
                "the list, marked as cancelled. To keep what it has learned, choose “Stop and keep the best” instead."
            )
        )
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(_("Let it run"), key="cancel_no"):
                st.rerun()
            if st.button(_("Cancel it"), type="primary", icon=":material/cancel:", key="cancel_yes"):
                _act(workspace().cancel, job.id)

    ask()


def _live_card(run_id: int, shown: Job) -> None:
    """Refreshed by itself; when the job's state is no longer the one the page was drawn for, the page is drawn anew."""

    @st.fragment(run_every=REFRESH_SECONDS)
    @tells_errors
    def card() -> None:
        job, run = workspace().job(shown.id), workspace().run(run_id)
        if (job.status, job.wish) != (shown.status, shown.wish):
            st.rerun()
        label, color, icon = status_badge(job.status)
        stages = stages_of(run.recipe)
        with st.container(border=True):
            st.markdown(f":{color}-badge[{icon} {label}] **{progress_words(job)}**")
            st.progress(min(1.0, max(0.0, job.percent / 100)))
            st.markdown(stages_row(job, stages))
            st.markdown("  \n".join(_live_lines(job, run)))

    card()


def _live_lines(job: Job, run: Run) -> list[str]:
    lines = []
    if job.wish is Wish.STOP:
        lines.append("**" + _("Stopping: the best so far takes the exam and is kept.") + "**")
    elif job.wish is Wish.CANCEL:
        lines.append("**" + _("Cancelling; it ends after the current step.") + "**")
    elif run.live_sentence is not None:
        lines.append(f"**{plain(say(run.live_sentence))}**")
    if run.draft is not None:
        lines.append(_("First answer: {result}.").format(result=right_of(run.draft)))
    if job.attempt > 1 and job.status is JobStatus.RUNNING:
        lines.append(_("It was interrupted and went on from its last checkpoint."))
    lines.append(f":gray[{_('You can close this tab; it keeps running.')}]")
    return lines


def _show_ended_buttons(header: DeltaGenerator, run: Run, job: Job | None) -> None:
    if run.model_id is not None:
        if header.button(_("Try it"), icon=":material/chat:"):
            go("try", model=run.model_id)
        if header.button(_("See the report"), type="primary", icon=":material/grading:"):
            go("report", model=run.model_id)
    elif job is not None and job.status in (JobStatus.FAILED, JobStatus.CANCELLED):
        label = _("Resume") if job.status is JobStatus.FAILED else _("Start again")
        if header.button(label, type="primary", icon=":material/play_arrow:", key="resume"):
            _act(workspace().resume, job.id)


def _show_ended(run: Run, job: Job | None) -> None:
    label, color, icon = status_badge(run.status)
    with st.container(border=True):
        st.badge(label, color=color, icon=icon)  # type: ignore[arg-type]
        if run.status is JobStatus.FAILED:
            _show_failure(job)
        elif run.status is JobStatus.CANCELLED:
            st.markdown(_("It was cancelled, and what it had learned was thrown away. You can start it again."))
        elif run.score is not None:
            st.markdown(f"**{_('The model is {result}.').format(result=right_of(run.score))}**")
            if run.kept == "draft" and run.recipe.technique != "draft":
                st.markdown(_("Fine-tuning did not beat the first answer, so the first answer was kept."))
            if run.model_id is None:
                st.markdown(_("The model has been deleted; this record stays."))
            if run.forecast_seconds is not None and run.forecast_error is not None:
                st.caption(_took_and_foreseen(sum(run.seconds.values()), *run.forecast_seconds))
        with st.container(horizontal=True):
            rename_button(run)
            train_again_button(run)
            if st.button(_("Delete"), icon=":material/delete:", key=f"delete_{run.id}"):
                confirm_delete(run)
    if run.score is not None:
        metric_cards(_result_cards(run))


def _took_and_foreseen(seconds: float, low: float, high: float) -> str:
    return _("It took {duration}; {foreseen} was foreseen.").format(
        duration=duration_words(seconds), foreseen=format_seconds_range(low, high)
    )


def _show_failure(job: Job | None) -> None:
    if job is None or job.error is None:
        st.markdown(_("It ended with an error; the record of it is gone."))
        return
    st.markdown(f"**{plain(say(job.error.message))}**")
    if job.error.hint is not None:
        st.markdown(plain(say(job.error.hint)))
    st.caption(_("Resume goes on from the last checkpoint. The log is under Details."))


def _result_cards(run: Run) -> list[MetricCard]:
    assert run.score is not None
    titles = {Score: _("Right on the exam"), SeveralScore: _("Categories right (F1)")}
    title = titles.get(type(run.score), _("Explained on the exam"))
    return [
        MetricCard(title, short_result(run.score) or "–", _("Examples it had never seen.")),
        MetricCard(_("First answer"), short_result(run.draft) or "–", _("The quick draft on the same exam.")),
        MetricCard(_("Kept"), kept_words(run.kept) if run.kept else "–", _("What did best on the check-up examples.")),
        MetricCard(_("Took"), duration_words(sum(run.seconds.values())) if run.seconds else "–"),
    ]


def _details(run: Run, job: Job | None) -> None:
    @st.fragment
    @tells_errors
    def details() -> None:
        with st.expander(
            _("Details: settings, machine and log"),
            icon=":material/receipt_long:",
            key=f"{keys.RUN_DETAILS}_{run.id}",
            on_change="rerun",
        ) as expander:
            if not expander.open:
                return
            settings, log = st.columns(2)
            with settings:
                st.markdown(f"**{_('Settings')}**")
                st.dataframe(
                    {
                        _("Setting"): list(settings_table(run.recipe)),
                        _("Value"): list(settings_table(run.recipe).values()),
                    },
                    hide_index=True,
                    alt=_("Every setting of this run"),
                )
                if run.environment:
                    st.markdown(f"**{_('Machine')}**")
                    st.code("\n".join(f"{k}: {v}" for k, v in sorted(run.environment.items())), language=None)
                show_tracking(workspace().run(run.id))
            with log, st.container():
                st.markdown(f"**{_('Log')}**")
                text = workspace().job_log(job.id) if job is not None else ""
                if text:
                    st.code(text, language=None, height=480 if text.count("\n") > 22 else "content")
                    st.button(_("Read the log again"), icon=":material/refresh:")
                else:
                    st.caption(_("Nothing has been logged."))

    details()
