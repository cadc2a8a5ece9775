"""Let a base model read texts without categories first: when that helps, how long it takes, the start, and how far it is."""

from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from core.domain.dataset import Dataset, Upload
from core.domain.job import Job, JobKind, JobStatus, Stage, Wish
from core.domain.model import BaseModel
from core.domain.pretraining import MIN_TEXTS, PretrainingPlan
from core.errors import NotFound, UserError
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components import keys
from pages.components.layout import format_seconds_range, go, plain, show_error, status_badge, tells_errors
from pages.components.session import workspace
from pages.components.stages import PRETRAINING_STAGES, progress_words, stages_row
from pages.components.uploader import upload_file, upload_from_url

REFRESH_SECONDS = 2
PARAMETER = "job"  #: of the address: the reading that is shown
TEXTS = "texts"  #: of the address: the file whose texts are read too


def show_pretraining(dataset: Dataset, base_model: BaseModel, model_key: str) -> None:
    """The drawer below the choice of a base model. `model_key` is that choice's key in the session."""
    job = _job(dataset)
    title = _("Let the base model read your own texts first")
    with st.expander(
        title, icon=":material/menu_book:", key=f"{keys.PRETRAINING}_{dataset.id}", expanded=job is not None
    ):
        st.markdown(
            _(
                "It reads texts without categories, guesses hidden words in them, and so learns how your customers and "
                "colleagues write. It helps where thousands of texts are in unusual language: trade terms, "
                "abbreviations, dialect. With few texts or everyday language it gains little."
            )
        )
        if job is None:
            _show_start(dataset, base_model)
        elif job.status.is_active:
            _live_card(job)
        else:
            _show_ended(job, model_key)


def reading_words(model: BaseModel) -> str:
    """What a base model of one's own has read and learned; "" for any other."""
    if model.pretrained is None:
        return ""
    known = model.pretrained
    read = ngettext(
        "{parent} that has read {n} text of yours.", "{parent} that has read {n} texts of yours.", known.n_texts
    )
    return f"{read.format(parent=plain(known.parent_title), n=f'{known.n_texts:,}')} " + guesses_words(
        known.before.of_100, known.after.of_100
    )


def guesses_words(before: int, now: int) -> str:
    return _("Of 100 hidden words it guesses {now}; before it was {before}.").format(now=now, before=before)


def _job(dataset: Dataset) -> Job | None:
    """The reading that the address names, or one of this dataset that is under way."""
    asked = st.query_params.get(PARAMETER, "")
    if asked.isascii() and asked.isdigit() and len(asked) < 16:
        try:
            job = workspace().job(int(asked))
        except NotFound:
            return None
        return job if job.kind is JobKind.PRETRAIN else None
    readings = (job for job in workspace().jobs(JobKind.PRETRAIN) if job.status.is_active)
    return next((job for job in readings if job.payload.get("dataset_id") == dataset.id), None)


# -- the start --------------------------------------------------------------------------------------------------------


def _show_start(dataset: Dataset, base_model: BaseModel) -> None:
    upload = upload_from_url(TEXTS)
    try:
        plan = workspace().pretraining_plan(base_model.name, dataset_id=dataset.id, upload=upload)
    except UserError as error:
        show_error(error)
        if upload is not None:
            st.button(_("Choose another file"), on_click=_forget_file, key="pretraining_other_file")
        return
    st.markdown(_what_is_read(plan, upload))
    if upload is None:
        upload_file(
            "pretraining_file",
            _("More texts, if you have them"),
            on_received=_remember_file,
            help=_("Any table with a column of texts; it needs no categories."),
        )
    else:
        st.button(_("Without this file"), on_click=_forget_file, key="pretraining_no_file", icon=":material/close:")
    if plan.n_texts < MIN_TEXTS:
        st.caption(_("It takes at least {n} texts; some thousands are good.").format(n=MIN_TEXTS))
        return
    usual = _("{base_model}, read {data}").format(base_model=base_model.title, data=dataset.name)
    name = st.text_input(
        _("Name of the new base model"), key=f"{keys.PRETRAINING_NAME}_{dataset.id}", placeholder=usual, max_chars=80
    )
    passes = ngettext("read once", "read {n} times", plan.settings.epochs).format(n=plan.settings.epochs)
    duration = format_seconds_range(plan.low_seconds, plan.high_seconds)
    st.markdown(f":material/schedule: **{duration}** · {passes}")
    if st.button(_("Start reading"), icon=":material/menu_book:", key="pretraining_start"):
        _start(dataset, base_model, (name or "").strip() or usual, upload)


def _what_is_read(plan: PretrainingPlan, upload: Upload | None) -> str:
    lines = [
        ngettext("{n} practice text of this data set", "{n} practice texts of this data set", plan.n_of_dataset).format(
            n=f"{plan.n_of_dataset:,}"
        )
    ]
    if plan.n_without_category:
        lines.append(
            ngettext(
                "{n} text that was set aside because it has no category",
                "{n} texts that were set aside because they have no category",
                plan.n_without_category,
            ).format(n=f"{plan.n_without_category:,}")
        )
    if upload is not None:
        n = plan.n_texts - plan.n_of_dataset - plan.n_without_category
        lines.append(
            ngettext("{n} text of {file}", "{n} texts of {file}", n).format(n=f"{n:,}", file=plain(upload.filename))
        )
    rest = _("Texts of the check-up and the exam, and near copies of them, are never read.")
    return "\n".join([_("It reads:"), *(f"- {line}" for line in lines), "", f":gray[{rest}]"])


