"""What every page looks like: header, empty state, status, errors, cards, charts."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import NamedTuple, ParamSpec
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import plotly.graph_objects as go_
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.domain.job import JobStatus
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components.navigation import go, page_link

__all__ = [
    "chart_layout",
    "empty_state",
    "format_bytes",
    "format_percent",
    "format_seconds_range",
    "format_time",
    "go",
    "metric_cards",
    "page_header",
    "page_link",
    "plain",
    "show_chart",
    "show_error",
    "show_status",
    "status_badge",
    "tells_errors",
]

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$&:^=\"'])")
LONG_VALUE = 8  # letters of a card that still fit beside another on a phone
_WORD_JOINER = "\u2060"  # invisible; keeps addresses from turning into links


_Params = ParamSpec("_Params")


class StatusBadge(NamedTuple):
    label: str
    color: str  #: one of st.badge's colours
    icon: str


class MetricCard(NamedTuple):
    label: str
    value: str
    help: str | None = None
    delta: str | None = None  #: give one to every card of a row or to none


def page_header(title: str, subtitle: str | None = None) -> DeltaGenerator:
    """Title left; what comes back is the place at the right for the page's one primary button."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(gap=None, width="content"):
            st.title(title, anchor=False)
            if subtitle:
                st.caption(subtitle)
        return st.container(horizontal=True, width="content", vertical_alignment="center")


def empty_state(title: str, text: str, *, action: str, page: str) -> None:
    """Say what is missing and offer the one next step: a button labelled `action` that leads to `page`."""
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.subheader(title, anchor=False, text_alignment="center")
        st.caption(text, text_alignment="center")
        if st.button(action, type="primary", key=f"empty_state_{page}"):
            go(page)
        st.space("small")


def status_badge(status: JobStatus) -> StatusBadge:
    return {
        JobStatus.QUEUED: StatusBadge(_("Waiting"), "gray", ":material/schedule:"),
        JobStatus.RUNNING: StatusBadge(_("Running"), "blue", ":material/autorenew:"),
        JobStatus.DONE: StatusBadge(_("Done"), "green", ":material/check_circle:"),
        JobStatus.FAILED: StatusBadge(_("Needs attention"), "red", ":material/error:"),
        JobStatus.CANCELLED: StatusBadge(_("Cancelled"), "gray", ":material/cancel:"),
    }[status]


def show_status(status: JobStatus) -> None:
    label, color, icon = status_badge(status)
    st.badge(label, color=color, icon=icon)  # type: ignore[arg-type]


def show_error(error: UserError) -> None:
    """What was found, and below it what to do next."""
    text = f"**{plain(say(error.message))}**"
    if error.hint:
        text += f"  \n{plain(say(error.hint))}"
    st.error(text, icon=":material/error:")


def tells_errors(draw: Callable[_Params, None]) -> Callable[_Params, None]:
    """For a fragment: it runs again without the router, and what it shows may have been deleted in another tab."""

    @wraps(draw)
    def guarded(*args: _Params.args, **kwargs: _Params.kwargs) -> None:
        try:
            draw(*args, **kwargs)
        except UserError as error:
            show_error(error)

    return guarded


def plain(text: str) -> str:
    """`text` as it stands, safe in a label or any Markdown: nothing in it is formatted, linked or fetched."""
    inert = _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
    return re.sub(r"(?i)(\bwww|\\:)(?=\\?[./])", rf"\1{_WORD_JOINER}", inert).replace("@", f"{_WORD_JOINER}@")


def format_seconds_range(low: float, high: float) -> str:
    """A duration a person can plan with: "6–9 minutes", "under a minute"."""
    if high < 60:
        return _("under a minute") if high <= 45 else _("about a minute")
    if high < 90 * 60:
        first, last = max(1, round(low / 60)), max(1, round(high / 60))
        if first == last:
            return ngettext("about {n} minute", "about {n} minutes", last).format(n=last)
        return _("{low}–{high} minutes").format(low=first, high=last)
    first_hours, last_hours = round(low / 3600, 1), round(high / 3600, 1)
    if first_hours == last_hours:
        return _("about {n} hours").format(n=f"{last_hours:g}")
    return _("{low}–{high} hours").format(low=f"{first_hours:g}", high=f"{last_hours:g}")


def format_percent(ratio: float, digits: int = 0) -> str:
    return f"{100 * ratio:.{digits}f}%"


def format_bytes(n_bytes: int) -> str:
    for unit, size in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if n_bytes >= size:
            return f"{n_bytes / size:.1f} {unit}"
    return f"{n_bytes} B"


def format_time(moment: datetime) -> str:
    """Date and minute on the reader's clock."""
    try:
        zone = ZoneInfo(st.context.timezone) if st.context.timezone else None
    except (ZoneInfoNotFoundError, ValueError):
        zone = None
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def metric_cards(cards: Sequence[MetricCard | tuple[str, str]], *, columns: int = 4) -> None:
    """KPI cards of equal height that reflow on a phone: two in a row, or one where a value is long."""
    told = [MetricCard(*card) for card in cards]
    is_long = any(len(card.value) > LONG_VALUE for card in told)
    with st.grid(columns, min_column_width=210 if is_long else 150):
        for label, value, help_text, delta in told:
            st.metric(label, value, delta=delta, help=help_text, border=True, height="stretch")


def chart_layout(figure: go_.Figure, height: int = 320) -> go_.Figure:
    """Our one look for charts; colours and fonts come from the theme when it is shown."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 36, "b": 8},
        hovermode="x unified",
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "title": None},
        title=None,
        bargap=0.35,
        modebar={"remove": ["toImage"]},
    )
    figure.update_xaxes(automargin=True, title_standoff=8)
    figure.update_yaxes(automargin=True, rangemode="tozero", title_standoff=8)
    return figure


def show_chart(figure: go_.Figure, *, key: str, alt: str, sentence: str | None = None) -> None:
    """A finished chart without mode bar, with the one sentence that says what it shows below it."""
    st.plotly_chart(figure, key=key, config={"displayModeBar": False}, alt=alt)
    if sentence:
        st.caption(sentence)
