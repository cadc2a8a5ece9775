"""What is in a dataset: findings with their rows, categories with a traffic light, and the split in words."""

from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go_
import streamlit as st

from core.domain.dataset import Dataset, Finding, Severity, Split
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components.layout import MetricCard, chart_layout, format_percent, metric_cards, plain, show_chart
from pages.components.session import workspace

CHARTED = 25  #: categories drawn; the table below has all of them
SPLITS = (Split.PRACTICE, Split.CHECKUP, Split.EXAM)


class Light(NamedTuple):
    """What so many examples of a category are good for."""

    at_least: int
    label: str
    color: str


def lights() -> list[Light]:
    """From few examples to many; a category has the last light whose `at_least` it reaches."""
    return [
        Light(0, _("Cannot be learned"), "red"),
        Light(2, _("Few examples"), "orange"),
        Light(20, _("Enough to try"), "yellow"),
        Light(50, _("Usable"), "green"),
        Light(100, _("Exam can be trusted"), "blue"),
    ]


def light_of(n_examples: int) -> Light:
    return next(light for light in reversed(lights()) if n_examples >= light.at_least)


def show_numbers(dataset: Dataset) -> None:
    metric_cards(
        [
            MetricCard(_("Examples"), f"{dataset.n_used:,}"),
            MetricCard(_("Categories"), f"{len(dataset.label_counts):,}"),
            MetricCard(_("Set aside"), f"{dataset.n_set_aside:,}", _("Rows left out, each with its reason.")),
            MetricCard(_("Language"), language_name(dataset.profile.language)),
        ]
    )


def name_of(dataset: Dataset) -> str:
    """What to call it: a sample by its title in the reader's language, a person's table by its own name."""
    return _(dataset.name) if dataset.sample else dataset.name


def language_name(language: str) -> str:
    return {"en": _("English"), "zh": _("Chinese")}.get(language, _("Other"))


def show_findings(dataset: Dataset) -> None:
    """Blocking ones first. Rows are loaded only when a finding is opened."""
    st.header(_("What the checks found"), anchor=False)
    if not dataset.findings:
        st.success(_("Nothing to mend. Every row can be used."), icon=":material/check_circle:")
        return
    for index, finding in enumerate(sorted_findings(dataset)):
        _show_finding(dataset, finding, key=f"finding_{dataset.id}_{index}")


def sorted_findings(dataset: Dataset) -> list[Finding]:
    """Blocking ones first, otherwise as the checks ran."""
    order = list(Severity)
    return sorted(dataset.findings, key=lambda finding: order.index(finding.severity))


def severity_badge(severity: Severity) -> tuple[str, str, str]:
    return {
        Severity.BLOCKING: (_("Must be mended"), "red", ":material/block:"),
        Severity.WARNING: (_("Worth a look"), "orange", ":material/warning:"),
        Severity.NOTE: (_("For your information"), "gray", ":material/info:"),
    }[severity]


def _show_finding(dataset: Dataset, finding: Finding, key: str) -> None:
    label, color, icon = severity_badge(finding.severity)
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(label, color=color, icon=icon)  # type: ignore[arg-type]
            if dataset.exam_upload:
                st.caption(_("Exam file") if finding.file == "exam" else _("Practice file"))
        with st.container(gap=None):
            st.markdown(f"**{plain(say(finding.message))}**")
            if finding.advice:
                st.caption(plain(say(finding.advice)))
        if not finding.rows:
            return
        shown = len(finding.rows)
        title = ngettext("Show the row", "Show {n} rows", shown).format(n=shown)
        if shown < finding.count:
            title = ngettext("Show the first row", "Show the first {n} rows", shown).format(n=shown)
        expander = st.expander(title, key=key, on_change="rerun", type="compact")
        if expander.open:
            with expander:
                rows = workspace().dataset_rows(dataset.id, row_numbers=finding.rows, file=finding.file)
                show_rows(rows, key=f"{key}_rows")


