"""Weights & Biases: online where a key is at hand, else offline in a folder that `wandb sync` sends later.

Its package writes every row to a file before it sends it; that file tells a resumed job what is there already.
"""

import contextlib
import json
import netrc
import secrets
import shlex
import struct
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.domain.job import JobStatus
from core.domain.message import msg
from core.domain.run import MetricPoint
from core.domain.tracking import TrackedRun, TrackingPlace

PROJECT = "tunedesk"
STEP = "training_step"  #: the axis of the curves; W&B's own step only counts rows
START_SECONDS, END_SECONDS = 20.0, 15.0  #: how long to wait for its server
_BLOCK_BYTES, _HEADER = 32768, struct.Struct("<IHB")  #: of a LevelDB log: checksum, length, kind of part
_FILE_HEADER_BYTES = 7
_FIRST_PARTS, _LAST_PARTS = (1, 2), (1, 4)  #: kinds: 1 whole, 2 first, 3 middle, 4 last


class WeightsAndBiases:
    name = "wandb"
    title = "Weights & Biases"
    about = msg(
        "A run on the Weights & Biases server where a key is set up, so curves and settings leave this machine; "
        "otherwise in a folder here."
    )
    package = "wandb"
    modules = ("wandb", "wandb.proto.wandb_internal_pb2")
    requirement = "wandb==0.31.0"

    def record(self, run: TrackedRun, folder: Path, handle: str) -> "WandbRun":
        import wandb

        folder.mkdir(parents=True, exist_ok=True)  # it would quietly take a temporary folder instead
        given = wandb.setup().settings
        root = Path(given.root_dir) if "root_dir" in given.model_fields_set else folder  # WANDB_DIR
        handle = handle or f"tunedesk-{run.run_id}-{secrets.token_hex(4)}"
        known = list(_rows(root, handle))
        _wait_for_a_new_folder(root, handle)
        started = wandb.init(
            project=given.project or PROJECT,
            name=run.name,
            id=handle,
            resume="allow",
            dir=str(root),
            mode=None if _is_told_where(given) else "offline",
            config={"data": run.dataset_name, "dataset_id": run.dataset_id} | run.recipe.to_json(),
            settings=wandb.Settings(  # nothing but what we name: no output, no code, no packages, no machine readings
                console="off",
                silent=True,
                disable_git=True,
                disable_code=True,
                x_disable_meta=True,
                x_disable_stats=True,
                x_save_requirements=False,
                init_timeout=START_SECONDS,
                finish_timeout=END_SECONDS,
            ),
        )
        return WandbRun(started, root, known)


class WandbRun:
    """`run` is a `wandb.Run`; `rows` are those that earlier attempts wrote, as (name, step)."""

    def __init__(self, run: Any, root: Path, rows: Sequence[Sequence[tuple[str, int]]]) -> None:
        self._run, self._root, self._rows = run, root, rows
        self._n_rows = len(rows)
        run.define_metric(STEP, hidden=True)
        run.define_metric("*", step_metric=STEP)

    @property
    def place(self) -> TrackingPlace:
        if self._run.offline:
            root, folders = self._root / "wandb", f"offline-run-*-{self._run.id}"
            program = shlex.quote(str(Path(sys.executable).with_name("wandb")))
            return TrackingPlace(
                handle=self._run.id,
                where=str(root / folders),
                command=f"{program} sync {shlex.quote(str(root))}/{folders}",
            )
        return TrackingPlace(handle=self._run.id, where=str(self._run.url))

    def known(self) -> set[tuple[str, int]]:
        return {point for row in self._rows for point in row}

    def points(self, points: Sequence[MetricPoint]) -> None:
        for step, of_step in groupby(points, key=lambda point: point.step):
            # an offline run starts to count anew after a crash: the number keeps its rows apart from the earlier ones
            self._run.log({STEP: step} | {point.name: point.value for point in of_step}, step=self._n_rows)
            self._n_rows += 1

    def environment(self, values: Mapping[str, Any]) -> None:
        self._run.config.update({"environment": dict(values)}, allow_val_change=True)

    def pause(self) -> None:
        self._close(exit_code=1)

    def end(self, status: JobStatus, scores: Mapping[str, float]) -> None:
        self._run.summary.update({"status": status.value, **scores})
        self._close(exit_code=0 if status is JobStatus.DONE else 1)

    def _close(self, exit_code: int) -> None:
        """Return when its helper process has ended: `finish` alone comes back before the last rows are in the file."""
        import wandb

        self._run.finish(exit_code=exit_code)
        wandb.teardown()


def _wait_for_a_new_folder(root: Path, run_id: str) -> None:
    """Its folders are named by the second: an attempt that begins in the second of the one before would write over it."""
    while any((root / "wandb").glob(f"*run-{time.strftime('%Y%m%d_%H%M%S')}-{run_id}")):
        time.sleep(0.05)


def _is_told_where(given: Any) -> bool:
    """Whether W&B's own variables or a login say how to reach its server, or that it should not."""
    if given.api_key or given.identity_token_file or given.mode != "online":
        return True
    with contextlib.suppress(OSError, netrc.NetrcParseError):
        return netrc.netrc().authenticators(urlsplit(given.base_url).hostname or "") is not None
    return False


def _rows(root: Path, run_id: str) -> Iterator[list[tuple[str, int]]]:
    """The (name, step) of each row that is in the run's files."""
    from wandb.proto import wandb_internal_pb2

    for path in sorted((root / "wandb").glob(f"*run-*-{run_id}/run-{run_id}.wandb")):
        for content in log_records(path.read_bytes()):
            record = wandb_internal_pb2.Record.FromString(content)
            values = {item.key or ".".join(item.nested_key): item.value_json for item in record.history.item}
            if STEP in values:
                yield [(name, json.loads(values[STEP])) for name in values if name != STEP and name[0] != "_"]


def log_records(content: bytes) -> Iterator[bytes]:
    """The records of a LevelDB log, up to the end or to where a crash cut it off."""
    position, parts = _FILE_HEADER_BYTES, b""
    while position + _HEADER.size <= len(content):
        left = _BLOCK_BYTES - position % _BLOCK_BYTES
        if left < _HEADER.size:  # too little room for a header: the block is filled with zeros
            position += left
            continue
        _checksum, n_bytes, kind = _HEADER.unpack_from(content, position)
        start = position + _HEADER.size
        if kind == 0 or start + n_bytes > len(content):
            return
        parts = (b"" if kind in _FIRST_PARTS else parts) + content[start : start + n_bytes]
        if kind in _LAST_PARTS:
            yield parts
        position = start + n_bytes
