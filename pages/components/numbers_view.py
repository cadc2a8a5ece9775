"""The numbers of a dataset whose label is a score: how they are spread, in a picture and a sentence."""

import itertools

import plotly.graph_objects as go_
import streamlit as st

from core.domain.dataset import Dataset
from core.domain.number import NumberProfile, shown
from core.domain.task import reads_pairs
from core.i18n import gettext as _
from pages.components.layout import chart_layout, show_chart


def show_numbers_view(dataset: Dataset) -> None:
    st.header(_("Scores"), anchor=False)
    if dataset.numbers is None:
        st.caption(_("No row could be used, so there are no scores to show."))
        return
    show_chart(
        numbers_figure(dataset.numbers),
        key="dataset_numbers",
        alt=_("How the scores are spread"),
        sentence=spread_sentence(dataset.numbers, of_pairs=reads_pairs(dataset.task)),
    )


def numbers_figure(numbers: NumberProfile, height: int = 260) -> go_.Figure:
    """A bar for each bin."""
    edges = numbers.edges
    widths = [high - low for low, high in itertools.pairwise(edges)]
    figure = go_.Figure(
        go_.Bar(
            x=[low + width / 2 for low, width in zip(edges[:-1], widths, strict=True)],
            y=numbers.counts,
            width=widths,
            customdata=[
                _("{low} to {high}").format(low=shown(low), high=shown(high)) for low, high in itertools.pairwise(edges)
            ],
            hovertemplate="%{customdata}: %{y:,}<extra></extra>",
        )
    )
    chart_layout(figure, height=height)
    figure.update_layout(hovermode="closest", margin={"t": 12}, bargap=0, showlegend=False)
    figure.update_xaxes(title=_("Score"))
    return figure


def spread_sentence(numbers: NumberProfile, *, of_pairs: bool = False) -> str:
    sentence = (
        _("From {low} to {high}; half of the pairs are below {median}, the mean is {mean}.")
        if of_pairs
        else _("From {low} to {high}; half of the texts are below {median}, the mean is {mean}.")
    )
    return sentence.format(
        low=shown(numbers.low), high=shown(numbers.high), median=shown(numbers.median), mean=shown(numbers.mean)
    )
