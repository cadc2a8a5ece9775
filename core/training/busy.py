"""How much of the processor work here gets while other programs work too, measured and expected. No torch here.

Speeds are kept as they would be on a quiet machine, and forecasts are stretched by what goes on when they are made:
otherwise one busy hour would spoil all later forecasts.
"""

import math
import os
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

_SCHEDSTAT = Path("/proc/thread-self/schedstat")  # Linux: nanoseconds on a processor, and waiting for one
LEAST_SHARE = 0.05
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


def expected_share(n_cores: int, n_threads: int, own_load: float = 0.0) -> float:
    """The share of `n_threads` processors that a job would get now. `own_load` is the part of the load average that is
    ours and will be over when the job starts."""
    others = max(0.0, load_average() - own_load)
    return max(LEAST_SHARE, min(1.0, n_cores / (others + n_threads)))


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
