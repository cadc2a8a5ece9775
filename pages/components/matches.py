"""Best matches: of many texts those that go best with one. They are second texts of the model's own table, or a file's."""

from dataclasses import dataclass

import pandas
import streamlit as st

from core.domain.dataset import TableFormat, Upload
from core.domain.matching import MOST_MATCHES, Matches
from core.domain.model import ModelVersion
from core.domain.number import shown
from core.domain.pairs import parts
from core.domain.task import AnswerKind
from core.errors import UserError
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from pages.components import keys, reading
from pages.components.exam_table import as_csv
from pages.components.inert_text import shorten, text_width
from pages.components.layout import plain, show_error
from pages.components.pair_texts import PAIR_ROW_HEIGHT, ROW_HEIGHT, Halves
from pages.components.session import workspace
from pages.components.text_boxes import MAX_CHARS, TextBoxes
from pages.components.uploader import upload_file, upload_from_url
from pages.components.url_state import url_segments, url_select

FILE = "candidates"  #: of the address: the table to choose from
COLUMN = "column"  #: of the address: its column
HEIGHT = 110  # of the box, in pixels
USUAL = 10  # matches that are shown
ROWS_OFFERED, ROW_WIDTH = 500, 80
LIKELY = 0.5  # a probability below it speaks against a match
CELL_WIDTH = 85  # letters that stand on one line of the table


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """Where the texts to choose from are; the model's own table where nothing is named."""

    candidates: Upload | None = None
    format: TableFormat | None = None
    column: str | None = None


def show_matches(model: ModelVersion, halves: Halves, box: TextBoxes) -> None:
    """The text and what to choose from, then the texts that go best with it."""
    asked_key = f"{keys.MATCH_ASKED}_{model.id}"
    left, right = st.columns([5, 4], gap="medium")
    with right, st.container(border=True):
        among = _choose_candidates(halves)
        label = _choose_label(model)
        n = st.number_input(
            _("How many"), min_value=1, max_value=MOST_MATCHES, value=USUAL, key=f"{keys.MATCH_N}_{model.id}"
        )
    with left:
        with st.form(f"match_form_{model.id}", border=False):
            st.text_area(plain(halves[0]), key=box.key, height=HEIGHT, max_chars=MAX_CHARS)
            st.form_submit_button(
                _("Find the best matches"),
                type="primary",
                icon=":material/search:",
                key=f"match_find_{model.id}",
                disabled=among is None,
                on_click=_ask,
                args=(asked_key, box),
            )
        _pick_row(model, box, asked_key)
    text = str(st.session_state.get(asked_key, ""))
    if among is None or not text.strip():
        return
    try:
        found = _found(model, text, among, label, int(n))
    except UserError as error:
        show_error(error)
    else:
        _show_found(model, found, among.column or halves[1])


def _ask(asked_key: str, box: TextBoxes) -> None:
    st.session_state[asked_key] = box.text
    box.write_address()


def _pick_row(model: ModelVersion, box: TextBoxes, asked_key: str) -> None:
    """The first text of a row of the exam, which the model has never seen."""
    verbs, key = workspace(), f"{keys.MATCH_ROW}_{model.id}"
    exam = verbs.exam_numbers(model.id) if model.answers is AnswerKind.NUMBER else verbs.exam_rows(model.id)
    firsts = {int(row): parts(text)[0] for row, text in zip(exam["row"], exam["text"].head(ROWS_OFFERED), strict=False)}

    def take() -> None:
        if (row := st.session_state[key]) is not None:
            box.fill(firsts[row])
            _ask(asked_key, box)

    st.selectbox(
        _("Or take a row of the exam"),
        list(firsts),
        index=None,
        key=key,
        format_func=lambda row: f"{row} · {shorten(firsts[row], ROW_WIDTH)}",
        placeholder=_("Choose a row"),
        on_change=take,
    )


def _choose_candidates(halves: Halves) -> Among | None:
    """None while a file or its column is still to be chosen."""
    own = _("“{column}” of its table").format(column=plain(halves[1]))
    st.caption(_("Choose from"))
    if url_segments("among", _("Choose from"), {"own": own, "file": _("A file of yours")}) == "own":
        return Among()
    upload = upload_from_url(FILE)
    if upload is None:
        upload_file("match_file", _("A table with the texts to choose from"), on_received=_remember)
        return None
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.text(upload.filename, width="content")
        st.button(_("Choose another file"), key="match_other_file", type="tertiary", on_click=_forget)
    try:
        preview = reading.preview(upload, TableFormat())
    except UserError as error:
        show_error(error)
        return None
    usual = (st.query_params.get(COLUMN), halves[1], preview.text_column)
    column = next((name for name in usual if name in preview.columns), None)
    url_select(COLUMN, _("Column with the texts"), preview.columns, column, placeholder=_("Choose a column"))
    return Among(candidates=upload, format=preview.format, column=column) if column is not None else None


