"""All runs in one table, and what can be done with one or two of them."""

from collections.abc import Mapping, Sequence

import pandas
import plotly.graph_objects as go_
import streamlit as st

from core.domain.job import JobStatus
from core.domain.number import NumberScore, shown
from core.domain.run import CHECKUP_LOSS, AnyScore, Run, Score
from core.domain.several import SeveralScore
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components import keys
from pages.components.inert_text import chart_text
from pages.components.layout import (
    chart_layout,
    format_percent,
    go,
    plain,
    show_chart,
    show_error,
    status_badge,
)
from pages.components.model_comparison import compared, show_model_comparison, show_verdict
from pages.components.pair_texts import halves_of
from pages.components.recipes import differences, kept_words, preset_title
from pages.components.session import workspace
from pages.components.stages import duration_words, right_of
from pages.components.versions import show_version_comparison

ROW_HEIGHT = 44
HEADER_HEIGHT = 38
MAX_ROWS_SHOWN = 12


def matching(runs: Sequence[Run], query: str) -> list[Run]:
    """Runs whose name, data, preset or status contains every word of `query`."""
    words = query.casefold().split()

    def text(run: Run) -> str:
        parts = (run.name, run.dataset_name, preset_title(run.recipe.preset), status_badge(run.status).label)
        return " ".join(parts).casefold()

    return [run for run in runs if all(word in text(run) for word in words)]


def runs_frame(
    runs: Sequence[Run], sparklines: Mapping[int, Sequence[float]], timezone: str | None
) -> pandas.DataFrame:
    """One row a run, in the order given; a missing number stays empty."""
    started = pandas.to_datetime([run.created_at for run in runs], utc=True)
    return pandas.DataFrame(
        {
            "name": [run.name for run in runs],
            "data": [run.dataset_name for run in runs],
            "preset": [preset_title(run.recipe.preset) for run in runs],
            "status": [[status_badge(run.status).label] for run in runs],
            "result": [short_result(run.score) for run in runs],
            "draft": [short_result(run.draft) for run in runs],
            "minutes": [sum(run.seconds.values()) / 60 if run.seconds else None for run in runs],
            "started": started.tz_convert(timezone or "UTC").tz_localize(None),
            "curve": [list(sparklines.get(run.id, ())) or None for run in runs],
        }
    )


def show_table(runs: Sequence[Run]) -> list[Run]:
    """The table; comes back with the selected runs."""
    frame = runs_frame(runs, workspace().sparklines([run.id for run in runs]), st.context.timezone)
    badges = [status_badge(status) for status in JobStatus]
    config = st.column_config
    event = st.dataframe(
        frame,
        # Streamlit remembers positions, not runs: another list is another table, or a selection would slip to a neighbour
        key=f"{keys.RUNS_TABLE}_{hash(tuple(run.id for run in runs))}",
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * min(len(runs), MAX_ROWS_SHOWN) + HEADER_HEIGHT,
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="–",
        alt=_("All runs with their result"),
        column_config={
            "name": config.TextColumn(_("Name"), width=150, pinned=True),
            "data": config.TextColumn(_("Data"), width=110),
            "preset": config.TextColumn(_("Preset"), width=80),
            "status": config.MultiselectColumn(
                _("Status"), options=[b.label for b in badges], color=[b.color for b in badges], width=125
            ),
            "result": config.TextColumn(
                _("Result"),
                width=90,
                help=_(
                    "Share of the unseen exam examples that it is right on; of scores, how much it explains (R²); of several categories, how many are right (F1)."
                ),
            ),
            "draft": config.TextColumn(_("First answer"), width=100, help=_("The quick draft on the same exam.")),
            "minutes": config.NumberColumn(_("Minutes"), format="%.1f", width=75),
            "started": config.DatetimeColumn(_("Started"), format="YYYY-MM-DD HH:mm", width=130),
            "curve": config.LineChartColumn(_("Check-up loss"), y_min=0, width=100),
        },
    )
    return [runs[row] for row in event.selection.rows if row < len(runs)]


