"""What a handler holds while it works: ids, folders, the person's wish, and the ear that listens to training.

What training reports is kept in memory and written once a second by a thread, in one transaction. The thread also
ends the process when its attempt no longer owns the job, or when the worker that started it is gone.
"""

import contextlib
import logging
import math
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from core.domain.job import Job, JobStatus, Stage, Wish
from core.domain.message import Message
from core.domain.run import AnyScore, MetricPoint
from core.domain.search import SearchRecord
from core.jobs import folders
from core.jobs.tracking import Tracking
from core.settings import Settings
from core.store import Fenced, Store
from core.training.types import Cancelled

FLUSH_SECONDS = 1.0
WISH_SECONDS = 0.25
FENCED_EXIT_CODE = 3

_log = logging.getLogger(__name__)


class JobContext:
    """One attempt at one job. Implements `core.training.types.Reporter`. Use as a context manager."""

    def __init__(self, store: Store, settings: Settings, job: Job, stage_weights: Mapping[Stage, float]) -> None:
        """`stage_weights`: the share of the whole time that each stage takes, in order; they need not sum to 1."""
        self.store = store
        self.settings = settings
        self.job = job
        self.work_dir: Path = folders.work_dir(settings, job.id)
        self._weights = stage_weights
        self._parent = os.getppid()
        self._lock = threading.Lock()  # guards what is buffered
        self._writing = threading.Lock()  # one flush at a time
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._flush_now_and_then, name="flush", daemon=True)
        self._tracking = Tracking(store, settings, job, self.say)
        self._points: list[MetricPoint] = []
        self._news: dict[str, Any] = {}
        self._result: Mapping[str, Any] | None = None
        self._stage = Stage.WAITING
        self._percent = 0.0
        self._seconds_left: tuple[float, float] | None = None
        self._step = 0
        self._wish = Wish.NONE
        self._next_look = 0.0

    def __enter__(self) -> "JobContext":
        self.work_dir.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        self._tracking.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()
        if error is not None:  # the last points before a failure are the ones people want to see
            with contextlib.suppress(Exception):
                self.flush()
        self._tracking.end(_status_after(kind))

    # -- the reporter ---------------------------------------------------------------------------------------------

    def point(self, point: MetricPoint) -> None:
        with self._lock:
            self._step = max(self._step, point.step)
            if math.isfinite(point.value):  # SQLite would store NaN as nothing; the run's failure says it in words
                self._points.append(point)

    def stage(self, stage: Stage, fraction: float, seconds_left: tuple[float, float] | None = None) -> None:
        """A new stage is written at once, progress within it with the next flush."""
        with self._lock:
            is_new = stage is not self._stage
            if is_new:
                self._step = 0
            self._stage = stage
            self._percent = max(self._percent, self._percent_at(stage, fraction))
            self._seconds_left = seconds_left
        if is_new:
            self.flush()

    def draft(self, score: AnyScore) -> None:
        self._tell("draft", score)

    def say(self, sentence: Message) -> None:
        self._tell("live_sentence", sentence)

    def environment(self, values: Mapping[str, Any]) -> None:
        self._tell("environment", dict(values))

    def planned(self, n_steps: int) -> None:
        self._tell("n_steps", n_steps)

    def search(self, record: SearchRecord) -> None:
        """A finished trial counts as progress: a search that is killed now and then is no job that crashes in place."""
        with self._lock:
            self._step = max(self._step, len(record.trials))
            self._news["search"] = record

    # -- of jobs without a run -------------------------------------------------------------------------------------

    def reached(self, step: int) -> None:
        """How far the stage is, for telling whether an attempt came farther than the one before."""
        with self._lock:
            self._step = max(self._step, step)

    def tell_result(self, result: Mapping[str, Any]) -> None:
        """What is known of the result so far."""
        with self._lock:
            self._result = result

    # -- the person's wish ----------------------------------------------------------------------------------------

    def should_stop(self) -> Wish:
        """What the person wishes now; looked up at most four times a second, so loops may ask at every step."""
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + WISH_SECONDS
            self._wish = self.store.jobs.wish(self.job.id, self.job.attempt)
        return self._wish

    def should_cancel(self) -> Wish:
        """As `should_stop`, for stages that a wish to stop and keep must not cut short."""
        return Wish.CANCEL if self.should_stop() is Wish.CANCEL else Wish.NONE

    def last_flush(self) -> None:
        """Write what is buffered; the next write is the job's end. The thread is through by then: it would find a job
        that has ended, and take it for one that somebody took away. Raises Fenced."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        self.flush()

    def finish(self, result: Mapping[str, Any]) -> None:
        """Write what is buffered and the job's good end. Raises Fenced."""
        self.last_flush()
        self.store.jobs.finish(self.job.id, self.job.attempt, result=result)

    # -- writing ----------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Write what was reported since the last time. What cannot be written stays buffered.

        Raises:
            Fenced: this attempt no longer owns the job.
        """
        with self._writing:
            with self._lock:
                points, self._points = self._points, []
                news, self._news = self._news, {}
                stage, percent, seconds_left, step = self._stage, self._percent, self._seconds_left, self._step
                result, self._result = self._result, None
            try:
                if points or news:
                    self.store.runs.record(self.job.id, self.job.attempt, points=points, **news)
                self.store.jobs.progress(
                    self.job.id,
                    self.job.attempt,
                    stage=stage,
                    percent=percent,
                    seconds_left=seconds_left,
                    step=step,
                    result=result,
                )
            except BaseException:
                with self._lock:
                    self._points = points + self._points
                    self._news = news | self._news
                    self._result = self._result or result
                raise

    def _tell(self, name: str, value: Any) -> None:
        with self._lock:
            self._news[name] = value

    def _percent_at(self, stage: Stage, fraction: float) -> float:
        if stage not in self._weights:
            return 0.0
        done = 0.0
        for earlier, weight in self._weights.items():
            if earlier is stage:
                done += weight * min(max(fraction, 0.0), 1.0)
                break
            done += weight
        return 100.0 * done / sum(self._weights.values())

    def _flush_now_and_then(self) -> None:
        while not self._stopped.wait(FLUSH_SECONDS):
            if os.getppid() != self._parent:  # where the kernel offers no death signal
                os._exit(FENCED_EXIT_CODE)
            try:
                self.flush()
            except Fenced:
                _log.warning("this attempt no longer owns the job; ending")
                os._exit(FENCED_EXIT_CODE)
            except Exception:
                _log.exception("could not write progress; trying again in a second")


def _status_after(error: type[BaseException] | None) -> JobStatus | None:
    """How an attempt ended; None where another one goes on."""
    if error is None:
        return JobStatus.DONE
    if issubclass(error, Cancelled):
        return JobStatus.CANCELLED
    return None if issubclass(error, Fenced) or not issubclass(error, Exception) else JobStatus.FAILED
