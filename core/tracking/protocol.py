"""What every tracker is: a tool that can be missing, and that keeps a run's points once it is chosen."""

import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from core.domain.job import JobStatus
from core.domain.message import Message
from core.domain.run import MetricPoint
from core.domain.tracking import TrackedRun, TrackingPlace


class Recorder(Protocol):
    """One run in one tool. Any call may raise: whoever calls drops the recorder, and the training goes on."""

    @property
    def place(self) -> TrackingPlace: ...

    def known(self) -> set[tuple[str, int]]:
        """(name, step) of the points that the tool holds already; empty for a run it did not know."""
        ...

    def points(self, points: Sequence[MetricPoint]) -> None:
        """Keep these, none of which is `known`."""
        ...

    def environment(self, values: Mapping[str, Any]) -> None:
        """Device, precision, threads, versions. May be told again after a crash."""
        ...

    def pause(self) -> None:
        """Let go without an end: another attempt goes on."""
        ...

    def end(self, status: JobStatus, scores: Mapping[str, float]) -> None:
        """The run is over. `scores` are by name, e.g. {"exam_accuracy": 0.93}; empty without a result."""
        ...


class Tracker(Protocol):
    """A tool. Holds no state; its package is imported only for a run that chose it."""

    @property
    def name(self) -> str:
        """Stored with jobs and runs; stays for ever."""
        ...

    @property
    def title(self) -> str:
        """The tool's own name."""
        ...

    @property
    def about(self) -> Message:
        """One plain sentence: what it is for, and where the curves go."""
        ...

    @property
    def package(self) -> str:
        """What Python imports."""
        ...

    @property
    def modules(self) -> tuple[str, ...]:
        """All that `record` and its recorder import."""
        ...

    @property
    def requirement(self) -> str:
        """As in `requirements-tracking.txt`."""
        ...

    def record(self, run: TrackedRun, folder: Path, handle: str) -> Recorder:
        """Begin to keep `run`, or go on with what the tool knows as `handle` where that is given.

        `folder` is the workspace's folder for trackers; a tool that is told another place by its own variables uses that.
        """
        ...


def is_installed(tracker: Tracker) -> bool:
    """Whether its package is there. Imports nothing."""
    return find_spec(tracker.package) is not None


def install_command(tracker: Tracker) -> str:
    return f"{sys.executable} -m pip install {tracker.requirement}"