def show_actions(selected: Sequence[Run]) -> None:
    """What can be done with the selection."""
    if not selected:
        st.caption(_("Select a run to open, rename or delete it; select two to compare them."))
        return
    if len(selected) > 2:
        st.caption(_("Two runs can be compared at a time."))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(selected) == 2:
            if st.button(_("Compare these two"), type="primary", icon=":material/compare_arrows:"):
                go("runs", compare=f"{selected[0].id},{selected[1].id}")
            return
        run = selected[0]
        if st.button(_("Open"), type="primary", icon=":material/open_in_full:"):
            go("runs", run=run.id)
        rename_button(run)
        train_again_button(run)
        delete_button(run)


def back_to_all_runs() -> None:
    if st.button(_("All runs"), icon=":material/arrow_back:", type="tertiary"):
        go("runs")


def rename_button(run: Run) -> None:
    with st.popover(_("Rename"), icon=":material/edit:"), st.form(f"rename_{run.id}", border=False):
        name = st.text_input(_("New name"), run.name, max_chars=120, key=f"{keys.RUN_NAME}_{run.id}")
        if st.form_submit_button(_("Save the name"), type="primary"):
            try:
                workspace().rename_run(run.id, name or "")
            except UserError as error:
                show_error(error)
            else:
                st.rerun()


def train_again_button(run: Run) -> None:
    if st.button(
        _("Train again"),
        icon=":material/content_copy:",
        help=_("Opens the Train page with the same data and settings, to change and start."),
        key=f"again_{run.id}",
    ):
        go("train", dataset=run.dataset_id, preset=run.recipe.preset.value, run=run.id)


def delete_button(run: Run) -> None:
    if st.button(_("Delete"), icon=":material/delete:", disabled=run.status.is_active, key=f"delete_{run.id}"):
        confirm_delete(run)


def confirm_delete(run: Run) -> None:
    """Ask before the run with its model goes."""

    @st.dialog(_("Delete this run?"))
    def ask() -> None:
        st.markdown(f"**{plain(run.name)}**")
        if run.model_id is not None:
            st.markdown(
                _(
                    "Its curves, its log, its report and its **model** are deleted: the model can no longer answer "
                    "or score files. Your data stays. This cannot be undone."
                )
            )
        else:
            st.markdown(
                _("Its curves and its log are deleted; it has no model. Your data stays. This cannot be undone.")
            )
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(_("Keep it"), key="delete_no"):
                st.rerun()
            if st.button(_("Delete it"), type="primary", icon=":material/delete:", key="delete_yes"):
                try:
                    workspace().delete_run(run.id)
                except UserError as error:
                    show_error(error)
                else:
                    go("runs")

    ask()


def show_comparison(first: Run, second: Run) -> None:
    """Results side by side, both on the same exam, what differs in settings and data in words, and both check-up curves."""
    names = [f"{run.name} (#{run.id})" for run in (first, second)]
    found = compared(first, second)
    if found is None:
        st.markdown(f"**{_comparison_sentence(first, second)}**")
    else:
        show_verdict(found)
    rows = {
        **_measures(first, second),
        _("First answer"): [short_result(run.draft) or "–" for run in (first, second)],
        _("Kept"): [kept_words(run.kept) if run.kept else "–" for run in (first, second)],
        _("Took"): [duration_words(sum(run.seconds.values())) if run.seconds else "–" for run in (first, second)],
        _("Data"): [run.dataset_name for run in (first, second)],
        _("Status"): [status_badge(run.status).label for run in (first, second)],
    }
    frame = pandas.DataFrame(
        {"": list(rows), names[0]: [v[0] for v in rows.values()], names[1]: [v[1] for v in rows.values()]}
    )
    st.dataframe(frame, hide_index=True, row_height=38, alt=_("Results of both runs side by side"))
    if found is not None:
        show_model_comparison(found, halves_of(workspace().dataset(first.dataset_id)))
    st.subheader(_("What was set differently"), anchor=False)
    changed = differences(first.recipe, second.recipe)
    if not changed:
        st.caption(_("Nothing: both used the same settings."))
    for label, before, after in changed:
        st.markdown(
            "- "
            + _("{setting}: {first} in the first, {second} in the second").format(
                setting=f"**{plain(label)}**", first=plain(before), second=plain(after)
            )
        )
    _show_data_between(first, second)
    st.subheader(_("How they learned"), anchor=False)
    _show_both_curves(first, second, names)


