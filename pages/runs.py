"""Runs: all of them in a table, or with ?run= or ?job= one of them, live; with ?compare=1,2 (or the models, ?model=1&other=2) two side by side."""

import streamlit as st

from core.domain.job import Job, JobKind, JobStatus
from core.domain.run import Run
from core.errors import NotFound
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components import keys
from pages.components.history import back_to_all_runs, matching, show_actions, show_comparison, show_table
from pages.components.layout import (
    empty_state,
    go,
    page_header,
    plain,
    show_error,
    status_badge,
)
from pages.components.live_run import REFRESH_SECONDS, show_run
from pages.components.session import workspace
from pages.components.stages import progress_words

SCORINGS_SHOWN = 5


def show() -> None:
    query = st.query_params
    try:
        if "job" in query:
            _show_job(workspace().job(_number(query["job"])))
        elif "run" in query:
            run = workspace().run(_number(query["run"]))
            show_run(run, _job_of(run))
        elif "compare" in query:
            _show_comparison([workspace().run(number) for number in _pair(query["compare"])])
        elif "other" in query:
            models = [workspace().model(_number(query.get(name, ""))) for name in ("model", "other")]
            _show_comparison([workspace().run(model.run_id) for model in models])
        else:
            _show_history()
    except NotFound as error:
        page_header(_("Runs"))
        show_error(error)
        back_to_all_runs()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _job_of(run: Run) -> Job | None:
    if run.job_id is None:
        return None
    try:
        return workspace().job(run.job_id)
    except NotFound:
        return None


def _show_job(job: Job) -> None:
    if job.kind is JobKind.PRETRAIN:
        go("train", job=job.id)
    if job.kind is JobKind.STUDY:
        go("report", model=job.payload["model_id"])
    if job.run_id is None:
        go("score", job=job.id)
    show_run(workspace().run(job.run_id), job)


def _pair(text: str) -> tuple[int, int]:
    first, _comma, second = text.partition(",")
    return _number(first), _number(second)


def _show_comparison(runs: list[Run]) -> None:
    page_header(_("Compare two runs"))
    back_to_all_runs()
    show_comparison(*runs)


def _show_history() -> None:
    header = page_header(_("Runs"), _("Every training on record, with its curves and its result."))
    runs = workspace().runs()
    jobs = workspace().jobs()
    if not runs:
        empty_state(
            _("No runs yet"),
            _("Start a training; it appears here at once and stays on record."),
            action=_("Train a model"),
            page="train",
        )
    else:
        if header.button(_("Train a model"), icon=":material/add:"):
            go("train")
        _show_queue(jobs)
        _show_runs(runs)
    _show_under_way(jobs, JobKind.PRETRAIN, _("Base models reading your texts"), "train")
    _show_under_way(jobs, JobKind.STUDY, _("Models being studied"), "runs")
    _show_scorings(jobs)


def _show_runs(runs: list[Run]) -> None:
    query = st.text_input(
        _("Search"),
        key=keys.RUNS_SEARCH,
        type="search",
        placeholder=_("Search by name, data, preset or status"),
        label_visibility="collapsed",
        live=True,
        bind="query-params",
    )
    found = matching(runs, query or "")
    if not found:
        st.caption(_("No run matches the search."))
        return
    selected = show_table(found)
    show_actions(selected)


def _show_queue(jobs: list[Job]) -> None:
    """Trainings at work and waiting, refreshed while there are any."""
    active = [job for job in jobs if job.kind is JobKind.TRAIN and job.status.is_active]
    if not active:
        return

    @st.fragment(run_every=REFRESH_SECONDS)
    def queue() -> None:
        now = [job for job in workspace().jobs(JobKind.TRAIN) if job.status.is_active]
        if {job.id for job in now} != {job.id for job in active}:
            st.rerun()
        now.sort(key=lambda job: (job.queue_position or 0, job.id))
        with st.container(border=True):
            title = ngettext("{n} training at work or waiting", "{n} trainings at work or waiting", len(now))
            st.markdown(f"**{title.format(n=len(now))}**")
            for job in now:
                _show_job_line(job, "runs")

    queue()


def _show_under_way(jobs: list[Job], kind: JobKind, title: str, page: str) -> None:
    """Other work of one kind, running and waiting; a click on a line leads to `page`."""
    active = {job.id for job in jobs if job.kind is kind and job.status.is_active}
    if not active:
        return
    st.subheader(title, anchor=False)

    @st.fragment(run_every=REFRESH_SECONDS)
    def lines() -> None:
        now = [job for job in workspace().jobs(kind) if job.status.is_active]
        if {job.id for job in now} != active:
            st.rerun()
        with st.container(border=True):
            for job in now:
                _show_job_line(job, page)

    lines()


def _show_scorings(jobs: list[Job]) -> None:
    scorings = [job for job in jobs if job.kind is JobKind.SCORE][:SCORINGS_SHOWN]
    if not scorings:
        return
    st.subheader(_("Files being scored"), anchor=False)

    @st.fragment(run_every=REFRESH_SECONDS if any(job.status.is_active for job in scorings) else None)
    def files() -> None:
        now = workspace().jobs(JobKind.SCORE)[:SCORINGS_SHOWN]
        if any(job.status.is_active for job in scorings) and not any(job.status.is_active for job in now):
            st.rerun()
        with st.container(border=True):
            for job in now:
                _show_job_line(job, "score")

    files()


def _show_job_line(job: Job, page: str) -> None:
    """Name, state, progress and the way to it, on one line."""
    label, color, icon = status_badge(job.status)
    name, progress = st.columns([5, 4], vertical_alignment="center")
    with name.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        if st.button(plain(job.title), key=f"open_job_{job.id}", type="tertiary", help=_("Open")):
            go(page, job=job.id)
        st.markdown(f":{color}-badge[{icon} {label}]", width="content")
    if job.status is JobStatus.RUNNING:
        progress.progress(min(1.0, max(0.0, job.percent / 100)), text=progress_words(job))
    elif job.status is JobStatus.QUEUED:
        progress.caption(progress_words(job))


show()
