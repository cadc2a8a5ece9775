"""The report of a model that answers with a number: verdict, errors beside their baselines, where it errs, and by how much."""

import numpy
import pandas
import plotly.graph_objects as go_
import streamlit as st

from core.domain.model import ModelVersion
from core.domain.number import NumberReport, shown
from core.evaluation.numbers import judge_number
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components.layout import MetricCard, chart_layout, metric_cards, show_chart
from pages.components.pair_texts import halves_of_model, row_height, text_cells, text_columns
from pages.components.report_cards import show_verdict
from pages.components.session import workspace

N_DRAWN = 2_000  # points; more hide one another
N_WORST = 200
DOT_COLOUR = "#3D7BF2"


def show_number_report(model: ModelVersion) -> None:
    report = workspace().number_report(model.id)
    exam = workspace().exam_numbers(model.id)
    show_verdict(judge_number(report), _("The model is {result}.").format(result=say(report.score.words)))
    _show_cards(report, model.kept)
    st.text(interval_sentence(report))
    _show_picture(report, exam, model.id)
    _show_bands(report)
    _show_worst(exam, model)


def facts(report: NumberReport) -> dict[str, str]:
    """For "Details"."""
    return {
        _("Mean error on the exam (MAE)"): f"{report.score.mae:.4g}",
        _("Root of the mean squared error (RMSE)"): f"{report.rmse:.4g}",
        _("Explained differences (R²)"): f"{report.score.r2:.4f}",
        _("Rank correlation (Spearman)"): f"{report.spearman:.4f}",
        _("Half width of the interval"): f"{report.half_width:.4g}",
        _("Seconds for the exam"): f"{report.seconds:.2f}",
    }


def _show_cards(report: NumberReport, kept: str) -> None:
    cards = [
        MetricCard(
            _("Off by, on average"),
            shown(report.score.mae),
            _("Mean distance between answer and true score on the exam (MAE)."),
        ),
        MetricCard(
            _("Explained"),
            percent(max(report.score.r2, 0.0)),
            _("Share of the differences between texts that the answers explain (R²): 100% is perfect, 0% guesses."),
        ),
    ]
    if report.draft is not None and kept != "draft":
        cards.append(
            MetricCard(
                _("Quick draft"),
                shown(report.draft.mae),
                _(
                    "How far off the quick linear model of the same run is, on the same exam. It explains {share}."
                ).format(share=percent(max(report.draft.r2, 0.0))),
            )
        )
    cards.append(
        MetricCard(
            _("Without a model"),
            shown(report.middle.mae),
            _("How far off one would be by always answering {middle}, the middle of the practice rows.").format(
                middle=shown(report.middle_answer)
            ),
        )
    )
    metric_cards(cards, columns=len(cards))


def interval_sentence(report: NumberReport) -> str:
    return _(
        "Each answer comes with a range of ± {half_width}. On the exam the truth was within it in {coverage} of the cases; "
        "it is made for {promised}."
    ).format(half_width=shown(report.half_width), coverage=percent(report.coverage), promised=percent(report.promised))


def _show_picture(report: NumberReport, exam: pandas.DataFrame, model_id: int) -> None:
    st.subheader(_("Answers against true scores"), anchor=False)
    show_chart(
        picture_figure(report, exam),
        key=f"number_picture_{model_id}",
        alt=_("Answer and true score of every exam example"),
        sentence=_(
            "On the line answer and truth are the same. Half of the answers are off by less than {median}."
        ).format(median=shown(float(numpy.median((exam["predicted"] - exam["label"]).abs())) if len(exam) else 0.0)),
    )


