"""TensorBoard: one folder of event files a run, written without TensorFlow and without torch."""

import json
import os
import re
import shlex
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.domain.job import JobStatus
from core.domain.message import msg
from core.domain.run import MetricPoint
from core.domain.tracking import TrackedRun, TrackingPlace

_RECIPE, _ENVIRONMENT, _STATUS = "recipe", "environment", "status"


class TensorBoard:
    name = "tensorboard"
    title = "TensorBoard"
    about = msg("Curves in a folder on this machine, to look at in TensorBoard.")
    package = "tensorboard"
    modules = (
        "tensorboard.backend.event_processing.event_file_loader",
        "tensorboard.compat.proto.event_pb2",
        "tensorboard.summary.writer.record_writer",
    )
    requirement = "tensorboard==2.21.0"

    def record(self, run: TrackedRun, folder: Path, handle: str) -> "EventFile":
        logs = folder / "tensorboard"
        recorder = EventFile(logs / (handle or _new_name(logs, run)))
        recorder.text(_RECIPE, {"data": run.dataset_name, "dataset_id": run.dataset_id} | run.recipe.to_json())
        return recorder


class EventFile:
    """One more event file in the run's folder. Written at once and without a thread: an error is raised where it happens."""

    def __init__(self, folder: Path) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.summary.writer.record_writer import RecordWriter

        self._folder = folder
        self._known = frozenset(_tags(folder))
        self._texts = {tag for tag, _step in self._known}
        self._last_step = max((step for _tag, step in self._known), default=0)
        folder.mkdir(parents=True, exist_ok=True)
        # TensorBoard reads the files of a folder in the order of their names
        name = f"events.out.tfevents.{time.time_ns() // 1000:020d}.{socket.gethostname()}.{os.getpid()}"
        self._file = (folder / name).open("wb")
        self._writer = RecordWriter(self._file)
        self._write(Event(wall_time=time.time(), file_version="brain.Event:2"))
        self._file.flush()

    @property
    def place(self) -> TrackingPlace:
        return TrackingPlace(
            handle=self._folder.name,
            where=str(self._folder),
            command=shlex.join(
                [str(Path(sys.executable).with_name("tensorboard")), "--logdir", str(self._folder.parent)]
            ),
        )

    def known(self) -> set[tuple[str, int]]:
        return set(self._known)

    def points(self, points: Sequence[MetricPoint]) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        for point in points:
            value = Summary.Value(tag=point.name, simple_value=point.value)
            self._write(Event(wall_time=time.time(), step=point.step, summary=Summary(value=[value])))
            self._last_step = max(self._last_step, point.step)
        self._file.flush()

    def environment(self, values: Mapping[str, Any]) -> None:
        self.text(_ENVIRONMENT, values)

    def text(self, tag: str, values: Mapping[str, Any]) -> None:
        """A table of names and values under TensorBoard's "Text", once a run."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
        from tensorboard.compat.proto.tensor_pb2 import TensorProto
        from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
        from tensorboard.compat.proto.types_pb2 import DT_STRING

        if tag in self._texts:
            return
        self._texts.add(tag)
        lines = ["| | |", "|---|---|", *(f"| {name} | {_cell(value)} |" for name, value in values.items())]
        tensor = TensorProto(
            dtype=DT_STRING,
            string_val=["\n".join(lines).encode()],
            tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)]),
        )
        metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text"))
        value = Summary.Value(tag=tag, metadata=metadata, tensor=tensor)
        self._write(Event(wall_time=time.time(), step=0, summary=Summary(value=[value])))
        self._file.flush()

    def pause(self) -> None:
        self._file.close()

    def end(self, status: JobStatus, scores: Mapping[str, float]) -> None:
        self.points([MetricPoint(name=name, step=self._last_step, value=value) for name, value in scores.items()])
        self.text(_STATUS, {"status": status.value})
        self._file.close()

    def _write(self, event: Any) -> None:
        self._writer.write(event.SerializeToString())


def _new_name(logs: Path, run: TrackedRun) -> str:
    """The folder's name, which is what TensorBoard shows: "12 Tickets"; one that was not there yet."""
    words = re.sub(r"[^\w.-]+", " ", run.name).strip(" .")[:60]
    name = f"{run.run_id} {words}".strip()
    taken = {path.name for path in logs.iterdir()} if logs.is_dir() else set()
    return next(one for one in _numbered(name) if one not in taken)


def _numbered(name: str) -> Iterator[str]:
    yield name
    n = 1
    while True:
        n += 1
        yield f"{name} ({n})"


def _tags(folder: Path) -> Iterator[tuple[str, int]]:
    """(tag, step) of everything in the folder. A file that a crash cut off is read up to there."""
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto.event_pb2 import Event

    for path in sorted(folder.glob("events.out.tfevents.*")):
        for record in RawEventFileLoader(str(path)).Load():
            event = Event.FromString(record)
            for value in event.summary.value:
                yield value.tag, event.step


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text.replace("|", "\\|").replace("\n", " ")
