"""An answer as graded bars: the likeliest categories and the threshold they are held against."""

import plotly.graph_objects as go

from core.domain.model import Prediction
from core.evaluation.verdict import percent
from pages.components.inert_text import chart_text

N_BARS = 5
SURE_COLOUR, UNSURE_COLOUR, OTHER_COLOUR = "#3D7BF2", "#E07A1F", "rgba(128,140,160,0.55)"


def bars_figure(prediction: Prediction, threshold: float) -> go.Figure:
    """The top answers, likeliest on top; a dotted line marks the threshold."""
    top = list(prediction.probabilities.items())[:N_BARS]
    first = SURE_COLOUR if prediction.sure else UNSURE_COLOUR
    figure = go.Figure()
    figure.add_bar(
        x=[probability for _label, probability in top],
        y=list(range(len(top))),
        orientation="h",
        marker_color=[first, *[OTHER_COLOUR] * (len(top) - 1)],
        text=[percent(probability) for _label, probability in top],
        textposition="outside",
        cliponaxis=False,
        hovertext=[f"{chart_text(label, 60)}: {percent(probability)}" for label, probability in top],
        hoverinfo="text",
        width=0.62,
        showlegend=False,
    )
    if threshold <= 1:
        figure.add_vline(x=threshold, line={"width": 1, "dash": "dot", "color": "rgba(128,140,160,0.9)"})
    figure.update_xaxes(range=[0, 1.12], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".0%", showgrid=False, title=None)
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(top))),
        ticktext=[chart_text(label) for label, _probability in top],
        autorange="reversed",
        showgrid=False,
        title=None,
    )
    figure.update_layout(hovermode="closest", dragmode=False)
    return figure


def bars_height(prediction: Prediction) -> int:
    return 70 + 38 * min(N_BARS, len(prediction.probabilities))