def picture_figure(report: NumberReport, exam: pandas.DataFrame) -> go_.Figure:
    """A dot an exam example; the band is what an answer's range covers."""
    drawn = exam if len(exam) <= N_DRAWN else exam.sample(N_DRAWN, random_state=0)
    low, high = report.range
    line = [low, high]
    figure = go_.Figure()
    figure.add_scatter(
        x=[*line, *reversed(line)],
        y=[
            line[0] + report.half_width,
            line[1] + report.half_width,
            line[1] - report.half_width,
            line[0] - report.half_width,
        ],
        fill="toself",
        mode="none",
        fillcolor="rgba(128,140,160,0.15)",
        name=_("Range of an answer"),
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=drawn["label"],
        y=drawn["predicted"],
        mode="markers",
        marker={"size": 5, "opacity": 0.55, "color": DOT_COLOUR},
        name=_("Exam examples"),
        hovertemplate=_("true {x}, answered {y}").format(x="%{x:.3g}", y="%{y:.3g}") + "<extra></extra>",
    )
    figure.add_scatter(
        x=line, y=line, mode="lines", line={"width": 1, "dash": "dot"}, name=_("Exactly right"), hoverinfo="skip"
    )
    chart_layout(figure, height=380)
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(title=_("True score"))
    figure.update_yaxes(title=_("Answer"), rangemode="normal")
    return figure


def _show_bands(report: NumberReport) -> None:
    st.subheader(_("Where it is off"), anchor=False)
    st.text(band_sentence(report))
    table = pandas.DataFrame(
        {
            "range": [_("{low} to {high}").format(low=shown(band.low), high=shown(band.high)) for band in report.bands],
            "mae": [band.mae for band in report.bands],
            "bias": [band.bias for band in report.bands],
            "n": [band.n for band in report.bands],
        }
    )
    config = st.column_config
    st.dataframe(
        table,
        hide_index=True,
        row_height=36,
        height="content",
        alt=_("Errors in each part of the range"),
        column_config={
            "range": config.TextColumn(_("True score")),
            "mae": config.NumberColumn(_("Off by, on average"), format="%.3g"),
            "bias": config.NumberColumn(
                _("Too high by"), format="%+.3g", help=_("Below zero the answers are too low there.")
            ),
            "n": config.NumberColumn(_("In the exam")),
        },
    )


def band_sentence(report: NumberReport) -> str:
    """The part of the range where it errs most, and in which direction."""
    if not report.bands:
        return _("The exam has no examples.")
    worst = max(report.bands, key=lambda band: band.mae)
    sentence = (
        _("Least reliable from {low} to {high}: off by {mae}, and on the whole too high.")
        if worst.bias > 0
        else _("Least reliable from {low} to {high}: off by {mae}, and on the whole too low.")
    )
    return sentence.format(low=shown(worst.low), high=shown(worst.high), mae=shown(worst.mae))


def _show_worst(exam: pandas.DataFrame, model: ModelVersion) -> None:
    st.subheader(_("Furthest off"), anchor=False)
    worst = exam.assign(off=(exam["predicted"] - exam["label"])).sort_values("off", key=abs, ascending=False)
    worst = worst.head(N_WORST)
    st.caption(
        ngettext(
            "The {n} exam example with the greatest error. A wrong number in the table is a common reason.",
            "The {n} exam examples with the greatest errors. A wrong number in the table is a common reason.",
            len(worst),
        ).format(n=len(worst))
    )
    config = st.column_config
    halves = halves_of_model(model)
    st.dataframe(
        worst.assign(**text_cells(worst["text"], halves)),
        hide_index=True,
        row_height=row_height(halves),
        height=400 if len(worst) > 10 else "content",
        key=f"number_worst_{model.id}",
        alt=_("Exam examples with the greatest errors"),
        column_order=["row", *text_columns(halves, 440), "label", "predicted", "off"],
        column_config={
            "row": config.NumberColumn(_("Row"), width="small", format="%d"),
            **text_columns(halves, 440),
            "label": config.NumberColumn(_("True score"), format="%.3g"),
            "predicted": config.NumberColumn(_("Answer"), format="%.3g"),
            "off": config.NumberColumn(_("Too high by"), format="%+.3g"),
        },
    )
