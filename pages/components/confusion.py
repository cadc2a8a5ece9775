"""Which categories get mixed up: sentences for the worst, a matrix to click, and the exam rows behind a cell."""

from dataclasses import dataclass

import plotly.graph_objects as go

from core.domain.model import EvaluationReport
from core.i18n import gettext as _
from pages.components.inert_text import chart_text

MATRIX_LIMIT = 20  # above this many categories a full matrix can no longer be read
MOST_CONFUSED = 12  # categories in the restricted matrix
RIGHT_SCALE = [[0, "rgba(61,123,242,0.06)"], [1, "rgba(61,123,242,0.60)"]]  # see-through: reads on light and dark
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
    hover = _("True category: {truth}<br>Answered: {answer}<br>Rows: {n}")
    figure.add_scatter(
        x=[j for _i, j, _n in cells],
        y=[i for i, _j, _n in cells],
        mode="markers+text" if len(shown) <= MATRIX_LIMIT else "markers",
        text=[str(n) for _i, _j, n in cells],
        textposition="middle center",
        customdata=[[shown[i], shown[j]] for i, j, _n in cells],
        hovertext=[
            hover.format(truth=chart_text(shown[i], 60), answer=chart_text(shown[j], 60), n=n) for i, j, n in cells
        ],
        hoverinfo="text",
        marker={"symbol": "square", "size": 22 if len(shown) <= MATRIX_LIMIT else 9, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        showlegend=False,
    )
    names = [chart_text(label) for label in shown]
    ticks = {"tickmode": "array", "tickvals": list(range(len(shown))), "ticktext": names, "showgrid": False}
    figure.update_xaxes(**ticks, title=_("Answered"), tickangle=-40 if len(shown) > 4 else 0, zeroline=False)
    figure.update_yaxes(**ticks, title=_("True category"), autorange="reversed", zeroline=False)
    figure.update_layout(hovermode="closest", hoverdistance=40, dragmode=False)
    return figure


def matrix_height(n_shown: int) -> int:
    """Pixels that give each row room for its name."""
    return 190 + (32 * max(n_shown, 4) if n_shown <= MATRIX_LIMIT else 13 * n_shown)
