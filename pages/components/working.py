"""Work that takes longer than a click: done once however often it is asked for, while the page says in words how far it is.

A verb of the workspace waits in a thread of its own for the child process that computes, so a second click, a rerun or
another tab only joins the watching; and leaving the page stops nothing.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field

import streamlit as st

from core.datasets.limited_child import Progress
from core.domain.dataset import Dataset
from core.i18n import gettext as _
from pages.components.session import workspace

Make = Callable[[Progress], Dataset]

WATCH_SECONDS = 0.25
TOLD_FROM_SECONDS = 3  #: shorter work shows no seconds
_lock = threading.Lock()
_under_way: dict[tuple[str, str], "_Work"] = {}


@dataclass(slots=True)
class _Work:
    stage: str = ""
    started: float = field(default_factory=time.monotonic)
    result: "Future[Dataset]" = field(default_factory=Future)

    def tell(self, stage: str) -> None:
        self.stage = stage


def work_in_words(key: str, make: Make) -> Dataset:
    """Do `make`, or join it where the same `key` is under way in this workspace, and show its stages meanwhile.

    Raises:
        UserError: what `make` raises.
    """
    work = _joined((str(workspace().settings.home), key), make)
    with st.status(stage_name(work.stage)) as status:
        while not work.result.done():
            status.update(label=_label(work))  # a click elsewhere interrupts here; the work goes on
            wait([work.result], timeout=WATCH_SECONDS)
        status.update(label=_("Done"), state="error" if work.result.exception() else "complete")
    return work.result.result()


def stage_name(stage: str) -> str:
    return {
        "reading": _("Reading the file…"),
        "repairing": _("Applying the repairs…"),
        "checking": _("Checking every row…"),
        "splitting": _("Keeping rows back for the exam…"),
        "writing": _("Writing the checked table…"),
    }.get(stage, _("Starting…"))


def _label(work: _Work) -> str:
    seconds = int(time.monotonic() - work.started)
    if seconds < TOLD_FROM_SECONDS:
        return stage_name(work.stage)
    return _("{stage} {n} s").format(stage=stage_name(work.stage), n=seconds)


def _joined(key: tuple[str, str], make: Make) -> _Work:
    with _lock:
        if key in _under_way:
            return _under_way[key]
        work = _under_way[key] = _Work()
    threading.Thread(target=_do, args=(key, work, make), daemon=True).start()
    return work


def _do(key: tuple[str, str], work: _Work, make: Make) -> None:
    try:
        work.result.set_result(make(work.tell))
    except BaseException as error:  # the page that watches raises it; only there is somebody to tell
        work.result.set_exception(error)
    finally:
        with _lock:
            del _under_way[key]
