"""Try it, for a model that gives several categories: a bar each with its own threshold, and those that the text gets."""

from collections.abc import Sequence

import pandas
import plotly.graph_objects as go_
import streamlit as st

from core.domain.model import ModelVersion
from core.domain.several import SeveralPrediction, categories_of
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components.answer_bars import OTHER_COLOUR, SURE_COLOUR
from pages.components.category_sets import set_in_words
from pages.components.inert_text import chart_text
from pages.components.layout import chart_layout, plain, show_chart
from pages.components.pair_texts import in_short
from pages.components.session import workspace

N_BARS = 8  # besides those that are given
N_GIVEN = 12  # drawn at most


def show_several_answer(model: ModelVersion, text: str) -> SeveralPrediction:
    with st.spinner(_("Reading…"), show_time=False):
        (prediction,) = workspace().predict_several(model.id, [text])
    n = len(prediction.categories)
    if n:
        st.badge(ngettext("{n} category", "{n} categories", n).format(n=n), color="blue", icon=":material/label:")
        st.subheader(" · ".join(plain(name) for name in prediction.categories), anchor=False)
    else:
        st.badge(_("None"), color="violet", icon=":material/label_off:")
        st.subheader(_("None of the categories"), anchor=False)
    st.text(answer_sentence(prediction))
    drawn = bars_of(prediction)
    show_chart(
        bars_figure(prediction, drawn),
        key=f"several_bars_{model.id}",
        alt=_("How sure the model is of each category"),
        sentence=_(
            "Blue bars reach the threshold of their category, the small mark: the text gets those. Thresholds were chosen on "
            "the check-up examples."
        ),
    )
    _show_truth(model, prediction)
    return prediction


def answer_sentence(prediction: SeveralPrediction) -> str:
    """How sure it is of the least sure category that it gives, or how near the likeliest comes."""
    if prediction.categories:
        if len(prediction.categories) == 1:
            (only,) = prediction.categories
            return _("It is {sure} sure; the category is given from {threshold} on.").format(
                sure=percent(prediction.probabilities[only]), threshold=percent(prediction.thresholds[only])
            )
        least = min(prediction.categories, key=prediction.probabilities.__getitem__)
        return _("It is at least {sure} sure of each: least of “{label}”, which is given from {threshold} on.").format(
            sure=percent(prediction.probabilities[least]), label=least, threshold=percent(prediction.thresholds[least])
        )
    nearest = next(iter(prediction.probabilities))
    return _(
        "No category reaches its threshold. The nearest is “{label}”: {sure} sure, given from {threshold} on."
    ).format(
        label=nearest,
        sure=percent(prediction.probabilities[nearest]),
        threshold=percent(prediction.thresholds[nearest]),
    )


def bars_of(prediction: SeveralPrediction) -> list[str]:
    """The categories that are drawn, likeliest first: those given, and the likeliest others."""
    given = [name for name in prediction.probabilities if name in prediction.categories][:N_GIVEN]
    others = [name for name in prediction.probabilities if name not in prediction.categories][:N_BARS]
    return sorted((*given, *others), key=lambda name: -prediction.probabilities[name])


def bars_figure(prediction: SeveralPrediction, names: Sequence[str]) -> go_.Figure:
    values = [prediction.probabilities[name] for name in names]
    figure = go_.Figure()
    figure.add_bar(
        x=values,
        y=list(range(len(names))),
        orientation="h",
        marker_color=[SURE_COLOUR if name in prediction.categories else OTHER_COLOUR for name in names],
        text=[percent(value) for value in values],
        textposition="outside",
        cliponaxis=False,
        hovertext=[
            _("{label}: {sure} sure, given from {threshold} on").format(
                label=chart_text(name, 60), sure=percent(value), threshold=percent(prediction.thresholds[name])
            )
            for name, value in zip(names, values, strict=True)
        ],
        hoverinfo="text",
        width=0.62,
        showlegend=False,
    )
    figure.add_scatter(
        x=[prediction.thresholds[name] for name in names],
        y=list(range(len(names))),
        mode="markers",
        marker={"symbol": "line-ns", "size": 24, "line": {"width": 2, "color": "#E07A1F"}},
        hoverinfo="skip",
        showlegend=False,
    )
    chart_layout(figure, 70 + 34 * len(names))
    figure.update_xaxes(range=[0, 1.12], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".0%", showgrid=False, title=None)
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=[chart_text(name) for name in names],
        range=[len(names) - 0.4, -0.6],
        showgrid=False,
        title=None,
    )
    figure.update_layout(hovermode="closest", dragmode=False, margin={"t": 8})
    return figure


def _show_truth(model: ModelVersion, prediction: SeveralPrediction) -> None:
    """Where the text is one of the exam's, what it truly has."""
    rows = workspace().exam_several(model.id)
    same = rows[rows["text"] == prediction.text]
    if same.empty:
        return
    row = same.iloc[0]
    pattern = (
        _("Exam row {row}. Its true categories are just these: {labels}.")
        if set(categories_of(str(row["label"]))) == set(prediction.categories)
        else _("Exam row {row}. Its true categories are: {labels}.")
    )
    st.caption(pattern.format(row=int(row["row"]), labels=plain(set_in_words(str(row["label"])))))


def show_several_predictions(predictions: Sequence[SeveralPrediction], *, key: str) -> None:
    table = pandas.DataFrame(
        {
            "text": [in_short(prediction.text) for prediction in predictions],
            "labels": [list(prediction.categories) or [_("None of the categories")] for prediction in predictions],
            "sure": [100 * prediction.confidence for prediction in predictions],
        }
    )
    config = st.column_config
    st.dataframe(
        table,
        hide_index=True,
        row_height=36,
        height="content" if len(table) <= 10 else 400,
        key=key,
        alt=_("Texts and their answers"),
        column_config={
            "text": config.TextColumn(_("Text"), width=430),
            "labels": config.ListColumn(_("Categories"), width=320),
            "sure": config.ProgressColumn(
                _("How sure"),
                help=_("Of the least sure category that was given; where none was, that none is right."),
                format="%.0f%%",
                min_value=0,
                max_value=100,
                width=150,
            ),
        },
    )
