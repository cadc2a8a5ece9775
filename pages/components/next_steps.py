"""What to try next after a run, with a button that opens Train filled in."""

import streamlit as st

from core.domain.run import Run
from core.evaluation.choices import points
from core.evaluation.next_steps import NextStep
from core.i18n import gettext as _
from core.i18n import say
from pages.components.layout import go, plain
from pages.components.session import workspace
from pages.components.url_state import text_of


def show_next_steps(run: Run) -> None:
    """Nothing where there is nothing to say."""
    steps = workspace().next_steps(run.id)
    if not steps:
        return
    with st.container(border=True, key="next_steps"):
        st.markdown(f"**{_('What to try next')}**")
        for step in steps:
            words, action = st.columns([4, 1], vertical_alignment="center")
            words.markdown(_words(step))
            if step.trains:
                if action.button(
                    _("Train with this"), key=f"next_{step.code}_{text_of(step.changes)}", width="stretch"
                ):
                    _train(run, step)
            elif action.button(_("Open the data"), key=f"next_{step.code}", width="stretch"):
                go("data", dataset=run.dataset_id)


def _words(step: NextStep) -> str:
    lines = [f"**{plain(say(step.title))}**", plain(say(step.reason))]
    if step.gain is not None:
        expected = _("Expected: {gain} points (likely {low} to {high}), judged by this run's own trials.").format(
            gain=points(step.gain.gain), low=points(step.gain.low), high=points(step.gain.high)
        )
        lines.append(f":gray[{plain(expected)}]")
    return "  \n".join(lines)


def _train(run: Run, step: NextStep) -> None:
    preset = step.preset or run.recipe.preset
    changed = {"set": text_of(step.changes)} if step.changes else {}
    go("train", dataset=run.dataset_id, preset=preset.value, run=run.id, **changed)