def _start(dataset: Dataset, base_model: BaseModel, name: str, upload: Upload | None) -> None:
    try:
        job = workspace().start_pretraining(base_model.name, name, dataset_id=dataset.id, upload=upload)
    except UserError as error:
        show_error(error)
        return
    go("train", dataset=dataset.id, job=job.id)


def _remember_file(upload: Upload) -> None:
    st.query_params[TEXTS] = upload.sha256


def _forget_file() -> None:
    st.query_params.pop(TEXTS, None)


def _forget_job() -> None:
    st.query_params.pop(PARAMETER, None)


# -- while it reads ---------------------------------------------------------------------------------------------------


def _live_card(shown: Job) -> None:
    """Refreshed by itself; when the job's state is no longer the one the page was drawn for, the page is drawn anew."""

    @st.fragment(run_every=REFRESH_SECONDS)
    @tells_errors
    def card() -> None:
        job = workspace().job(shown.id)
        if (job.status, job.wish) != (shown.status, shown.wish):
            st.rerun()
        label, color, icon = status_badge(job.status)
        with st.container(border=True):
            st.markdown(f":{color}-badge[{icon} {label}] **{plain(job.title)}** · {progress_words(job)}")
            st.progress(min(1.0, max(0.0, job.percent / 100)))
            st.markdown(stages_row(job, PRETRAINING_STAGES))
            st.markdown("  \n".join(_live_lines(job)))
            with st.container(horizontal=True):
                _show_acts(job)

    card()


def _live_lines(job: Job) -> list[str]:
    lines = []
    if job.wish is Wish.STOP:
        lines.append("**" + _("Stopping: what it has learned so far is kept.") + "**")
    elif job.wish is Wish.CANCEL:
        lines.append("**" + _("Cancelling; it ends after the current step.") + "**")
    elif job.result.get("before"):
        lines.append(f"**{guesses_words(*_guesses(job))}**")
    elif job.stage is Stage.TRAINING:
        lines.append(_("It learns to guess hidden words; the first result comes soon."))
    if job.attempt > 1 and job.status is JobStatus.RUNNING:
        lines.append(_("It was interrupted and went on from its last checkpoint."))
    lines.append(f":gray[{_('You can close this tab; it keeps running.')}]")
    return lines


def _show_acts(job: Job) -> None:
    if job.status is JobStatus.RUNNING:
        st.button(
            _("Stop and keep"),
            icon=":material/stop_circle:",
            disabled=job.wish is not Wish.NONE,
            on_click=_stop,
            args=(job.id,),
            key=f"pretraining_stop_{job.id}",
        )
    st.button(
        _("Cancel and delete"),
        icon=":material/cancel:",
        type="tertiary",
        disabled=job.wish is Wish.CANCEL,
        on_click=_cancel,
        args=(job.id,),
        key=f"pretraining_cancel_{job.id}",
    )


def _guesses(job: Job) -> tuple[int, int]:
    before, after = (round(100 * job.result[key]["ratio"]) for key in ("before", "after"))
    return before, after


def _stop(job_id: int) -> None:
    _quietly(lambda: workspace().stop(job_id))


def _cancel(job_id: int) -> None:
    _quietly(lambda: workspace().cancel(job_id))


def _resume(job_id: int) -> None:
    _quietly(lambda: workspace().resume(job_id))


# -- afterwards -------------------------------------------------------------------------------------------------------


def _show_ended(job: Job, model_key: str) -> None:
    made = job.result.get("base_model") if job.status is JobStatus.DONE else None
    with st.container(border=True):
        label, color, icon = status_badge(job.status)
        st.markdown(f":{color}-badge[{icon} {label}] **{plain(job.title)}**")
        if job.status is JobStatus.FAILED and job.error is not None:
            st.markdown(f"**{plain(say(job.error.message))}**")
            if job.error.hint is not None:
                st.markdown(plain(say(job.error.hint)))
        elif job.status is JobStatus.CANCELLED:
            st.markdown(_("It was cancelled, and what it had learned was thrown away."))
        elif made is None:
            st.markdown(_("It guesses hidden words no better than before, so no base model was made."))
        else:
            st.markdown(guesses_words(*_guesses(job)))
            st.caption(
                _(
                    "Train once from it and once from the one before: the exam shows which is better for your categories."
                )
            )
        with st.container(horizontal=True):
            if made is not None and any(model.name == made for model in workspace().base_models()):
                st.button(
                    _("Start from it"),
                    type="primary",
                    icon=":material/check:",
                    on_click=_take,
                    args=(model_key, made),
                    key=f"pretraining_take_{job.id}",
                )
            elif job.status is JobStatus.FAILED:
                st.button(_("Resume"), on_click=_resume, args=(job.id,), key=f"pretraining_resume_{job.id}")
            st.button(_("Read again or other texts"), on_click=_forget_job, key=f"pretraining_again_{job.id}")


def _take(model_key: str, name: str) -> None:
    st.session_state[model_key] = name
    _forget_job()


def _quietly(act: Callable[[], object]) -> None:
    """A job that ended in the meantime is simply shown as it is now."""
    with suppress(UserError):
        act()


def delete_button(model: BaseModel, model_key: str) -> None:
    """For a base model of one's own."""

    def delete() -> None:
        try:
            workspace().delete_base_model(model.name)
        except UserError as error:
            st.session_state[keys.PRETRAINING_REFUSED] = error
        else:
            st.session_state.pop(model_key, None)

    st.button(
        _("Delete this base model"),
        icon=":material/delete:",
        type="tertiary",
        on_click=delete,
        key="delete_base_model",
        help=_("Models that were trained from it stay and keep working."),
    )
    refused = st.session_state.pop(keys.PRETRAINING_REFUSED, None)
    if isinstance(refused, UserError):
        show_error(refused)
