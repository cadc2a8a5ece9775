"""Checkpoints of a training loop: folders with a sha256 manifest, written aside and renamed. Nothing is pickled.

A run goes on from the newest folder that is whole and belongs to it; a damaged one is passed over.
"""

import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from core.domain.plain import from_plain
from core.files import folder_aside, is_whole, sweep
from core.training.coach import CheckUp

N_KEPT = 2  # the last one, and one to fall back on
SHARE_OF_TIME = 1 / 40  # saving may take this share of the training time
ASSUMED_BYTES_A_SECOND = 150e6  # until the first save was timed

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a loop stands, as plain values. `step` counts optimizer updates that were made."""

    fingerprint: str  #: of recipe, data and base model: a checkpoint of anything else is not ours
    step: int = 0
    tokens: int = 0  #: practice tokens read so far
    seconds: float = 0.0  #: spent on steps so far, check-ups and saves not counted
    loss_sum: float = 0.0  #: of the steps since the last point on the curve
    loss_count: int = 0
    since_sum: float = 0.0  #: of the losses since the newest check-up
    since_count: int = 0
    checks: tuple[CheckUp, ...] = ()  #: what every check-up found
    best_step: int = 0  #: 0 = no check-up yet
    best_accuracy: float = -1.0
    best_loss: float = float("inf")
    n_worse: int = 0  #: check-ups since the best one
    checked_step: int = 0  #: step of the newest check-up
    finished: bool = False
    stopped: str = ""

    def at(self, **changes: int | float | str | bool | tuple[CheckUp, ...]) -> "Position":
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    position: Position
    best: Tensors  #: trained state of the best check-up; empty before the first
    optimizer: Tensors  #: weights, moments and random number states; empty once finished


class Checkpoints:
    """The checkpoints of one run, in a folder of their own."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder = folder
        self.fingerprint = fingerprint
        self._best: tuple[Mapping[str, torch.Tensor], Path] | None = (
            None  # the best state that is on disk, and its file
        )
        self._saved_at = time.monotonic()
        self._cost_seconds: float | None = None

    def newest(self) -> Checkpoint | None:
        """The newest whole checkpoint of this run, None when there is none."""
        if self.folder.is_dir():
            sweep(self.folder)
        for path in sorted(self.folder.glob("step-*"), reverse=True):
            if is_whole(path) and (found := self._read(path)) is not None:
                return found
        return None

    def is_due(self, n_bytes: int) -> bool:
        """Whether enough time went by that a save of `n_bytes` stays a small share of it."""
        cost = self._cost_seconds if self._cost_seconds is not None else 0.01 + n_bytes / ASSUMED_BYTES_A_SECOND
        return time.monotonic() - self._saved_at >= cost / SHARE_OF_TIME

    def save(self, position: Position, best: Mapping[str, torch.Tensor], optimizer: Mapping[str, torch.Tensor]) -> None:
        started = time.monotonic()
        final = self.folder / f"step-{position.step:08d}{'-end' if position.finished else ''}"
        with folder_aside(final) as aside:
            if optimizer:
                save_file(dict(optimizer), aside / "optimizer.safetensors")
            if best:
                self._put_best(best, aside / "best.safetensors")
            (aside / "position.json").write_text(json.dumps(asdict(position), indent=1))
        if best:
            self._best = (best, final / "best.safetensors")
        for old in sorted(self.folder.glob("step-*"))[:-N_KEPT]:
            shutil.rmtree(old, ignore_errors=True)
        self._saved_at = time.monotonic()
        self._cost_seconds = self._saved_at - started

    def _put_best(self, best: Mapping[str, torch.Tensor], path: Path) -> None:
        if self._best is not None and self._best[0] is best and self._best[1].exists():
            os.link(self._best[1], path)
        else:
            save_file(dict(best), path)

    def _read(self, path: Path) -> Checkpoint | None:
        position = from_plain(Position, json.loads((path / "position.json").read_text()))
        if position.fingerprint != self.fingerprint:
            return None
        best = _load(path / "best.safetensors")
        if best:
            self._best = (best, path / "best.safetensors")
        return Checkpoint(position=position, best=best, optimizer=_load(path / "optimizer.safetensors"))


def _load(path: Path) -> Tensors:
    return load_file(path) if path.exists() else {}


def random_states(device: torch.device) -> Tensors:
    states = {"random.cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["random.cuda"] = torch.cuda.get_rng_state(device)
    return states


def restore_random_states(tensors: Mapping[str, torch.Tensor], device: torch.device) -> None:
    torch.set_rng_state(tensors["random.cpu"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(tensors["random.cuda"], device)
