"""The live curve of a run: a component that polls `/api/runs/{run}/points` and extends its chart in place.

Streamlit's own Plotly element is drawn anew on every change, which loses zoom and hover; this one never is.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core.domain.run import Run
from core.i18n import gettext as _
from core.i18n import language
from pages.api import PLOTLY_URL

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "tunedesk_live_chart",
    html='<div class="live-chart" role="img"></div>\n<p class="live-chart-summary"></p>\n',
    css=(_HERE / "live_chart.css").read_text(encoding="utf-8"),
    js=(_HERE / "live_chart.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def live_chart(run: Run, *, on_ended: Callable[[], None] = lambda: None) -> None:
    """Draw the run's curves; while it is active they grow by themselves. `on_ended` is called once when it ends."""
    words = {
        "locale": language().replace("_", "-"),
        "practice_loss": _("Practice loss"),
        "checkup_loss": _("Check-up loss"),
        "checkup_accuracy": _("Right on check-up"),
        "best": _("Best"),
        "step": _("Step"),
        "loss": _("Loss"),
        "right": _("Right"),
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
    _component(
        key=f"live_chart_{run.id}",
        data={"run": run.id, "active": run.status.is_active, "plotly_url": PLOTLY_URL, "words": words},
        on_ended_change=on_ended,
    )
