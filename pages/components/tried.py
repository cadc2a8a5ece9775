"""What a search tried: a table of its trials, the best on top, and what each choice is likely worth."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.domain.search import SearchRecord, Trial, TrialEnd
from core.evaluation.choices import gained, label_of, value_of
from core.i18n import gettext as _
from core.i18n import ngettext, say
from core.techniques import EXTRAS
from core.training.evidence import what_helped
from pages.components.layout import format_percent
from pages.components.stages import duration_words

GAINS_SHOWN = 6


def show_tried(search: SearchRecord) -> None:
    """Everything that was tried so far, in words and as a table."""
    with st.container(border=True):
        st.markdown(f"**{_('What was tried')}**")
        st.markdown(_summary(search))
        st.dataframe(
            [_row(trial, search) for trial in _sorted(search)],
            hide_index=True,
            alt=_("Every trial of the search with its result"),
        )
        gains = what_helped(search.trials)
        if gains:
            st.caption(_("What each choice is likely worth, judged by these trials alone:"))
            st.markdown("\n".join(f"- {say(gained(gain))}" for gain in gains[:GAINS_SHOWN]))


def _summary(search: SearchRecord) -> str:
    chosen = search.chosen
    if chosen is None:
        return _("Nothing has been judged to its end yet.")
    judged = (
        ngettext(
            "Judged on {n} example, each asked of a model that had not learned from its part.",
            "Judged on {n} examples, each asked of a model that had not learned from its part.",
            chosen.n_asked,
        )
        if search.folds
        else ngettext("Judged on {n} check-up example.", "Judged on {n} check-up examples.", chosen.n_asked)
    ).format(n=chosen.n_asked)
    if chosen.number == 1:
        result = _("The recommended settings were the best.")
    else:
        more = round(100 * (chosen.accuracy - search.trials[0].accuracy), 1)
        result = _("The best settings are right on {best}; the recommended ones on {first} ({more} points).").format(
            best=format_percent(chosen.accuracy, 1),
            first=format_percent(search.trials[0].accuracy, 1),
            more=f"{more:+}",
        )
    return f"{result} {judged}"


def _sorted(search: SearchRecord) -> list[Trial]:
    """The chosen one first, then those that were judged to the end by their score, then the others as they were tried."""
    return sorted(
        search.trials,
        key=lambda trial: (
            trial.number != search.best,
            not trial.counts,
            -trial.scores[-1] if trial.counts else 0.0,
            trial.number,
        ),
    )


def _row(trial: Trial, search: SearchRecord) -> Mapping[str, Any]:
    return {
        _("Trial"): f"★ {trial.number}" if trial.number == search.best else str(trial.number),
        _("Settings"): _settings(trial, search.trials[0]),
        _("Right"): format_percent(trial.accuracy, 1) if trial.scores else "–",
        _("Took"): duration_words(trial.seconds),
        _("How it ended"): _end(trial.end),
    }


def _settings(trial: Trial, first: Trial) -> str:
    if trial.number == first.number:
        return _("As recommended")
    changed = {name: value for name, value in trial.settings.items() if value != first.settings.get(name)}
    parts = [
        _extra(value) if name == "extras" else f"{say(label_of(name))} {say(value_of(name, value))}"
        for name, value in changed.items()
    ]
    return " · ".join(parts)


def _extra(name: str) -> str:
    return say(EXTRAS[name].title) if name else _("No extra")


def _end(end: TrialEnd) -> str:
    return {
        TrialEnd.FINISHED: _("Judged to the end"),
        TrialEnd.BEHIND: _("Given up: others were better at this point"),
        TrialEnd.OUT_OF_TIME: _("The minutes were over"),
        TrialEnd.STOPPED: _("Stopped by you"),
        TrialEnd.DIVERGED: _("Its numbers got out of hand"),
    }[end]
