"""Data: bring a table (?upload=), confirm how it is read, see what is in it and mend it (?dataset=, ?view=)."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.datasets.limited_child import Progress
from core.domain.dataset import Dataset, TableFormat, TablePreview, Upload
from core.domain.pairs import SEPARATOR
from core.domain.task import SEVERAL, AnswerKind, reads_pairs
from core.errors import NotFound, UserError
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components import keys, reading
from pages.components.categories import show_categories
from pages.components.category_sets import asked_separator, choose_label_columns, show_example
from pages.components.changes import forget_stray_change, show_done
from pages.components.dataset_list import delete_dialog, show_datasets
from pages.components.dataset_view import name_of, show_headline, show_numbers, show_split, show_verdict
from pages.components.findings import open_warnings, see_rows, show_findings
from pages.components.layout import format_bytes, format_time, go, page_header, plain, show_error
from pages.components.notices import show_notices
from pages.components.numbers_view import show_numbers_view
from pages.components.pair_columns import choose_pair
from pages.components.repairs import show_append, show_offer, show_repairs, show_replay
from pages.components.session import workspace
from pages.components.template import show_template
from pages.components.understanding import (
    choose_task,
    role_names,
    show_columns,
    show_joinable,
    show_sentence,
    show_task,
)
from pages.components.uploader import receive_text, show_refusal, upload_file, upload_from_url
from pages.components.url_state import url_multiselect, url_segments, url_select
from pages.components.versions import show_versions
from pages.components.working import work_in_words


def show_start() -> None:
    """Nothing chosen yet: bring a file or cells, or open what is there."""
    page_header(_("Data"), _("Bring a table with one column of texts and one column of categories."))
    upload_file("table", _("A table with your examples"), on_received=_open_upload)
    with st.expander(_("Or paste cells from Excel"), icon=":material/content_paste:"):
        st.text_area(
            _("Cells"),
            key=keys.PASTED,
            height=160,
            placeholder=_("Mark the cells in Excel with their column names, copy them, and paste them here."),
            label_visibility="collapsed",
        )
        st.button(_("Use these cells"), key="use_pasted", on_click=_take_pasted)
        show_refusal("pasted")
    show_template()
    show_datasets(workspace().datasets())


def show_upload(upload: Upload) -> None:
    """How the file is read, which columns count, and perhaps a second file as the exam."""
    slot = page_header(plain(upload.filename), format_bytes(upload.n_bytes))
    slot.button(_("Use another file"), key="another_file", on_click=st.query_params.clear)
    try:
        shown = reading.preview(upload, reading.asked_format())
    except UserError as error:
        show_error(error)
        _show_way_out()
        return
    show_sentence(shown.understanding)
    show_notices(shown.notices)
    reading.show_reading(shown)
    show_task(shown.understanding)
    asked = tuple(name for name in dict.fromkeys(st.query_params.get_all("label")) if name in shown.columns)
    guessed = (shown.label_column,) if shown.label_column is not None else shown.flag_columns
    task = choose_task(shown, is_guessed_label=asked in ((), guessed), n_labels=len(asked))
    labels = (asked or shown.flag_columns or guessed) if task == SEVERAL else (asked or guessed)[:1]
    texts = _choose_columns(shown, task, labels)
    exam = _show_exam_part()
    ready = len(texts) > reads_pairs(task) and labels and not set(labels) & set(texts)
    if slot.button(_("Check my data"), type="primary", key="check_data", disabled=not ready):
        _check(upload, shown.format, texts, labels, exam, task)


def _show_way_out() -> None:
    """The file cannot be read as asked: the guess may have been the reason, so every part can be set by hand."""
    asked = reading.asked_format()
    with (
        st.expander(_("Change how the file is read"), icon=":material/tune:", key="way_out"),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        reading.show_encodings(asked.encoding or "utf-8")
        reading.show_delimiters(asked.delimiter if asked.delimiter is not None else ",")
        reading.show_header_rows(asked.header_row if asked.header_row is not None else 1)
    if asked != TableFormat():
        st.button(_("Guess again"), key="guess_again", icon=":material/refresh:", on_click=reading.forget)


def _choose_columns(shown: TablePreview, task: str, labels: tuple[str, ...]) -> tuple[str, ...]:
    """The text columns, guessed or chosen from the real ones; empty while they are not known. `labels` are asked for too."""
    st.header(_("Which columns count"), anchor=False)
    roles = role_names(shown)

    def described(name: str) -> str:
        return f"{name} · {roles[name]}" if name in roles else name

    label = labels[0] if labels else None
    left, right = st.columns([2, 1] if reads_pairs(task) else 2)
    with left:
        texts = choose_pair(shown, label, described) if reads_pairs(task) else _choose_texts(shown, described)
    with right:
        if task == SEVERAL:
            choose_label_columns(shown, labels, described)
        else:
            url_select("label", _("Category or score to learn"), shown.columns, label, described, _("Choose a column"))
    if task == SEVERAL:
        show_example(shown, labels)
    if not reads_pairs(task):
        show_joinable(shown.understanding, texts)
    if not texts or label is None:
        st.info(
            _("Choose the column with the texts and the column with the categories or scores."), icon=":material/info:"
        )
    elif set(labels) & set(texts):
        st.warning(_("Text and category are the same column. Choose two different ones."), icon=":material/warning:")
    show_columns(shown)
    return texts


def _choose_texts(shown: TablePreview, described: Callable[[str], str]) -> tuple[str, ...]:
    texts = tuple(name for name in dict.fromkeys(st.query_params.get_all("text")) if name in shown.columns)
    if not texts and shown.text_column is not None:
        texts = (shown.text_column,)
    url_multiselect("text", _("Text to read"), shown.columns, texts, described, _("Choose a column"))
    return texts


def _show_exam_part() -> Upload | None:
    """The optional second file. None when there is none or it cannot be read."""
    with st.expander(
        _("Use a second file as the exam"), icon=":material/quiz:", expanded="exam" in st.query_params, key="exam_part"
    ):
        exam = upload_from_url("exam")
        if exam is None:
            st.caption(
                _("Without one, a part of your table is kept away from training. A second file needs the same columns.")
            )
            upload_file("exam", _("The exam"), on_received=_open_exam)
            return None
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.text(exam.filename, width="content")
            st.button(_("Remove"), key="remove_exam", on_click=_remove_exam)
        try:
            shown = reading.preview(exam, reading.asked_format("exam_"))
        except UserError as error:
            show_error(error)
            return None
        show_notices(shown.notices, "exam_")
        reading.show_preview(shown, "exam_")
        reading.show_controls(shown, "exam_")
        return exam


def _check(
    upload: Upload,
    format: TableFormat,
    texts: tuple[str, ...],
    labels: tuple[str, ...],
    exam: Upload | None,
    task: str,
) -> None:
    separator = asked_separator() if task == SEVERAL and len(labels) == 1 else None
    exam_format = reading.asked_format("exam_") if exam else None
    verbs = workspace()

    def make(progress: Progress) -> Dataset:
        return verbs.add_dataset(
            upload,
            format=format,
            text_columns=texts,
            label_columns=labels,
            label_separator=separator,
            exam_upload=exam,
            exam_format=exam_format,
            task=task,
            progress=progress,
        )

    try:
        dataset = work_in_words(f"add {upload} {format} {texts} {labels} {separator} {exam} {exam_format} {task}", make)
    except UserError as error:
        show_error(error)
    else:
        go("data", dataset=dataset.id)


def show_dataset(dataset: Dataset) -> None:
    """What it is and whether training can start; then the view that ?view= names, and nothing of the others."""
    forget_stray_change(dataset)
    _show_head(dataset)
    show_done(dataset)
    show_offer(dataset)
    show_headline(dataset)
    show_verdict(dataset, len(open_warnings(dataset)))
    show_numbers(dataset)
    n_repairs = len(dataset.operations)
    view = url_segments(
        "view",
        _("View"),
        {
            "findings": _("Findings"),
            "rows": _("All rows"),
            "profile": _("Profile"),
            "repairs": _("Repairs ({n})").format(n=n_repairs) if n_repairs else _("Repairs"),
        },
    )
    if view == "rows":
        from pages.components.row_grid import show_row_grid

        show_row_grid(dataset)
    elif view == "profile":
        from pages.components.profile_view import show_profile

        show_profile(dataset)
    elif view == "repairs":
        show_repairs(dataset)
        show_append(dataset)
        show_replay(dataset)
        show_versions(dataset)
    else:
        show_findings(dataset)
        if dataset.n_set_aside:
            _show_set_aside(dataset)
        if dataset.answers is AnswerKind.NUMBER:
            show_numbers_view(dataset)
        else:
            show_categories(dataset)
        show_split(dataset)


def _show_head(dataset: Dataset) -> None:
    rows = ngettext("{n} row read", "{n} rows read", dataset.n_rows).format(n=f"{dataset.n_rows:,}")
    texts = SEPARATOR.join(dataset.read_columns) if reads_pairs(dataset.task) else dataset.text_column
    columns = _("{text} → {label}").format(text=plain(texts), label=plain(dataset.label_column))
    slot = page_header(plain(name_of(dataset)), f"{rows} · {columns} · {format_time(dataset.created_at)}")
    slot.button(_("All data"), key="all_data", on_click=st.query_params.clear)
    if slot.button(_("Delete"), key="delete_dataset"):
        delete_dialog(dataset)
    blocked = bool(dataset.blocking_findings)
    reason = _("Mend what the checks marked first.") if blocked else None
    if slot.button(
        _("Train a model"), type="primary", key="train_model", disabled=blocked, help=reason, icon=":material/school:"
    ):
        go("train", dataset=dataset.id)


def _show_set_aside(dataset: Dataset) -> None:
    n = dataset.n_set_aside
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        title = ngettext("{n} row set aside", "{n} rows set aside", n).format(n=f"{n:,}")
        st.markdown(f":material/inventory_2: {title}", width="content")
        with st.container(horizontal=True, width="content"):
            st.button(_("Look at them"), key="see_set_aside", type="tertiary", on_click=_see_set_aside)
            st.download_button(
                _("Download"),
                partial(workspace().set_aside_csv, dataset.id),
                file_name="set-aside.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
                type="tertiary",
                key="download_set_aside",
            )


def _see_set_aside() -> None:
    see_rows(which="aside")


def _open_upload(upload: Upload) -> None:
    st.query_params.from_dict({"upload": upload.sha256})


def _open_exam(upload: Upload) -> None:
    reading.forget("exam_")
    st.query_params["exam"] = upload.sha256


def _remove_exam() -> None:
    reading.forget("exam_")
    st.query_params.pop("exam", None)


def _take_pasted() -> None:
    text = str(st.session_state[keys.PASTED])
    receive_text("pasted", text, _("Pasted cells") + ".tsv", _open_upload)


def main() -> None:
    asked = st.query_params.get("dataset")
    upload = upload_from_url("upload")
    if asked:
        try:
            dataset = workspace().dataset(asked)
        except NotFound as error:
            show_error(error)
            show_start()
        else:
            show_dataset(dataset)
    elif upload:
        show_upload(upload)
    else:
        show_start()


main()