def show_rows(rows: pd.DataFrame, *, key: str, columns: tuple[str, ...] = ("row", "text", "label")) -> None:
    """Rows of a dataset as they are; a table renders nothing that stands in a cell."""
    st.dataframe(
        rows[list(columns)],
        hide_index=True,
        key=key,
        height="content" if len(rows) < 9 else 320,
        column_config={
            "row": st.column_config.NumberColumn(_("Row"), width="small", format="%d"),
            "text": st.column_config.TextColumn(_("Text"), width="large"),
            "label": st.column_config.TextColumn(_("Category")),
            "set_aside": st.column_config.TextColumn(_("Reason")),
        },
    )


def show_categories(dataset: Dataset) -> None:
    """The sizes as bars with one sentence, and a table with the traffic light of each."""
    st.header(_("Categories"), anchor=False)
    counts = dict(sorted(dataset.label_counts.items(), key=lambda item: -item[1]))
    if not counts:
        st.caption(_("No row could be used, so there are no categories to show."))
        return
    left, right = st.columns([1, 1])
    with left:
        _show_bars(counts)
    with right:
        _show_lights(counts)


def _show_bars(counts: dict[str, int]) -> None:
    drawn = list(counts.items())[:CHARTED][::-1]
    figure = go_.Figure(
        go_.Bar(
            x=[n for _label, n in drawn],
            y=[_shorten(label) for label, _n in drawn],
            orientation="h",
            customdata=[inert(label) for label, _n in drawn],
            hovertemplate="%{customdata}: %{x}<extra></extra>",
        )
    )
    chart_layout(figure, height=max(200, 60 + 22 * len(drawn)))
    figure.update_layout(hovermode="closest", margin={"t": 8})
    figure.update_yaxes(type="category")
    biggest, n_biggest = next(iter(counts.items()))
    share = format_percent(n_biggest / sum(counts.values()))
    sentence = _("The biggest category is “{label}” with {n} examples, {share} of all.").format(
        label=plain(biggest), n=f"{n_biggest:,}", share=share
    )
    if len(counts) > CHARTED:
        sentence += " " + _("The {n} biggest are drawn.").format(n=CHARTED)
    show_chart(figure, key="category_bars", alt=_("Examples per category"), sentence=sentence)


def _show_lights(counts: dict[str, int]) -> None:
    frame = pd.DataFrame(
        {
            "label": list(counts),
            "n": list(counts.values()),
            "light": [[light_of(n).label] for n in counts.values()],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        key="category_lights",
        height="content" if len(frame) < 12 else 420,
        column_config={
            "label": st.column_config.TextColumn(_("Category")),
            "n": st.column_config.NumberColumn(_("Examples"), format="localized", width="small"),
            "light": st.column_config.MultiselectColumn(
                _("Good for"),
                options=[light.label for light in lights()],
                color=[light.color for light in lights()],
            ),
        },
    )
    st.caption(
        _(
            "Below 2 examples a category cannot be learned; from 20 it can be tried, from 50 used, "
            "and from 100 its exam result can be trusted."
        )
    )


def show_split(dataset: Dataset) -> None:
    """Who sees which rows, in words."""
    practice, checkup, exam = (dataset.split_sizes.get(split.value, 0) for split in SPLITS)
    st.header(_("How the examples are used"), anchor=False)
    st.markdown(
        _(
            "**{practice}** to practise on, **{checkup}** for check-ups while it learns, "
            "and **{exam}** for an exam it never sees before."
        ).format(practice=f"{practice:,}", checkup=f"{checkup:,}", exam=f"{exam:,}")
    )
    profile = dataset.profile
    st.caption(
        _("A text has {mean} characters on average; 95 of 100 have at most {p95}, the longest {longest}.").format(
            mean=round(profile.mean_chars), p95=f"{profile.p95_chars:,}", longest=f"{profile.max_chars:,}"
        )
    )


def inert(text: str) -> str:
    """`text` in a chart: Plotly reads a few tags, so none is left."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _shorten(text: str, limit: int = 28) -> str:
    return inert(text if len(text) <= limit else text[: limit - 1] + "…")
