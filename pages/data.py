"""Data: bring a table (?upload=), confirm how it is read, and see what is in it (?dataset=)."""

import streamlit as st

from core.datasets.rows import REASONS
from core.domain.dataset import Dataset, TablePreview, Upload
from core.errors import NotFound, UserError
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components import keys, reading
from pages.components.dataset_list import delete_dialog, show_datasets
from pages.components.dataset_view import name_of, show_categories, show_findings, show_numbers, show_rows, show_split
from pages.components.layout import format_bytes, format_time, go, page_header, plain, show_error
from pages.components.session import workspace
from pages.components.template import show_template
from pages.components.uploader import receive_text, show_refusal, upload_file, upload_from_url


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
        _show_way_out(upload)
        return
    reading.show_reading(shown)
    columns = _choose_columns(shown)
    exam = _show_exam_part()
    ready = columns is not None and len(set(columns)) == 2
    if slot.button(_("Check my data"), type="primary", key="check_data", disabled=not ready) and columns is not None:
        _check(upload, shown, *columns, exam)


def _show_way_out(upload: Upload) -> None:
    """The file cannot be read as asked: the guess may have been the reason, so every part can be set by hand."""
    asked = reading.asked_format()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if not upload.filename.lower().endswith(".xlsx"):
            reading.url_select(
                "encoding", _("Encoding"), list(reading.ENCODINGS), asked.encoding or "utf-8", reading.encoding_name
            )
        st.button(_("Guess again"), key="guess_again", icon=":material/refresh:", on_click=reading.forget)


def _choose_columns(shown: TablePreview) -> tuple[str, str] | None:
    """Text and category column, guessed or chosen; None until both are known."""
    st.header(_("Which columns count"), anchor=False)
    guesses = {"text": shown.text_column, "label": shown.label_column}
    names = {"text": _("Text to read"), "label": _("Category to learn")}
    chosen: list[str] = []
    for parameter, place in zip(guesses, st.columns(2), strict=True):
        asked = st.query_params.get(parameter)
        current = asked if asked in shown.columns else guesses[parameter]
        with place:
            reading.url_select(parameter, names[parameter], shown.columns, current)
        if current is not None:
            chosen.append(current)
    if len(chosen) < 2:
        st.info(_("Choose the column with the texts and the column with the categories."), icon=":material/info:")
        return None
    if chosen[0] == chosen[1]:
        st.warning(_("Text and category are the same column. Choose two different ones."), icon=":material/warning:")
    return chosen[0], chosen[1]


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
        reading.show_preview(shown, "exam_")
        reading.show_controls(shown, "exam_")
        return exam


def _check(upload: Upload, shown: TablePreview, text: str, label: str, exam: Upload | None) -> None:
    try:
        with st.spinner(_("Checking every row…"), show_time=True):
            dataset = workspace().add_dataset(
                upload,
                format=shown.format,
                text_column=text,
                label_column=label,
                exam_upload=exam,
                exam_format=reading.asked_format("exam_") if exam else None,
            )
    except UserError as error:
        show_error(error)
    else:
        go("data", dataset=dataset.id)


def show_dataset(dataset: Dataset) -> None:
    """Findings first: what stands in the way comes before what there is."""
    rows = ngettext("{n} row read", "{n} rows read", dataset.n_rows).format(n=f"{dataset.n_rows:,}")
    columns = _("{text} → {label}").format(text=plain(dataset.text_column), label=plain(dataset.label_column))
    slot = page_header(plain(name_of(dataset)), f"{rows} · {columns} · {format_time(dataset.created_at)}")
    slot.button(_("All data"), key="all_data", on_click=st.query_params.clear)
    if slot.button(_("Delete"), key="delete_dataset"):
        delete_dialog(dataset)
    blocked = bool(dataset.blocking_findings)
    reason = _("Mend what the checks marked first, then upload the table again.") if blocked else None
    if slot.button(
        _("Train a model"), type="primary", key="train_model", disabled=blocked, help=reason, icon=":material/school:"
    ):
        go("train", dataset=dataset.id)
    if blocked and reason:
        headline = _("Training cannot start yet.")
        st.error(f"**{headline}**  \n{reason}", icon=":material/block:")
    show_numbers(dataset)
    show_split(dataset)
    show_findings(dataset)
    if dataset.n_set_aside:
        _show_set_aside(dataset)
    show_categories(dataset)


def _show_set_aside(dataset: Dataset) -> None:
    n = dataset.n_set_aside
    title = ngettext("{n} row set aside", "{n} rows set aside", n).format(n=f"{n:,}")
    expander = st.expander(title, icon=":material/inventory_2:", key=f"set_aside_{dataset.id}", on_change="rerun")
    if expander.open:
        with expander:
            rows = workspace().dataset_rows(dataset.id, set_aside=True)
            rows["set_aside"] = [say(REASONS[code]) for code in rows["set_aside"]]
            show_rows(rows, key="set_aside_rows", columns=("row", "text", "label", "set_aside"))
            st.download_button(
                _("Download all of them"),
                lambda: workspace().set_aside_csv(dataset.id),
                file_name="set-aside.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
            )


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
