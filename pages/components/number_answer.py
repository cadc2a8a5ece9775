"""Try it, for a model that answers with a number: the number on its scale, with the range that likely holds the truth."""

from collections.abc import Sequence

import pandas
import plotly.graph_objects as go_
import streamlit as st

from core.domain.model import ModelVersion
from core.domain.number import NumberPrediction, NumberReport, shown
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from pages.components.layout import chart_layout, show_chart
from pages.components.number_report import DOT_COLOUR
from pages.components.pair_texts import Halves, in_short, row_height, show_label_name, text_cells, text_columns
from pages.components.session import workspace


def show_number_answer(model: ModelVersion, text: str) -> NumberPrediction:
    with st.spinner(_("Reading…"), show_time=False):
        (prediction,) = workspace().predict_numbers(model.id, [text])
    report = workspace().number_report(model.id)
    show_label_name(model)
    st.subheader(shown(prediction.value), anchor=False)
    st.text(
        _(
            "The true score is likely from {low} to {high}; on the exam such a range held it in {coverage} of the cases."
        ).format(low=shown(prediction.low), high=shown(prediction.high), coverage=percent(report.coverage))
    )
    show_chart(
        scale_figure(prediction, report),
        key=f"scale_{model.id}",
        alt=_("The answer on the scale of the practice rows"),
        sentence=_("The scale runs from the least to the greatest score in practice; the bar is the likely range."),
    )
    _show_truth(model, prediction)
    return prediction


def scale_figure(prediction: NumberPrediction, report: NumberReport) -> go_.Figure:
    low, high = report.range
    figure = go_.Figure()
    figure.add_scatter(
        x=[low, high], y=[0, 0], mode="lines", line={"width": 6, "color": "rgba(128,140,160,0.3)"}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=[prediction.low, prediction.high],
        y=[0, 0],
        mode="lines",
        line={"width": 14, "color": DOT_COLOUR},
        opacity=0.35,
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[prediction.value],
        y=[0],
        mode="markers",
        marker={"size": 18, "color": DOT_COLOUR},
        hovertemplate="%{x:.3g}<extra></extra>",
    )
    chart_layout(figure, height=130)
    margin = 0.04 * (high - low or 1.0)
    figure.update_layout(showlegend=False, hovermode="closest", dragmode=False, margin={"t": 8, "b": 28})
    figure.update_xaxes(range=[low - margin, high + margin], title=None)
    figure.update_yaxes(visible=False, range=[-1, 1])
    return figure


def _show_truth(model: ModelVersion, prediction: NumberPrediction) -> None:
    rows = workspace().exam_numbers(model.id)
    same = rows[rows["text"] == prediction.text]
    if same.empty:
        return
    row = same.iloc[0]
    st.caption(
        _("Exam row {row}. Its true score is {truth}.").format(row=int(row["row"]), truth=shown(float(row["label"])))
    )


def show_number_predictions(predictions: Sequence[NumberPrediction], *, key: str, halves: Halves = ()) -> None:
    table = pandas.DataFrame(
        {
            **text_cells([prediction.text for prediction in predictions], halves, in_short),
            "value": [prediction.value for prediction in predictions],
            "low": [prediction.low for prediction in predictions],
            "high": [prediction.high for prediction in predictions],
        }
    )
    config = st.column_config
    st.dataframe(
        table,
        hide_index=True,
        row_height=row_height(halves),
        height="content" if len(table) <= 10 else 400,
        key=key,
        alt=_("Texts and their answers"),
        column_config={
            **text_columns(halves, 430),
            "value": config.NumberColumn(_("Score"), format="%.3g"),
            "low": config.NumberColumn(_("At least"), format="%.3g"),
            "high": config.NumberColumn(_("At most"), format="%.3g"),
        },
    )
