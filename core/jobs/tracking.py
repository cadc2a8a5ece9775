"""Hands the points of a run to the trackers chosen for it. Each has a thread: none can hold up training or another one.

A tracker reads along in the store like the live page. After a crash it is asked what it holds already and gets the rest.
One that fails is told of once, in the log, in the live sentence and with the run, and dropped for this attempt.
"""

import contextlib
import logging
import re
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib import import_module
from types import FrameType

from core.domain.job import Job, JobStatus, Wish
from core.domain.message import Message, msg
from core.domain.run import Run
from core.domain.tracking import TrackedRun, TrackingPlace
from core.errors import UserError
from core.jobs.failures import failure_of
from core.settings import Settings, tracking_secrets
from core.store import Store
from core.tracking import TRACKERS
from core.tracking.protocol import Recorder, install_command

LOOK_SECONDS = 1.0
END_SECONDS = 20.0  #: how long a finished job waits for its trackers to take the last points
INTERRUPTED_SECONDS = 3.0  #: the same for a job that is asked to end at once
MAX_PROBLEM_CHARS = 300

_log = logging.getLogger(__name__)


class Tracking:
    """All trackers of one attempt at a job."""

    def __init__(self, store: Store, settings: Settings, job: Job, say: Callable[[Message], None]) -> None:
        names = job.payload.get("trackers", ()) if job.run_id is not None else ()
        self._store, self._job = store, job
        self._feeds = [Feed(store, settings, job.run_id, name, say) for name in names if job.run_id is not None]
        self._handles_sigterm = False

    def start(self) -> None:
        for feed in self._feeds:
            feed.start()
        if self._feeds and threading.current_thread() is threading.main_thread():
            self._handles_sigterm = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
            if self._handles_sigterm:
                signal.signal(signal.SIGTERM, self._on_sigterm)

    def end(self, status: JobStatus | None) -> None:
        """Return when every tracker has the last points and knows of the end, or when END_SECONDS are over.

        None says that another attempt goes on.
        """
        if self._handles_sigterm:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._end(lambda: status, END_SECONDS)

    def _end(self, status: Callable[[], JobStatus | None], seconds: float) -> None:
        for feed in self._feeds:
            feed.end(status)
        deadline = time.monotonic() + seconds
        for feed in self._feeds:
            if not feed.join(max(0.0, deadline - time.monotonic())):
                _log.warning("%s took longer than %.0f s to end; what it lacks is left out", feed.name, seconds)

    def _on_sigterm(self, number: int, _frame: FrameType | None) -> None:
        """The worker cancels the job, or ends itself and leaves the job to another attempt."""
        self._end(self._wished_status, INTERRUPTED_SECONDS)
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    def _wished_status(self) -> JobStatus | None:
        wish = self._store.jobs.wish(self._job.id, self._job.attempt)
        return JobStatus.CANCELLED if wish is Wish.CANCEL else None


class Feed:
    """One tracker's thread."""

    def __init__(
        self, store: Store, settings: Settings, run_id: int, name: str, say: Callable[[Message], None]
    ) -> None:
        self.name = name
        self._thread = threading.Thread(target=self._work, name=f"tracker {name}", daemon=True)
        self._store, self._settings, self._run_id, self._say = store, settings, run_id, say
        self._ending = threading.Event()
        self._status: Callable[[], JobStatus | None] = lambda: None
        self._place = TrackingPlace()

    def start(self) -> None:
        """Import the tool here and now, because two threads that import at once can get half a module; then follow the run."""
        try:
            for module in TRACKERS[self.name].modules:
                import_module(module)
        except Exception as error:
            self._drop(error)
        else:
            self._thread.start()

    def join(self, seconds: float) -> bool:
        """Whether its work is done, within `seconds`."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def end(self, status: Callable[[], JobStatus | None]) -> None:
        """Take the last points and end; `status` is asked by the thread, None for a pause."""
        self._status = status
        self._ending.set()

    def _work(self) -> None:
        recorder: Recorder | None = None
        try:
            run = self._store.runs.get(self._run_id)
            handle = run.tracking.get(self.name, self._place).handle
            self._place = TrackingPlace(handle=handle)
            recorder = TRACKERS[self.name].record(_told_of(run), self._settings.tracking_dir, handle)
            self._keep(recorder.place)
            self._follow(recorder)
        except Exception as error:
            self._drop(error)
            if recorder is not None:
                with contextlib.suppress(Exception):
                    recorder.pause()

    def _follow(self, recorder: Recorder) -> None:
        known, cursor, knows_environment = recorder.known(), 0, False
        while True:
            is_last = self._ending.wait(LOOK_SECONDS)
            cursor, points = self._store.runs.points(self._run_id, after=cursor)
            fresh = [point for point in points if (point.name, point.step) not in known]
            if fresh:
                recorder.points(fresh)
            if not knows_environment and (environment := self._store.runs.get(self._run_id).environment):
                recorder.environment(environment)
                knows_environment = True
            if is_last:
                break
        status = self._status()
        if status is None:
            recorder.pause()
        else:
            recorder.end(status, _scores(self._store.runs.get(self._run_id)))

    def _keep(self, place: TrackingPlace) -> None:
        hidden = tracking_secrets()
        where, command = (without_secrets(text, hidden) for text in (place.where, place.command))
        self._place = replace(place, where=where, command=command)
        self._store.runs.keep_place(self._run_id, self.name, self._place)

    def _drop(self, error: Exception) -> None:
        hidden = tracking_secrets()
        details = "".join(traceback.format_exception(error))
        _log.warning("%s is dropped, training goes on: %s", self.name, without_secrets(details, hidden))
        tool = TRACKERS[self.name].title if self.name in TRACKERS.names() else self.name
        self._say(msg("{tool} keeps no more of this run; training goes on. Details tell why.", tool=tool))
        with contextlib.suppress(Exception):  # the store may have the same trouble, and the log has it already
            self._keep(replace(self._place, problem=self._problem(error, hidden)))

    def _problem(self, error: Exception, hidden: Iterable[str]) -> Message:
        if isinstance(error, UserError):
            return error.message
        if isinstance(error, ModuleNotFoundError) and error.name == TRACKERS[self.name].package:
            return msg("It is not installed. To add it: {command}", command=install_command(TRACKERS[self.name]))
        if failure_of(error, "").code == "disk_full":
            return msg("The disk is full.")
        words = " ".join(without_secrets(str(error), hidden).split())[:MAX_PROBLEM_CHARS]
        return msg("It said: {problem}", problem=words or type(error).__name__)


def without_secrets(text: str, hidden: Iterable[str]) -> str:
    """`text` with *** for each of `hidden`, and for names and passwords within addresses."""
    for secret in hidden:
        text = text.replace(secret, "***")
    return re.sub(r"(\w://)[^/\s@]+@", r"\1***@", text)


def _told_of(run: Run) -> TrackedRun:
    return TrackedRun(
        run_id=run.id, name=run.name, dataset_name=run.dataset_name, dataset_id=run.dataset_id, recipe=run.recipe
    )


def _scores(run: Run) -> dict[str, float]:
    """What the exam and the draft's exam said, by name."""
    named = {"exam": run.score, "draft": run.draft}
    return {
        f"{name}_{measure}": float(value)
        for name, score in named.items()
        if score is not None
        for measure, value in score.to_json().items()
        if measure != "n"
    }
