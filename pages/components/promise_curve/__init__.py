"""The curve of a policy: share automated against mistakes, with the point where the slider stands.

A component of its own: it stays in the page while the slider moves, and only its marker and lines are drawn anew.
"""

from pathlib import Path

import streamlit as st

from core.domain.goal import Goal
from core.domain.policy import Promise
from core.domain.use_words import USE_WORDS
from core.evaluation.policy import Curve
from core.i18n import gettext as _
from core.i18n import say

_HERE = Path(__file__).parent
HEADROOM = 1.6  # the axis of mistakes ends this far above those of full automation: what lies above is cut

_component = st.components.v2.component(
    "tunedesk_promise_curve",
    html='<svg class="promise-curve" role="img"></svg>',
    css=(_HERE / "promise_curve.css").read_text(encoding="utf-8"),
    js=(_HERE / "promise_curve.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def promise_curve(curve: Curve, promise: Promise, goal: Goal, *, key: str) -> None:
    _component(key=key, data=curve_data(curve, promise, goal))


def curve_data(curve: Curve, promise: Promise, goal: Goal) -> dict[str, object]:
    """Everything the drawing needs, in percent; `points` are [share, mistakes, at most]."""
    limit, words = goal.limit, USE_WORDS[goal.use]
    points = [
        [round(100 * one.share, 2), round(100 * one.rate, 3), round(100 * one.highest_rate, 3)]
        for one in curve.promises
        if one.n_auto
    ]
    now = [100 * promise.share, 100 * promise.rate, 100 * promise.highest_rate] if promise.n_auto else None
    highest = max([limit, *(rate for _share, rate, _most in points)], default=limit)
    return {
        "points": points,
        "now": now,
        "limit": limit,
        "top": HEADROOM * highest,
        "words": {
            "share": say(words.share_axis),
            "mistakes": say(words.mistakes_axis),
            "limit": _("allowed"),
            "alt": _(
                "Curve of the share automated against mistakes on the exam, with the band up to what is promised at most."
            ),
        },
    }
