"""Score a file: the person's table comes back with a category, how sure, and what to do, row by row."""

import pandas
import streamlit as st

from core.domain.dataset import Upload
from core.domain.job import JobKind
from core.domain.model import ModelVersion
from core.domain.task import AnswerKind, reads_pairs
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import language, ngettext
from pages.components import keys, reading
from pages.components.layout import go, page_header, plain, show_error, status_badge
from pages.components.pickers import pick_model
from pages.components.score_columns import choose_text_columns
from pages.components.scoring import show_job
from pages.components.session import workspace
from pages.components.uploader import upload_file, upload_from_url

SUFFIXES = {".xlsx": "Excel (.xlsx)", ".csv": "CSV (.csv)"}


def show_new(model: ModelVersion) -> None:
    """Upload, look, choose the column, start."""
    upload = upload_from_url("upload")
    if upload is None:
        what = _("Table with both texts in each row") if reads_pairs(model.task) else _("Table with the texts to sort")
        upload_file("score_file", what, on_received=_remember_upload)
        st.caption(
            {
                AnswerKind.NUMBER: _(
                    "It comes back with the same rows in the same order and three more columns: score, at least, at most."
                ),
                AnswerKind.CATEGORIES: _(
                    "It comes back with the same rows in the same order and two more columns: categories, how sure."
                ),
                AnswerKind.CATEGORY: _(
                    "It comes back with the same rows in the same order and three more columns: category, how sure, action."
                ),
            }[model.answers]
        )
        return
    st.subheader(plain(upload.filename), anchor=False)
    preview = reading.preview(upload, reading.asked_format())
    reading.show_reading(preview)
    column, suffix = st.columns(2)
    with column:
        text_columns = choose_text_columns(model, upload, preview)
    with suffix:
        chosen_suffix = st.segmented_control(
            _("Write the result as"),
            list(SUFFIXES),
            default=".csv" if upload.filename.lower().endswith((".csv", ".tsv", ".txt")) else ".xlsx",
            format_func=SUFFIXES.__getitem__,
            required=True,
            key=keys.SCORE_SUFFIX,
        )
    with st.container(horizontal=True):
        if st.button(
            ngettext("Score {n} row", "Score {n} rows", preview.n_rows).format(n=preview.n_rows),
            type="primary",
            disabled=not text_columns,
            key="score_start",
        ):
            job = workspace().start_scoring(
                model.id,
                upload,
                format=preview.format,
                text_columns=text_columns,
                suffix=str(chosen_suffix),
                language=language(),
            )
            go("score", job=job.id)
        st.button(_("Choose another file"), on_click=_forget_upload, key="score_other_file")


def show_past(opened: str | None) -> None:
    """The other scorings, newest first; one click opens one."""
    jobs = [job for job in workspace().jobs(JobKind.SCORE) if str(job.id) != opened]
    if not jobs:
        return
    st.subheader(_("Scored files"), anchor=False)
    names = {model.id: model.name for model in workspace().models()}

    def open_job() -> None:
        go("score", job=jobs[st.session_state["past_open"].row].id)

    table = pandas.DataFrame(
        {
            "open": [_("Open")] * len(jobs),
            "file": [job.title for job in jobs],
            "model": [names.get(int(job.payload.get("model_id", 0)), "–") for job in jobs],
            "status": [[status_badge(job.status).label] for job in jobs],
            "rows": [job.result.get("n_rows") for job in jobs],
            "started": [job.created_at for job in jobs],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        row_height=44,
        height="content" if len(table) <= 8 else 400,
        key="past_scorings",
        placeholder="–",
        alt=_("Scored files, newest first"),
        column_config={
            "open": st.column_config.ButtonColumn(" ", key="past_open", on_click=open_job, width="small"),
            "file": st.column_config.TextColumn(_("File"), width="medium"),
            "model": st.column_config.TextColumn(_("Model"), width="medium"),
            "status": st.column_config.MultiselectColumn(_("Status")),
            "rows": st.column_config.NumberColumn(_("Rows"), format="localized"),
            "started": st.column_config.DatetimeColumn(_("Started"), format="YYYY-MM-DD HH:mm"),
        },
    )


def _remember_upload(upload: Upload) -> None:
    st.query_params["upload"] = upload.sha256


def _forget_upload() -> None:
    st.query_params.pop("upload", None)
    reading.forget()


def show_one(job_id: str) -> None:
    """The job of the address; a wrong number is said, not a blank page."""
    try:
        show_job(workspace().job(int(job_id) if job_id.isdecimal() else 0))
    except UserError as error:
        show_error(error)
    if st.button(_("Score another file"), key="score_another"):
        st.query_params.clear()
        st.rerun()


page_header(_("Score a file"), _("A whole table in, the same table back with an answer in every row."))
asked = st.query_params.get("job")
if asked is not None:
    show_one(asked)
elif (model := pick_model("score_model")) is not None:
    try:
        show_new(model)
    except UserError as error:
        show_error(error)
        st.button(_("Choose another file"), on_click=_forget_upload, key="score_after_error")
show_past(asked)