def _remember(upload: Upload) -> None:
    st.query_params[FILE] = upload.sha256


def _forget() -> None:
    for parameter in (FILE, COLUMN):
        st.query_params.pop(parameter, None)


def _choose_label(model: ModelVersion) -> str | None:
    """The category that means a match; None for scores."""
    if model.answers is AnswerKind.NUMBER:
        return None
    usual = workspace().matching_label(model.id)
    name = workspace().dataset(model.dataset_id).label_column
    return st.selectbox(
        _("A match is where “{column}” is").format(column=plain(name)),
        model.labels,
        index=model.labels.index(usual),
        key=f"{keys.MATCH_LABEL}_{model.id}",
    )


def _found(model: ModelVersion, text: str, among: Among, label: str | None, n: int) -> Matches:
    """Asked for anew only when something changes."""
    asked = (model.id, text, among, label, n)
    known = st.session_state.get(keys.MATCH_FOUND)
    if known is None or known[0] != asked:
        with st.spinner(_("Reading the texts and comparing…"), show_time=True):
            found = workspace().best_matches(
                model.id,
                text,
                candidates=among.candidates,
                format=among.format,
                column=among.column,
                label=label,
                n=n,
            )
        known = st.session_state[keys.MATCH_FOUND] = (asked, found)
    matches: Matches = known[1]
    return matches


def _show_found(model: ModelVersion, found: Matches, column: str) -> None:
    table = pandas.DataFrame(
        {
            "row": [one.row for one in found.matches],
            "text": [one.text for one in found.matches],
            "value": [100 * one.value if found.label else one.value for one in found.matches],
        }
    )
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.subheader(_("Best matches"), anchor=False)
        st.download_button(
            _("Download as .csv"),
            lambda: as_csv(_table_of_file(found, column)),
            file_name=f"best-matches-model-{model.id}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"match_download_{model.id}",
        )
    st.text(best_sentence(found))
    if found.label:
        value = st.column_config.ProgressColumn(
            _("How sure"),
            width=130,
            help=_("How sure the model is that it matches."),
            format="%.0f%%",
            min_value=0,
            max_value=100,
        )
    else:
        value = st.column_config.NumberColumn(_("Score"), width=110, format="%.3g")
    st.dataframe(
        table,
        hide_index=True,
        row_height=PAIR_ROW_HEIGHT if any(text_width(one.text) > CELL_WIDTH for one in found.matches) else ROW_HEIGHT,
        height="content" if len(table) <= USUAL else 740,
        key=f"match_table_{model.id}",
        alt=_("The texts that go best with this one, the best first"),
        column_order=["value", "text", "row"],
        column_config={
            "text": st.column_config.TextColumn(column, width=620),
            "value": value,
            "row": st.column_config.NumberColumn(
                _("Row"), help=_("Row number in the file, header included."), width="small", format="%d"
            ),
        },
    )
    st.caption(
        _("{n_candidates} texts to choose from; the model was asked about the {n_asked} nearest.").format(
            n_candidates=f"{found.n_candidates:,}", n_asked=found.n_asked
        )
    )


def _table_of_file(found: Matches, column: str) -> pandas.DataFrame:
    from core.prediction.table import SUREST

    table = {_("row"): [one.row for one in found.matches], column: [one.text for one in found.matches]}
    if found.label:
        sure = _("sure % of “{label}”").format(label=found.label)
        return pandas.DataFrame(table | {sure: [min(round(100 * one.value, 1), SUREST) for one in found.matches]})
    limits = {_("score"): "value", _("at least"): "low", _("at most"): "high"}
    return pandas.DataFrame(
        table | {name: [round(getattr(one, field), 4) for one in found.matches] for name, field in limits.items()}
    )


def best_sentence(found: Matches) -> str:
    """How good the best ones are, in one sentence."""
    best = found.matches[0]
    if not found.label:
        return _("The best has a score of {value}, likely from {low} to {high}.").format(
            value=shown(best.value), low=shown(best.low or 0.0), high=shown(best.high or 0.0)
        )
    n_sure = sum(one.sure for one in found.matches)
    if best.value < LIKELY:
        return _("The model takes none of them for a match: it is {share} sure of the best.").format(
            share=percent(best.value)
        )
    if not n_sure:
        return _("The model is sure of none of them: look at the best with care.")
    return _("The model is sure of {n_sure} of these {n}.").format(n_sure=n_sure, n=len(found.matches))
