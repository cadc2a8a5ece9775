"""The live curve of a run: a component that polls `/api/runs/{run}/points` and extends its chart in place.

Streamlit's own Plotly element is drawn anew on every change, which loses zoom and hover; this one never is.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from core.domain.run import GRADIENT_NORM, LEARNING_RATE, Run
from core.domain.task import AnswerKind, answer_kind
from core.i18n import gettext as _
from core.i18n import language, say
from core.techniques import signal_titles
from pages.api import PLOTLY_URL

_HERE = Path(__file__).parent
_SCRIPTS = ("figure.js", "controls.js", "live_chart.js")  # one module, in this order


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "tunedesk_live_chart",
    html=_text("live_chart.html"),
    css=_text("live_chart.css"),
    js="\n".join(map(_text, _SCRIPTS)),
    isolate_styles=False,
)


def _words_of_numbers() -> dict[str, str]:
    """What is said otherwise where a score is learned: no answer is simply right."""
    return {
        "checkup_accuracy": _("Explained on check-up"),
        "right": _("Explained"),
        "alt": _("Curves of practice loss, check-up loss and explained differences over the training steps."),
        "summary": _(
            "Step {step}: practice loss {practice}, check-up loss {checkup}; explains {accuracy} of the differences "
            "between check-up examples. Best so far: step {best}."
        ),
        "ended": _(
            "Last step {step}: practice loss {practice}, check-up loss {checkup}; explains {accuracy} of the differences "
            "between check-up examples. Best: step {best}."
        ),
    }


def _words_of_several() -> dict[str, str]:
    """What is said otherwise where a text has several categories: an answer may be right in part."""
    return {
        "checkup_accuracy": _("Categories right on check-up (F1)"),
        "right": _("Categories right"),
        "alt": _("Curves of practice loss, check-up loss and F1 of the categories over the training steps."),
        "summary": _(
            "Step {step}: practice loss {practice}, check-up loss {checkup}; finds the categories of check-up examples "
            "with F1 {accuracy}. Best so far: step {best}."
        ),
        "ended": _(
            "Last step {step}: practice loss {practice}, check-up loss {checkup}; finds the categories of check-up "
            "examples with F1 {accuracy}. Best: step {best}."
        ),
    }


_OTHER_WORDS: Mapping[AnswerKind, Callable[[], dict[str, str]]] = {
    AnswerKind.NUMBER: _words_of_numbers,
    AnswerKind.CATEGORIES: _words_of_several,
}


def live_chart(run: Run, *, on_ended: Callable[[], None] = lambda: None) -> None:
    """Draw the run's curves; while it is active they grow by themselves. `on_ended` is called once when it ends."""
    rate = run.environment.get("learning_rate") if run.recipe.find_learning_rate == "on" else None
    own_words = _OTHER_WORDS.get(answer_kind(run.recipe.task), dict)()
    _component(
        key=f"live_chart_{run.id}",
        data={
            "run": run.id,
            "active": run.status.is_active,
            "plotly_url": PLOTLY_URL,
            "words": _words(rate) | own_words,
            "more": more_curves(run),
            "found_rate": rate,
        },
        on_ended_change=on_ended,
    )


def more_curves(run: Run) -> list[tuple[str, str]]:
    """Name and title of what is drawn on demand, from top to bottom."""
    own = [(name, say(title)) for name, title in signal_titles(run.recipe).items()]
    return [(LEARNING_RATE, _("Learning rate")), (GRADIENT_NORM, _("Length of the gradient")), *own]


def _words(found_rate: float | None) -> dict[str, str]:
    return {
        "locale": language().replace("_", "-"),
        "practice_loss": _("Practice loss"),
        "practice_smoothed": _("Practice loss, smoothed"),
        "checkup_loss": _("Check-up loss"),
        "checkup_accuracy": _("Right on check-up"),
        "best": _("Best"),
        "step": _("Step"),
        "loss": _("Loss"),
        "right": _("Right"),
        "learning_rate": _("Learning rate"),
        "smoothing": _("Smoothing of practice"),
        "smoothing_off": _("Off"),
        "smoothing_some": _("Some"),
        "smoothing_strong": _("Strong"),
        "scale": _("Scale of the loss"),
        "scale_linear": _("Linear"),
        "scale_log": _("Logarithmic"),
        "more": _("More curves"),
        "finder": _("The loss at rising learning rates, tried before the start.")
        if found_rate is None
        else _("The loss at rising learning rates, tried before the start; {rate} was taken.").format(
            rate=f"{found_rate:g}"
        ),
        "alt": _("Curves of practice loss, check-up loss and check-up accuracy over the training steps."),
        "waiting": _("The curves start with the first training step."),
        "early": _("Step {step}: practice loss {practice}. The first check-up is still to come."),
        "summary": _(
            "Step {step}: practice loss {practice}, check-up loss {checkup}; right on {accuracy} of the check-up "
            "examples. Best so far: step {best}."
        ),
        "ended": _(
            "Last step {step}: practice loss {practice}, check-up loss {checkup}; right on {accuracy} of the check-up "
            "examples. Best: step {best}."
        ),
        "lost": _("The server does not answer; trying again."),
    }