def _show_data_between(first: Run, second: Run) -> None:
    """Rows are compared once somebody wants to see it: a large table takes a while."""
    st.subheader(_("What they learned from"), anchor=False)
    if first.dataset_id == second.dataset_id:
        st.caption(_("The same rows."))
        return
    expander = st.expander(_("What lies between their data"), key=keys.RUNS_DATA_BETWEEN, on_change="rerun")
    if expander.open:
        with expander:
            show_version_comparison(first.dataset_id, second.dataset_id)


def _comparison_sentence(first: Run, second: Run) -> str:
    if first.dataset_id != second.dataset_id:
        return _("They learned from different data, so their results cannot be set against each other.")
    if not first.score or not second.score:
        return _("One of them has no result yet.")
    if not isinstance(first.score, Score) or not isinstance(second.score, Score):
        return _("The first is {first}, the second is {second}.").format(
            first=right_of(first.score), second=right_of(second.score)
        )
    more = round(second.score.accuracy * second.score.n) - round(first.score.accuracy * first.score.n)
    if more == 0:
        return _("Both are right on the same number of the {n} exam examples.").format(n=second.score.n)
    better = second if more > 0 else first
    return ngettext(
        "“{name}” is right on {n} more of the same {total} exam examples.",
        "“{name}” is right on {n} more of the same {total} exam examples.",
        abs(more),
    ).format(name=plain(better.name), n=abs(more), total=second.score.n)


def _measures(first: Run, second: Run) -> dict[str, list[str]]:
    """By name, of both runs; those of scores where they learned scores."""
    scores = [run.score for run in (first, second)]
    if any(isinstance(score, NumberScore) for score in scores):
        return {
            _("Explained (R²)"): [short_result(score) or "–" for score in scores],
            _("Off by, on average"): [shown(s.mae) if isinstance(s, NumberScore) else "–" for s in scores],
        }
    if any(isinstance(score, SeveralScore) for score in scores):
        return {
            _("Categories right (F1)"): [short_result(score) or "–" for score in scores],
            _("Exactly right"): [format_percent(s.exact, 1) if isinstance(s, SeveralScore) else "–" for s in scores],
        }
    return {
        _("Right on the exam"): [short_result(score) or "–" for score in scores],
        _("Macro-F1"): [format_percent(s.macro_f1, 1) if isinstance(s, Score) else "–" for s in scores],
    }


def short_result(score: AnyScore | None) -> str | None:
    """ "92.3%", "R² 0.62" of scores, "F1 0.62" of several categories; None without one."""
    if score is None:
        return None
    return format_percent(score.accuracy, 1) if isinstance(score, Score) else score.short


def _show_both_curves(first: Run, second: Run, names: Sequence[str]) -> None:
    figure = go_.Figure()
    for run, name in zip((first, second), names, strict=True):
        _cursor, points = workspace().metric_points(run.id)
        curve = sorted({p.step: p.value for p in points if p.name == CHECKUP_LOSS}.items())
        if curve:
            steps, losses = zip(*curve, strict=True)
            figure.add_scatter(x=steps, y=losses, mode="lines+markers", name=chart_text(name), line={"width": 2.6})
    if not figure.data:
        st.caption(_("Neither has a curve: the first answer is made in one go."))
        return
    figure.update_xaxes(title=_("Step"))
    figure.update_yaxes(title=_("Check-up loss"))
    show_chart(
        chart_layout(figure),
        key="comparison_curves",
        alt=_("Check-up loss of both runs over their steps"),
        sentence=_("Lower is better. Where a line rises again, the model began to learn by heart."),
    )
