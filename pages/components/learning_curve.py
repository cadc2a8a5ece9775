"""What more examples would bring, drawn: measured points, the curve through them, and where it leads."""

import plotly.graph_objects as go
import streamlit as st

from core.domain.model import ModelVersion
from core.domain.study import StudyRecord
from core.i18n import gettext as _
from core.i18n import ngettext, say
from core.studies.learning_curve import LearningCurveResult, category_sentence, overall_sentence
from pages.components.layout import chart_layout, show_chart

BAND = "rgba(61,123,242,0.12)"  # see-through: reads on light and dark
LINE, POINT = "#3D7BF2", "#E07A1F"


def show_learning_curve(record: StudyRecord, model: ModelVersion) -> None:
    result: LearningCurveResult = record.result
    st.text(say(overall_sentence(result.overall)))
    sentence = ngettext(
        "The quick draft, asked {n} example that it did not learn from. Right of the last point the curve is a forecast.",
        "The quick draft, asked {n} examples that it did not learn from. Right of the last point the curve is a forecast.",
        result.n_asked,
    ).format(n=f"{result.n_asked:,}")
    show_chart(
        curve_figure(result),
        key=f"learning_curve_{model.id}",
        alt=_("Share of right answers by the number of practice examples"),
        sentence=sentence,
    )
    if result.categories:
        st.markdown(f"**{_('The weakest categories')}**")
        with st.container(gap="xsmall"):
            for outlook in result.categories:
                st.text(say(category_sentence(outlook)))


def curve_figure(result: LearningCurveResult) -> go.Figure:
    """Practice examples across, share of right answers up. Solid where it was measured, dashed where it is foreseen."""
    line, n_now = result.line, result.overall.n_now
    numbers = [point.n for point in line]
    figure = go.Figure()
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    figure.add_scatter(x=numbers, y=[100 * point.high for point in line], **edge)
    figure.add_scatter(x=numbers, y=[100 * point.low for point in line], fill="tonexty", fillcolor=BAND, **edge)
    seen = [point for point in line if point.n <= n_now]
    ahead = [*seen[-1:], *(point for point in line if point.n > n_now)]
    for points, name, dash in ((seen, _("Curve"), "solid"), (ahead, _("Forecast"), "dot")):
        figure.add_scatter(
            x=[point.n for point in points],
            y=[100 * point.right for point in points],
            mode="lines",
            name=name,
            line={"dash": dash, "width": 2, "color": LINE},
            hovertemplate="%{y:.1f}%",
        )
    figure.add_scatter(
        x=[point.n for point in result.points],
        y=[100 * point.right for point in result.points],
        mode="markers",
        name=_("Measured"),
        marker={"size": 9, "color": POINT},
        hovertemplate="%{y:.1f}%",
    )
    chart_layout(figure, height=300)
    low = min(point.low for point in line)
    figure.update_yaxes(rangemode="normal", range=[max(0.0, 100 * low - 5), 101], ticksuffix="%")
    figure.update_xaxes(title=_("Practice examples"), rangemode="tozero")
    return figure
