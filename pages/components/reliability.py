"""How sure the model says it is, against how often it is right."""

import plotly.graph_objects as go
import streamlit as st

from core.domain.calibration import CalibrationReport
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from pages.components.layout import chart_layout, show_chart


def show_reliability(report: CalibrationReport | None, *, key: str) -> None:
    """Nothing for models that keep no exam answers."""
    if report is None:
        return
    st.markdown("**" + _("How sure against how right") + "**")
    show_chart(
        reliability_figure(report),
        key=key,
        alt=_("Share of right answers by how sure the model was"),
        sentence=_(
            "On the dotted line, “80% sure” is right 80 times in 100. On average the exam's answers are {gap} away from it."
        ).format(gap=percent(report.ece_after)),
    )
    numbers = _(
        "Calibration error {ece_before} → {ece_after}, Brier score {brier_before} → {brier_after} by the temperature."
    )
    st.caption(
        numbers.format(
            ece_before=f"{report.ece_before:.3f}",
            ece_after=f"{report.ece_after:.3f}",
            brier_before=f"{report.brier_before:.3f}",
            brier_after=f"{report.brier_after:.3f}",
        )
    )


def reliability_figure(report: CalibrationReport) -> go.Figure:
    """A point a bin, as big as the share of answers in it."""
    most = max(one.n for one in report.bins)
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"dash": "dot", "width": 1, "color": "gray"},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=[one.confidence for one in report.bins],
        y=[one.accuracy for one in report.bins],
        mode="lines+markers",
        cliponaxis=False,
        marker={"size": [6 + 18 * (one.n / most) ** 0.5 for one in report.bins]},
        customdata=[one.n for one in report.bins],
        hovertemplate="%{x:.0%} → %{y:.0%} (%{customdata})<extra></extra>",
        showlegend=False,
    )
    chart_layout(figure, height=320)
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(title=_("How sure"), range=[0, 1.05], tickformat=".0%")
    figure.update_yaxes(title=_("Right"), range=[0, 1.08], tickformat=".0%")
    return figure
