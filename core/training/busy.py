"""How much of the processor work here gets while other programs work too, measured and expected. No torch here.

Speeds are kept as they would be on a quiet machine, and forecasts are stretched by what goes on when they are made:
otherwise one busy hour would spoil all later forecasts.
"""

import math
import os
import statistics
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from core.domain.job import Job
from core.training.machine import Machine

_SCHEDSTAT = Path("/proc/thread-self/schedstat")  # Linux: nanoseconds on a processor, and waiting for one
LEAST_SHARE = 0.05
NICE_STEP = 1.25
WEIGHING_SECONDS = 5.0  # for so long it is not looked at again which programs run
LOAD_SECONDS = 60.0  # what the system's load average looks back on


class Stopwatch:
    """Seconds since it was made, until it is stopped, of the thread that made it."""

    def __init__(self) -> None:
        self._started = _reading()
        self._stopped: _Reading | None = None

    def stop(self) -> None:
        self._stopped = _reading()

    @property
    def seconds(self) -> float:
        return (self._stopped or _reading()).at - self._started.at

    @property
    def share(self) -> float:
        """Of the time in which this thread could have computed, the share in which it did: 1 on a quiet machine, and
        where the system does not tell."""
        now = self._stopped or _reading()
        worked, waited = now.worked - self._started.worked, now.waited - self._started.waited
        return max(LEAST_SHARE, worked / (worked + waited)) if worked > 0 else 1.0

    @property
    def quiet_seconds(self) -> float:
        """About what `seconds` would be on a quiet machine."""
        return self.seconds * self.share


class _Reading(NamedTuple):
    at: float  #: seconds of a clock
    worked: int  #: nanoseconds of this thread on a processor; 0 where the system does not tell
    waited: int  #: nanoseconds in which it waited for one


def _reading() -> _Reading:
    try:
        worked, waited, _ = map(int, _SCHEDSTAT.read_text().split())
    except (OSError, ValueError):
        worked = waited = 0
    return _Reading(time.monotonic(), worked, waited)


def free_share_of(machine: Machine, jobs: Iterable[Job]) -> float:
    """Of the processors that a job computes with, the share that other programs leave it, by the system's load average.
    What `jobs` of ours add to it does not count: the next one starts when they are over."""
    now = datetime.now(UTC)
    spans = [(job.started_at, job.finished_at or now) for job in jobs if job.started_at is not None]
    others = load_average() - load_of(spans, now, machine.threads)
    if share_beside(others, machine) == 1.0:
        return 1.0
    return share_beside(others * _weight_of_others(int(time.monotonic() / WEIGHING_SECONDS)), machine)


@lru_cache(maxsize=1)
def _weight_of_others(_now: int) -> float:
    """What a program that runs now weighs against one of ours when the system shares out its processors: the mean over
    those that run. Linux gives 1.25 times as much for each step of priority ("nice")."""
    import psutil

    ours = psutil.Process().nice()
    found = [
        NICE_STEP ** (ours - process.info["nice"])
        for process in psutil.process_iter(["status", "nice"])
        if process.info["status"] == psutil.STATUS_RUNNING and process.info["nice"] is not None
    ]
    return statistics.mean(found) if found else 1.0


def share_beside(load: float, machine: Machine) -> float:
    return max(LEAST_SHARE, min(1.0, machine.n_cores / (max(0.0, load) + machine.threads)))


def load_average() -> float:
    """Programs that computed or waited for a processor, averaged over about the last minute; 0 where none is told."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return 0.0


def load_of(spans: Iterable[tuple[datetime, datetime]], now: datetime, n_threads: int) -> float:
    """What jobs of `n_threads` threads that ran from one time to another still add to the load average: the system
    lets what is over fade by half in about 42 seconds."""
    return n_threads * sum(_weight(now - end) - _weight(now - start) for start, end in spans)


def _weight(ago: timedelta) -> float:
    return math.exp(-max(0.0, ago.total_seconds()) / LOAD_SECONDS)
