"""One scoring job from the queue to the finished table."""

import csv
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pandas
import plotly.graph_objects as go_
import streamlit as st

from core.domain.goal import ACTIONS, Use
from core.domain.job import Job, JobStatus
from core.domain.number import shown
from core.domain.use_words import USE_WORDS
from core.errors import UserError
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components.inert_text import chart_text
from pages.components.job_failure import show_job_failure
from pages.components.layout import (
    MetricCard,
    chart_layout,
    metric_cards,
    page_link,
    plain,
    show_chart,
    show_error,
    show_status,
)
from pages.components.session import workspace
from pages.components.stages import progress_words
from pages.components.telling_words import show_telling_words

LOOK_EVERY_SECONDS = 1.0
N_FIRST_ROWS = 8
READ_WIDTH = 620  # pixels of the columns that were read, where they are several
N_CHARTED = 20  # categories in the chart; the rest is told in its sentence
MIME = {".csv": "text/csv", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def show_job(job: Job) -> None:
    """Where the job is; while it is under way this part alone runs again every second."""
    st.fragment(_show_progress, run_every=LOOK_EVERY_SECONDS if job.status.is_active else None)(
        job.id, job.status.is_active
    )
    if job.status is JobStatus.DONE:
        show_result(job)


def show_result(job: Job) -> None:
    """What came out, the first rows, and the file."""
    path, filename = workspace().scored_file(job.id)
    result = job.result
    has_categories = "label_counts" in result
    metric_cards(_cards(result))
    st.download_button(
        _("Download {filename}").format(filename=plain(filename)),
        path.read_bytes,  # read when clicked, not on every run of the page
        file_name=filename,
        mime=MIME[path.suffix],
        type="primary",
        icon=":material/download:",
        on_click="ignore",
        key=f"download_scored_{job.id}",
    )
    if has_categories:
        _show_counts(job)
        words = {str(label): words for label, words in result.get("words", {}).items()}
        show_telling_words(words, key=f"words_{job.id}")
    st.subheader(_("First rows"), anchor=False)
    columns, rows = first_rows(path)
    n_answers = 2 if "n_none" in result else 3
    answers, others = columns[-n_answers:], columns[:-n_answers]
    read = result.get("text_columns") or [result.get("text_column")]
    first = [column for column in others if column in read] + answers
    st.dataframe(
        pandas.DataFrame(rows, columns=pandas.Index(columns)),
        hide_index=True,
        height="content",
        column_order=[*first, *(column for column in others if column not in read)],
        column_config={
            column: st.column_config.TextColumn(width=READ_WIDTH // len(read)) for column in read if len(read) > 1
        },
        alt=_("First rows of the scored file"),
    )
    if job.model_id is not None:
        page_link("report", _("How good is this model?"), icon=":material/grading:", model=job.model_id)


def _cards(result: Mapping[str, Any]) -> list[MetricCard]:
    if "label_counts" not in result:
        return _number_cards(result)
    return _set_cards(result) if "n_none" in result else _category_cards(result)


def _set_cards(result: Mapping[str, Any]) -> list[MetricCard]:
    mean = result["mean_categories"]
    return [
        MetricCard(_("Rows"), f"{int(result['n_rows']):,}"),
        MetricCard(_("Categories a text"), f"{mean:.1f}" if mean is not None else "–", _("On average.")),
        MetricCard(
            _("With none"), f"{int(result['n_none']):,}", _("Texts for which no category reaches its threshold.")
        ),
        MetricCard(
            _("Without text"), f"{int(result['n_blank']):,}", _("Blank rows keep their place and stay unanswered.")
        ),
    ]


def _category_cards(result: Mapping[str, Any]) -> list[MetricCard]:
    n_scored, n_sure = int(result["n_scored"]), int(result["n_sure"])
    use = Use(result.get("use", Use.FILL))  # results of older versions do not tell
    return [
        MetricCard(_("Rows"), f"{int(result['n_rows']):,}"),
        MetricCard(
            _("Sure"),
            percent(n_sure / n_scored) if n_scored else "–",
            sure_help(use),
        ),
        MetricCard(
            say(USE_WORDS[use].unsure_title),
            f"{n_scored - n_sure:,}",
            for_person_help(int(result.get("n_unfamiliar", 0)), use),
        ),
        MetricCard(
            _("Without text"), f"{int(result['n_blank']):,}", _("Blank rows keep their place and stay unanswered.")
        ),
    ]


def _number_cards(result: Mapping[str, Any]) -> list[MetricCard]:
    has_any = bool(result["n_scored"])
    return [
        MetricCard(_("Rows"), f"{int(result['n_rows']):,}"),
        MetricCard(_("Mean score"), shown(result["mean"]) if has_any else "–"),
        MetricCard(
            _("Lowest and highest"),
            _("{low} to {high}").format(low=shown(result["low"]), high=shown(result["high"])) if has_any else "–",
            _("Of the answers; each has its own likely range in the file."),
        ),
        MetricCard(
            _("Without text"), f"{int(result['n_blank']):,}", _("Blank rows keep their place and stay unanswered.")
        ),
    ]


def sure_help(use: Use) -> str:
    _unsure, sure = ACTIONS[use]
    return _("Answers at or above the model's threshold; their action is “{action}”.").format(action=say(sure))


def for_person_help(n_unfamiliar: int, use: Use) -> str:
    unsure, _sure = ACTIONS[use]
    below = _("Answers below the threshold; their action is “{action}”.").format(action=say(unsure))
    if not n_unfamiliar:
        return below
    unlike = ngettext(
        "{n} text is unlike all categories; its action is “none of these”.",
        "{n} texts are unlike all categories; their action is “none of these”.",
        n_unfamiliar,
    ).format(n=n_unfamiliar)
    return _("{first} {second}").format(first=below, second=unlike)


def first_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    """The header and the first rows of a table that we wrote ourselves; nothing below is read."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(islice(csv.reader(file), N_FIRST_ROWS + 1))
    else:
        from openpyxl import load_workbook

        book = load_workbook(path, read_only=True)
        try:
            cells = book.active.iter_rows(max_row=N_FIRST_ROWS + 1, values_only=True)
            lines = [["" if cell is None else str(cell) for cell in row] for row in cells]
        finally:
            book.close()
    return lines[0], lines[1:]


def counts_figure(ranked: list[tuple[str, int]]) -> go_.Figure:
    """Rows per category, in the order given."""
    names = [chart_text(label) for label, _n in ranked]
    values = [n for _label, n in ranked]
    figure = go_.Figure()
    figure.add_bar(
        x=values,
        y=list(range(len(values))),
        orientation="h",
        text=[f"{n:,}" for n in values],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )
    chart_layout(figure, height=60 + 30 * len(values))
    figure.update_layout(hovermode=False, dragmode=False, margin={"t": 8, "r": 48})
    figure.update_xaxes(title=None, showgrid=False, showticklabels=False)
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=names,
        autorange="reversed",
        showgrid=False,
        title=None,
    )
    return figure


def _show_counts(job: Job) -> None:
    counts = {str(label): int(n) for label, n in job.result["label_counts"].items() if n}
    ranked = sorted(counts.items(), key=lambda pair: -pair[1])
    if not ranked:
        return
    biggest, n_biggest = ranked[0]
    sentence = ngettext("Most often: “{label}”, {n} row.", "Most often: “{label}”, {n} rows.", n_biggest).format(
        label=plain(biggest), n=n_biggest
    )
    if rest := ranked[N_CHARTED:]:
        more = ngettext(
            "{n} more category holds {rows} rows.", "{n} more categories hold {rows} rows.", len(rest)
        ).format(n=len(rest), rows=sum(n for _label, n in rest))
        sentence = _("{first} {second}").format(first=sentence, second=more)
    st.subheader(_("Rows per category"), anchor=False)
    show_chart(
        counts_figure(ranked[:N_CHARTED]),
        key=f"counts_{job.id}",
        alt=_("Scored rows per category"),
        sentence=sentence,
    )


def _show_progress(job_id: int, was_active: bool) -> None:
    try:
        job = workspace().job(job_id)
    except UserError as error:
        show_error(error)
        return
    if was_active and not job.status.is_active:
        st.rerun()  # the whole page: the result comes below, and this part need not run again
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            with st.container(horizontal=True, width="content", vertical_alignment="center"):
                st.subheader(plain(job.title), anchor=False)
                show_status(job.status)
            _show_act(job)
        if job.status.is_active:
            st.progress(min(1.0, job.percent / 100), text=progress_words(job))
            st.caption(_("You can close this tab; it keeps running. This address brings you back."))
        elif job.status is JobStatus.FAILED:
            show_job_failure(job)
        elif job.status is JobStatus.CANCELLED:
            st.caption(_("This scoring was cancelled and nothing was written. Start it again to score the whole file."))


def _show_act(job: Job) -> None:
    if job.status.is_active:
        st.button(_("Cancel"), key=f"score_cancel_{job.id}", on_click=_cancel, args=(job.id,))
    elif job.status in (JobStatus.FAILED, JobStatus.CANCELLED):
        st.button(_("Start again"), key=f"score_resume_{job.id}", type="primary", on_click=_resume, args=(job.id,))


def _cancel(job_id: int) -> None:
    workspace().cancel(job_id)


def _resume(job_id: int) -> None:
    workspace().resume(job_id)
