"""The rows of a dataset, a page at a time: correct categories in place, change many at once.

Corrections are collected in the tab until they are saved. Saving makes one new version, and the filters stay.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core.datasets.limited_child import Progress
from core.datasets.rows import REASONS
from core.domain.dataset import Dataset
from core.domain.rows import RowFilter, RowPage, TableRow
from core.domain.task import AnswerKind
from core.i18n import gettext as _
from core.i18n import ngettext, say
from core.workspace.rows import MAX_NAMED_ROWS
from pages.components import keys
from pages.components.category_sets import label_from, names_in, none_of_them
from pages.components.changes import Change, ask_for, show_change
from pages.components.layout import tells_errors
from pages.components.pair_texts import TEXT_KEYS, Halves, halves_of, row_height, text_cells, text_columns
from pages.components.row_filters import (
    ask_page,
    asked_filter,
    asked_order,
    asked_page,
    show_everything,
    show_filters,
    split_names,
)
from pages.components.session import workspace

if TYPE_CHECKING:
    from streamlit.elements.lib.column_types import ColumnConfig

PAGE_ROWS = 50
SHOWN_CHARS = 600  #: of a text; a cell shows one line, a double click all of these
MAX_OPTIONS = 2_000  #: categories offered in a cell
PLACE = "rows"
Ref = tuple[str, int]  #: file and row number


@dataclass(slots=True, kw_only=True)
class Staged:
    """What a person changed or ticked in one version and has not saved."""

    dataset_id: str
    labels: dict[Ref, str] = field(default_factory=dict)
    ticked: set[Ref] = field(default_factory=set)
    new_labels: list[str] = field(default_factory=list)  #: typed, so that cells offer them
    turn: int = 0  #: counts up to draw the table anew
    drawn: str = ""  #: key of the table on the screen; what it tells is relative to what was staged when it was drawn
    labels_drawn: dict[Ref, str] = field(default_factory=dict)
    order: tuple[str, ...] | None = None  #: of rows with several categories, the order in which labels list them
    ticked_drawn: set[Ref] = field(default_factory=set)

    def draw(self, key: str) -> None:
        if key != self.drawn:
            self.drawn, self.labels_drawn, self.ticked_drawn = key, dict(self.labels), set(self.ticked)

    def take_over(self, rows: Sequence[TableRow], edited: Mapping[int, Mapping[str, Any]]) -> None:
        """`edited` is what the table tells: position -> changed cells, all of them since it was drawn."""
        for position, row in enumerate(rows):
            ref, cells = (row.file, row.row), edited.get(position, {})
            label = self._label(cells.get("label")) or self.labels_drawn.get(ref, "")
            if label and label != row.label:
                self.labels[ref] = label
            else:
                self.labels.pop(ref, None)
            if cells.get("ticked", ref in self.ticked_drawn):
                self.ticked.add(ref)
            else:
                self.ticked.discard(ref)

    def _label(self, cell: Any) -> str:
        """What a cell that was changed says; one with several categories holds a list, which may be empty."""
        if self.order is None or cell is None:
            return str(cell or "")
        return label_from(cell, self.order)

    def discard(self) -> None:
        self.labels.clear()
        self.turn += 1

    def untick(self) -> None:
        self.ticked.clear()
        self.turn += 1


@st.fragment
@tells_errors
def show_row_grid(dataset: Dataset) -> None:
    """Filters, one page of the rows, what is staged, and what can be done with many rows. Reruns by itself."""
    staged = st.session_state.get(keys.ROWS_STAGED)
    if not isinstance(staged, Staged) or staged.dataset_id != dataset.id:
        staged = st.session_state[keys.ROWS_STAGED] = Staged(dataset_id=dataset.id)
    labels = workspace().row_labels(dataset.id)
    if dataset.answers is AnswerKind.CATEGORIES:
        staged.order = tuple(dict.fromkeys((*dataset.label_counts, *labels)))
    show_filters(dataset, labels, workspace().row_reasons(dataset.id))
    wanted = asked_filter()
    order, descending = asked_order()
    page = workspace().row_page(
        dataset.id, wanted, order=order, descending=descending, number=asked_page(), size=PAGE_ROWS
    )
    _show_count(page, dataset, filtered=wanted != RowFilter())
    options = list(dict.fromkeys((*dataset.label_counts, *labels, *staged.new_labels)))
    if dataset.answers is AnswerKind.CATEGORIES:
        options.append(none_of_them())
    if page.rows:
        view = f"{hash((wanted, order, descending, page.number)):x}"
        key = f"{keys.ROWS_TABLE}_{dataset.id}_{view}_{staged.turn}"
        _show_table(page, options, staged, key, halves_of(dataset))
        _show_pages(page)
    _show_staged(dataset, staged)
    show_change(dataset, PLACE)
    if staged.ticked or page.rows:
        _show_many(dataset, page, wanted, options, staged)


def _show_count(page: RowPage, dataset: Dataset, *, filtered: bool) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if not page.n_found:
            st.markdown(_("**No row** is like this."), width="content")
        elif filtered:
            sentence = ngettext("**{n}** of {all} row", "**{n}** of {all} rows", dataset.n_rows)
            st.markdown(sentence.format(n=f"{page.n_found:,}", all=f"{dataset.n_rows:,}"), width="content")
        else:
            sentence = ngettext("**{n}** row", "**{n}** rows", page.n_found)
            st.markdown(sentence.format(n=f"{page.n_found:,}"), width="content")
        if filtered:
            st.button(_("Show all rows"), key="rows_show_all", type="tertiary", on_click=show_everything)


def _show_table(page: RowPage, options: Sequence[str], staged: Staged, key: str, halves: Halves) -> None:
    """Only this page is sent to the browser. A table renders nothing that stands in a cell."""
    staged.draw(key)
    refs = [(row.file, row.row) for row in page.rows]
    labels = [staged.labels_drawn.get(ref, row.label) or None for ref, row in zip(refs, page.rows, strict=True)]
    frame = pd.DataFrame(
        {
            "ticked": [ref in staged.ticked_drawn for ref in refs],
            "row": [row.row for row in page.rows],
            "label": labels if staged.order is None else [names_in(label or "") for label in labels],
            **text_cells([row.text for row in page.rows], halves, _shown),
            "state": [state_of(row) for row in page.rows],
        }
    )
    st.data_editor(
        frame,
        key=key,
        hide_index=True,
        disabled=["row", *TEXT_KEYS, "state"],
        height="content" if len(frame) <= 12 else 500,
        row_height=row_height(halves),
        on_change=_take_over,
        args=(key, staged, page.rows),
        alt=_("Rows of the table"),
        column_order=["ticked", "label", *text_columns(halves, 520), "row", "state"],
        column_config={
            "ticked": st.column_config.CheckboxColumn("✓", help=_("Tick rows to change them together."), width=44),
            "row": st.column_config.NumberColumn(
                _("Row"), help=_("Row number in the file, header included."), width=72, format="%d"
            ),
            "label": _label_column(options, labels) if staged.order is None else _set_column(options),
            **text_columns(halves, 520),
            "state": st.column_config.TextColumn(_("Used for"), width=190),
        },
    )


def _label_column(options: Sequence[str], labels: Sequence[str | None]) -> "ColumnConfig":
    return st.column_config.SelectboxColumn(
        _("Category"),
        help=_("Double-click a cell to choose another category."),
        width=160,
        options=list(dict.fromkeys((*options[:MAX_OPTIONS], *(label for label in labels if label)))),
        required=True,
    )


def _set_column(options: Sequence[str]) -> "ColumnConfig":
    return st.column_config.MultiselectColumn(
        _("Categories"),
        help=_("Double-click a cell to add categories or take some away."),
        width=240,
        options=list(options[:MAX_OPTIONS]),
    )


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN_CHARS else text[: SHOWN_CHARS - 1] + "…"


def state_of(row: TableRow) -> str:
    """What the row is used for, or why it is not."""
    return say(REASONS[row.set_aside]) if row.set_aside else split_names()[row.split]


def _take_over(key: str, staged: Staged, rows: Sequence[TableRow]) -> None:
    staged.take_over(rows, st.session_state[key]["edited_rows"])


def _show_pages(page: RowPage) -> None:
    if page.n_pages > 1:
        key = f"{keys.ROWS_ASKED}_page_{page.number}_{page.n_pages}"
        st.pagination(
            page.n_pages, default=page.number, key=key, on_change=_turn_page, args=(key,), max_visible_pages=7
        )


def _turn_page(key: str) -> None:
    ask_page(st.session_state[key])


# -- one by one ------------------------------------------------------------------------------------------------------


def _show_staged(dataset: Dataset, staged: Staged) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if n := len(staged.labels):
            words = ngettext("{n} change, not yet saved", "{n} changes, not yet saved", n).format(n=f"{n:,}")
            st.markdown(f":material/edit: **{words}**", width="content")
            st.button(_("Save"), key="rows_save", type="primary", on_click=_save, args=(dataset, staged))
            st.button(_("Discard"), key="rows_discard", on_click=staged.discard)
        else:
            st.caption(_("To correct a category, double-click it in the table."), width="content")
        with st.popover(_("Add a category"), icon=":material/new_label:", key="rows_new_label_part"):
            st.text_input(
                _("Its name"),
                key=keys.ROWS_NEW_LABEL,
                on_change=_add_label,
                args=(staged,),
                help=_("From then on the table offers it."),
                max_chars=SHOWN_CHARS,
            )


def _add_label(staged: Staged) -> None:
    name = str(st.session_state[keys.ROWS_NEW_LABEL]).strip()
    if name and name not in staged.new_labels:
        staged.new_labels.append(name)
    st.session_state[keys.ROWS_NEW_LABEL] = ""


def _save(dataset: Dataset, staged: Staged) -> None:
    verbs = workspace()
    edits: dict[str, list[Ref]] = {}
    for ref, label in staged.labels.items():
        edits.setdefault(label, []).append(ref)
    _change(dataset, f"relabel {edits}", lambda progress: verbs.relabel(dataset.id, edits, progress=progress))


def _change(dataset: Dataset, what: str, make: Callable[[Progress], Dataset]) -> None:
    ask_for(Change(dataset_id=dataset.id, place=PLACE, key=f"{what} {dataset.id}", make=make))


# -- many at once ----------------------------------------------------------------------------------------------------


def _show_many(dataset: Dataset, page: RowPage, wanted: RowFilter, options: Sequence[str], staged: Staged) -> None:
    """The ticked rows, or else all rows that meet the filter: another category, or out."""
    n = len(staged.ticked) or page.n_found
    chosen = RowFilter(rows=tuple(sorted(staged.ticked))) if staged.ticked else wanted
    if chosen == RowFilter():
        st.caption(_("To change many rows at once, tick them, or search and filter until the table shows only those."))
        return
    with st.container(border=True, gap="small", key="rows_many"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            if staged.ticked:
                title = ngettext("With the {n} ticked row", "With the {n} ticked rows", n)
                st.subheader(title.format(n=f"{n:,}"), anchor=False, width="content")
                st.button(_("Untick"), key="rows_untick", type="tertiary", on_click=staged.untick)
            else:
                title = ngettext("With the {n} row found", "With all {n} rows found", n)
                st.subheader(title.format(n=f"{n:,}"), anchor=False, width="content")
        too_many = n > MAX_NAMED_ROWS and (staged.order is not None or not chosen.is_whole_labels)
        unsaved = bool(staged.labels)
        reason = _("Save or discard your changes first.") if unsaved else None
        if too_many:
            st.caption(
                _(
                    "These are more than {limit}. Search for fewer, or choose whole categories and nothing else: "
                    "those may be of any size."
                ).format(limit=f"{MAX_NAMED_ROWS:,}")
            )
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            label = _asked_label(dataset, options) if staged.order is None else _asked_set(dataset, staged.order)
            st.button(
                ngettext("Give {n} row this category", "Give {n} rows this category", n).format(n=f"{n:,}")
                if staged.order is None
                else ngettext("Give {n} row just these", "Give {n} rows just these", n).format(n=f"{n:,}"),
                key="rows_give",
                icon=":material/label:",
                disabled=unsaved or not label,
                help=reason,
                on_click=_give,
                args=(dataset, chosen, label),
            )
            st.button(
                _("Take out"),
                key="rows_take_out",
                icon=":material/playlist_remove:",
                disabled=unsaved,
                help=reason or _("They are left out of everything. Nothing is deleted: it can be undone."),
                on_click=_take_out,
                args=(dataset, chosen),
            )
            st.button(
                _("None of these"),
                key="rows_none",
                icon=":material/block:",
                disabled=unsaved,
                help=reason or _("They are kept as examples of what belongs to no category."),
                on_click=_none_of_these,
                args=(dataset, chosen),
            )


def _asked_label(dataset: Dataset, options: Sequence[str]) -> str:
    label = st.selectbox(
        _("Category"),
        options,
        index=None,
        key=f"{keys.ROWS_GIVE}_{dataset.id}",
        accept_new_options=True,
        filter_mode="contains",
        placeholder=_("Choose or type a name"),
        width=260,
    )
    return (label or "").strip()


def _asked_set(dataset: Dataset, order: Sequence[str]) -> str:
    """ "" while nothing is chosen."""
    names = st.multiselect(
        _("Categories"),
        order,
        key=f"{keys.ROWS_GIVE}_{dataset.id}",
        accept_new_options=True,
        filter_mode="contains",
        placeholder=_("Choose or type names"),
        select_all=False,
        width=340,
    )
    return label_from(names, order) if names else ""


def _give(dataset: Dataset, rows: RowFilter, label: str) -> None:
    verbs = workspace()
    _change(
        dataset,
        f"give {label!r} to {rows}",
        lambda progress: verbs.relabel_found(dataset.id, rows, label, progress=progress),
    )


def _take_out(dataset: Dataset, rows: RowFilter) -> None:
    verbs = workspace()
    _change(dataset, f"take out {rows}", lambda progress: verbs.take_out(dataset.id, rows, progress=progress))


def _none_of_these(dataset: Dataset, rows: RowFilter) -> None:
    verbs = workspace()
    _change(dataset, f"none of these {rows}", lambda progress: verbs.none_of_these(dataset.id, rows, progress=progress))
