"""Which categories get mixed up: sentences for the worst, a matrix to click, and the exam rows behind a cell."""

from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from core.domain.model import EvaluationReport
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components import keys
from pages.components.exam_table import show_rows
from pages.components.inert_text import chart_text, text_width
from pages.components.layout import chart_layout, plain, tells_errors
from pages.components.pair_texts import Halves
from pages.components.session import workspace

MATRIX_LIMIT = 20  # above this many categories a full matrix can no longer be read
DRAWN_LIMIT = 200  # above this many it is not even drawn: of a thousand it would be a million cells
MOST_CONFUSED = 12  # categories in the restricted matrix
RIGHT_SCALE = [[0, "rgba(61,123,242,0.06)"], [1, "rgba(61,123,242,0.60)"]]  # see-through: reads on light and dark
NAMED_WIDTH = 30  # characters; up to this much the columns carry names
N_SENTENCES = 5
TRUTH, ANSWER = "truth", "answer"  # in the URL
WRONG_SCALE = [[0, "rgba(224,122,31,0.00)"], [1, "rgba(224,122,31,0.75)"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MixUp:
    """`n` of the `n_truth` exam rows that belong to `truth` were answered `answer`."""

    truth: str
    answer: str
    n: int
    n_truth: int


def mix_ups(report: EvaluationReport) -> list[MixUp]:
    """Every pair that was mixed up at least once, the most frequent first."""
    found = [
        MixUp(truth=report.labels[i], answer=report.labels[j], n=n, n_truth=sum(row))
        for i, row in enumerate(report.confusion)
        for j, n in enumerate(row)
        if i != j and n
    ]
    return sorted(found, key=lambda m: (-m.n, -m.n / m.n_truth))


def most_confused(report: EvaluationReport, limit: int = MOST_CONFUSED) -> list[str]:
    """The categories of the worst mix-ups, in the report's order; all of them when they are few."""
    if len(report.labels) <= MATRIX_LIMIT:
        return list(report.labels)
    chosen: set[str] = set()
    for mix_up in mix_ups(report):
        if len(chosen | {mix_up.truth, mix_up.answer}) > limit:
            continue
        chosen |= {mix_up.truth, mix_up.answer}
    return [label for label in report.labels if label in chosen]


def matrix_figure(report: EvaluationReport, shown: list[str]) -> go.Figure:
    """The confusion matrix of the `shown` categories: true ones down, answers across, counts in the cells.

    Colour is the share of the row, blue for right and orange for wrong. Positions are numbers, not names, so two
    names that look alike after shortening stay two rows. An unseen square on each filled cell makes it clickable:
    Plotly selects points, never heatmap cells. Its `customdata` is (true category, answer).
    """
    index = {label: i for i, label in enumerate(report.labels)}
    counts = [[report.confusion[index[t]][index[a]] for a in shown] for t in shown]
    totals = [max(1, sum(report.confusion[index[t]])) for t in shown]
    right, wrong, cells = [], [], []
    for i, row in enumerate(counts):
        right.append([n / totals[i] if i == j else None for j, n in enumerate(row)])
        wrong.append([n / totals[i] if i != j else None for j, n in enumerate(row)])
        cells += [(i, j, n) for j, n in enumerate(row) if n]
    figure = go.Figure()
    for z, scale, top in ((right, RIGHT_SCALE, 1.0), (wrong, WRONG_SCALE, 0.5)):
        figure.add_heatmap(z=z, colorscale=scale, zmin=0, zmax=top, showscale=False, hoverinfo="skip", xgap=1, ygap=1)
    ink = {"color": "#E6EAF1" if st.context.theme.type == "dark" else "#1B2430"}
    hover = _("True category: {truth}<br>Answered: {answer}<br>Rows: {n}")
    figure.add_scatter(
        x=[j for _i, j, _n in cells],
        y=[i for i, _j, _n in cells],
        mode="markers+text" if len(shown) <= MATRIX_LIMIT else "markers",
        text=[str(n) for _i, _j, n in cells],
        textposition="middle center",
        textfont=ink,
        customdata=[[shown[i], shown[j]] for i, j, _n in cells],
        hovertext=[
            hover.format(truth=chart_text(shown[i], 60), answer=chart_text(shown[j], 60), n=n) for i, j, n in cells
        ],
        hoverinfo="text",
        marker={"symbol": "square", "size": 22 if len(shown) <= MATRIX_LIMIT else 9, "opacity": 0},
        selected={"marker": {"opacity": 0}, "textfont": ink},
        unselected={"marker": {"opacity": 0}, "textfont": ink},
        showlegend=False,
    )
    down = [chart_text(label) for label in shown]
    across = down
    if sum(map(text_width, down)) > NAMED_WIDTH:  # names would overlap on a phone: number both instead
        down = [f"{name}  {i + 1}" for i, name in enumerate(down)]
        every = 1 if len(shown) <= MATRIX_LIMIT else 5
        across = [str(i + 1) if (i + 1) % every == 0 else "" for i in range(len(shown))]
    places = {"tickmode": "array", "tickvals": list(range(len(shown))), "showgrid": False, "zeroline": False}
    end = len(shown) - 0.5
    figure.update_xaxes(**places, ticktext=across, range=[-0.5, end], title=_("Answered"), tickangle=0)
    figure.update_yaxes(**places, ticktext=down, range=[end, -0.5])
    figure.update_layout(hoverdistance=40, dragmode=False)
    return figure


def matrix_height(n_shown: int) -> int:
    """Pixels that give each row room for its name."""
    return 90 + (32 * max(n_shown, 4) if n_shown <= MATRIX_LIMIT else 13 * n_shown)


@st.fragment
@tells_errors
def show_mix_ups(report: EvaluationReport, model_id: int, halves: Halves = ()) -> None:
    """The worst mix-ups in words, the matrix, and the exam rows behind the chosen cell (in the URL: truth, answer)."""
    truth_key, answer_key = f"{keys.CELL_TRUTH}_{model_id}", f"{keys.CELL_ANSWER}_{model_id}"
    _restore_cell(report, truth_key, answer_key)
    st.subheader(_("What gets mixed up"), anchor=False)
    worst = mix_ups(report)[:N_SENTENCES]
    if not worst:
        st.caption(_("Nothing: every exam example was answered right."))
    with st.container(gap="xsmall"):
        for position, mix_up in enumerate(worst):
            st.button(
                _sentence(mix_up),
                type="tertiary",
                icon=":material/swap_horiz:",
                wrap=True,
                key=f"mix_up_{model_id}_{position}",
                help=_("Show these exam rows"),
                on_click=_choose_cell,
                args=(truth_key, answer_key, mix_up.truth, mix_up.answer),
            )
    shown = _shown_categories(report, model_id)
    chart_key = f"{keys.MATRIX}_{model_id}_{len(shown)}"
    figure = chart_layout(matrix_figure(report, shown), height=matrix_height(len(shown)))
    figure.update_layout(hovermode="closest", margin={"t": 8})
    figure.update_yaxes(rangemode="normal")
    st.plotly_chart(
        figure,
        key=chart_key,
        config={"displayModeBar": False, "scrollZoom": False},
        on_select=lambda: _cell_clicked(chart_key, truth_key, answer_key),
        selection_mode="points",
        alt=_("How often each true category got each answer"),
    )
    st.caption(
        _(
            "Down: the true category. Across: the answer. Blue is right, orange is wrong. Click a coloured cell to see its rows."
        )
    )
    columns = st.columns(2)
    for column, key, label in zip(columns, (truth_key, answer_key), (_("True category"), _("Answered")), strict=True):
        column.selectbox(
            label,
            list(report.labels),
            index=None,
            key=key,
            placeholder=_("Choose a category"),
            on_change=_write_cell,
            args=(truth_key, answer_key),
        )
    _show_cell(model_id, st.session_state[truth_key], st.session_state[answer_key], halves)


def _shown_categories(report: EvaluationReport, model_id: int) -> list[str]:
    if len(report.labels) <= MATRIX_LIMIT:
        return list(report.labels)
    if len(report.labels) > DRAWN_LIMIT:
        return most_confused(report)
    everything = st.toggle(
        ngettext("Show all {n} category", "Show all {n} categories", len(report.labels)).format(n=len(report.labels)),
        key=f"{keys.ALL_CATEGORIES}_{model_id}",
        help=_("Off: only the categories of the worst mix-ups."),
    )
    return list(report.labels) if everything else most_confused(report)


def _sentence(mix_up: MixUp) -> str:
    return ngettext(
        "{n} of {n_truth} “{truth}” was answered “{answer}”",
        "{n} of {n_truth} “{truth}” were answered “{answer}”",
        mix_up.n,
    ).format(n=mix_up.n, n_truth=mix_up.n_truth, truth=plain(mix_up.truth), answer=plain(mix_up.answer))


def _show_cell(model_id: int, truth: str | None, answer: str | None, halves: Halves) -> None:
    if truth is None and answer is None:
        return
    rows = workspace().exam_rows(model_id, label=truth, predicted=answer)
    if rows.empty:
        st.caption(_("No exam row is in this cell."))
        return
    st.caption(ngettext("{n} exam row", "{n} exam rows", len(rows)).format(n=len(rows)))
    show_rows(rows, key=f"cell_rows_{model_id}", alt=_("Exam rows behind the chosen cell"), halves=halves)


def _restore_cell(report: EvaluationReport, truth_key: str, answer_key: str) -> None:
    for key, parameter in ((truth_key, TRUTH), (answer_key, ANSWER)):
        if key not in st.session_state:
            asked = st.query_params.get(parameter)
            st.session_state[key] = asked if asked in report.labels else None


def _choose_cell(truth_key: str, answer_key: str, truth: str, answer: str) -> None:
    st.session_state[truth_key], st.session_state[answer_key] = truth, answer
    _write_cell(truth_key, answer_key)


def _write_cell(truth_key: str, answer_key: str) -> None:
    for key, parameter in ((truth_key, TRUTH), (answer_key, ANSWER)):
        if st.session_state[key] is None:
            st.query_params.pop(parameter, None)
        else:
            st.query_params[parameter] = st.session_state[key]


def _cell_clicked(chart_key: str, truth_key: str, answer_key: str) -> None:
    points = st.session_state[chart_key].selection.points
    if points:
        truth, answer = points[0]["customdata"]
        _choose_cell(truth_key, answer_key, truth, answer)
