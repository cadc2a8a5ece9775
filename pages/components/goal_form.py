"""What a table's models are for: one line that says it, and the form behind it. Everything may stay open."""

import streamlit as st

from core.domain.dataset import Dataset
from core.domain.goal import MOST_ALLOWED, Goal, Use, WorstMixUp
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components import keys
from pages.components.automation import let_the_slider_go
from pages.components.layout import plain, show_error
from pages.components.session import workspace


def show_goal(dataset: Dataset) -> Goal:
    """The goal of the dataset's table, to be read and changed."""
    goal = workspace().goal(dataset.id)
    with st.expander(
        _("Your goal: {goal}").format(goal=plain(goal_words(goal))),
        icon=":material/flag:",
        key=f"{keys.GOAL}_open_{dataset.family}",
    ):
        st.caption(_("It decides what the report calls good enough. Leave open what you do not know."))
        _form(dataset, goal)
    return goal


def goal_words(goal: Goal) -> str:
    """The parts that are known, shortest first said."""
    parts = [_use_words()[goal.use]]
    if goal.n_messages:
        parts.append(
            ngettext("{n} message a month", "{n} messages a month", goal.n_messages).format(n=f"{goal.n_messages:,}")
        )
    if goal.use is Use.FILL:
        parts.append(_("at most {n} mistakes in 100").format(n=f"{goal.limit:g}"))
    return " · ".join(parts)


def _use_words() -> dict[Use, str]:
    return {
        Use.FILL: _("fill in automatically"),
        Use.SUGGEST: _("suggest to staff"),
        Use.WATCH: _("watch only"),
    }


def _form(dataset: Dataset, goal: Goal) -> None:
    key = f"{keys.GOAL}_{dataset.family}"
    words = _use_words()
    with st.form(key, border=False):
        use = st.segmented_control(
            _("What happens to each message?"),
            list(Use),
            format_func=words.__getitem__,
            default=goal.use,
            required=True,
        )
        with st.grid(4, min_column_width=170):
            n_messages = st.number_input(
                _("Messages a month"),
                min_value=1,
                max_value=10**9,
                value=goal.n_messages,
                step=100,
                placeholder=_("open"),
            )
            wrong_cost = st.number_input(
                _("A wrong answer costs"),
                min_value=0.0,
                max_value=1e9,
                value=goal.wrong_cost,
                placeholder=_("open"),
                help=_("What one wrong automatic answer costs you on average, in your own money."),
            )
            reading_cost = st.number_input(
                _("A human reading costs"),
                min_value=0.0,
                max_value=1e9,
                value=goal.reading_cost,
                placeholder=_("open"),
                help=_("What it costs when a person reads and sorts one message, in your own money."),
            )
            allowed = st.number_input(
                _("Most mistakes in 100"),
                min_value=0.1,
                max_value=MOST_ALLOWED,
                value=goal.allowed,
                step=0.5,
                placeholder=f"{goal.limit:g}",
                help=_(
                    "Of 100 automatic answers. Left open, it follows from the two costs; without them 5 are taken for usual."
                ),
            )
        worst = _worst(dataset, goal)
        if st.form_submit_button(_("Save the goal"), icon=":material/flag:"):
            try:
                mix_up = WorstMixUp(truth=worst[0], answer=worst[1], weight=worst[2]) if worst[0] and worst[1] else None
                changed = Goal(
                    use=use or goal.use,
                    n_messages=n_messages,
                    wrong_cost=wrong_cost,
                    reading_cost=reading_cost,
                    allowed=allowed,
                    worst=mix_up,
                )
                workspace().set_goal(dataset.id, changed)
            except UserError as error:
                show_error(error)
            else:
                let_the_slider_go()
                st.rerun()


def _worst(dataset: Dataset, goal: Goal) -> tuple[str | None, str | None, float]:
    """The mix-up that hurts most: the true category, the answer, and as how many mistakes it counts."""
    labels = list(dataset.labels)

    def place(label: str | None) -> int | None:
        return labels.index(label) if label in labels else None

    known = goal.worst
    with st.grid(3, min_column_width=170):
        truth = st.selectbox(
            _("Worst mix-up: it truly is"),
            labels,
            index=place(known.truth if known else None),
            format_func=plain,
            placeholder=_("none is worse"),
        )
        answer = st.selectbox(
            _("and is answered"),
            labels,
            index=place(known.answer if known else None),
            format_func=plain,
            placeholder=_("none is worse"),
        )
        weight = st.number_input(
            _("It counts as so many mistakes"), min_value=1.0, max_value=1000.0, value=known.weight if known else 10.0
        )
    return truth, answer, weight
