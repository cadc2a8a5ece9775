"""Other tools that keep the curves of a run: chosen before the start, and where they keep them afterwards."""

import streamlit as st

from core.domain.run import Run
from core.domain.tracking import TrackingPlace
from core.i18n import gettext as _
from core.i18n import say
from core.tracking import TRACKERS
from core.tracking.protocol import install_command, is_installed
from pages.components import keys
from pages.components.layout import plain
from pages.components.session import workspace


def choose_trackers() -> list[str]:
    """The tools that are to record the next run too; those that are not installed say what adds them."""
    here = {tracker.name: tracker.title for tracker in TRACKERS if is_installed(tracker)}
    chosen = st.multiselect(
        _("Also record in"),
        list(here),
        default=[name for name in workspace().settings.trackers if name in here],
        format_func=here.__getitem__,
        key=keys.TRAIN_TRACKERS,
        disabled=not here,
        placeholder=_("Nowhere else") if here else _("Nothing is installed"),
        help=_("The run's curves, settings and result go there as well. Texts and categories never do."),
    )
    lines = []
    for tracker in TRACKERS:
        line = f"- **{plain(tracker.title)}**: {plain(say(tracker.about))}"
        if tracker.name not in here:
            line += " " + _("Not installed; to add it: {command}").format(command=f"`{install_command(tracker)}`")
        lines.append(line)
    st.caption("\n".join(lines))
    return chosen


def show_tracking(run: Run) -> None:
    """Where the run was recorded besides, with what opens it. Nothing where it was not."""
    if not run.tracking:
        return
    st.markdown(f"**{_('Also recorded in')}**")
    for name, place in run.tracking.items():
        _show_place(TRACKERS[name].title if name in TRACKERS.names() else name, place)


def _show_place(tool: str, place: TrackingPlace) -> None:
    if place.where.startswith(("http://", "https://")):
        st.link_button(_("Open {tool}").format(tool=tool), place.where, icon=":material/open_in_new:")
    st.markdown(f"{plain(tool)}: {plain(place.where)}" if place.where else plain(tool))
    if place.command:
        st.caption(_("To open it, in a terminal:"))
        st.code(place.command, language=None, wrap_lines=True)
    if place.problem is not None:
        st.warning(
            _("It keeps no more of this run. {reason}").format(reason=plain(say(place.problem))),
            icon=":material/sync_problem:",
        )
