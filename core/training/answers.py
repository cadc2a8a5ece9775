"""Answers a model gave to rows it did not know, kept in its bundle: what its thresholds, its calibration and its report
rest on.

`answers/checkup.safetensors` holds those that mix, temperature and threshold were chosen by, `answers/exam.safetensors`
those of the exam. Probabilities are the mix of the members BEFORE the bundle's temperature (`sharpen(proba, temperature)`
gives those that are shown). `answers/baselines.safetensors` holds what the rivals of the model answered to the exam. Bundles
of earlier versions have none of these files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.training.calibration import Proba, sharpen

CHECKUP, EXAM, BASELINES = "checkup", "exam", "baselines"
MAX_ROWS = 20_000  # more make no interval narrower that anybody would notice
MAX_NUMBERS = 10_000_000  # rows times categories: 40 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """`proba` has shape (n, n_labels), rows sum to 1; `targets` (n,) are places in the model's labels, or the numbers that it learned;
    `rows` (n,) are the
    numbers that the spreadsheet shows, of the practice file for a check-up; empty where they were not told."""

    proba: npt.NDArray[np.float32]
    targets: npt.NDArray[np.int32] | npt.NDArray[np.float32]
    rows: npt.NDArray[np.int32]

    @classmethod
    def of(
        cls, proba: npt.NDArray[np.floating], targets: Sequence[int] | npt.NDArray[Any], rows: Sequence[int]
    ) -> "Answers":
        """All of them, or a part drawn at random (always the same) where they are more than a bundle should hold."""
        n = len(proba)
        if len(targets) != n or len(rows) not in (0, n):
            raise ValueError(f"{n} answers, {len(targets)} targets, {len(rows)} row numbers")
        limit = min(MAX_ROWS, MAX_NUMBERS // max(1, proba.shape[1]))
        drawn = np.random.default_rng(0).permutation(n)[:limit]
        kept = np.sort(drawn)
        return cls(
            proba=np.ascontiguousarray(proba[kept], dtype=np.float32),
            targets=_compact(targets)[kept],
            rows=np.asarray(rows, dtype=np.int32)[kept] if len(rows) else np.zeros(0, dtype=np.int32),
        )

    def sharpened(self, temperature: float) -> Proba:
        """The probabilities that are shown, (n, n_labels)."""
        return sharpen(self.proba.astype(np.float64), temperature)

    def save(self, bundle_dir: Path, name: str) -> None:
        from safetensors.numpy import save_file

        path = _path(bundle_dir, name)
        path.parent.mkdir(exist_ok=True)
        save_file({"proba": self.proba, "targets": self.targets, "rows": self.rows}, path)


def save_baselines(bundle_dir: Path, answers: Mapping[str, npt.NDArray[np.integer]]) -> None:
    """What the rivals answered to the exam, by name, as places in the labels: (n_exam,) each, in the exam's order."""
    from safetensors.numpy import save_file

    path = _path(bundle_dir, BASELINES)
    path.parent.mkdir(exist_ok=True)
    save_file({name: np.ascontiguousarray(given, dtype=np.int32) for name, given in answers.items()}, path)


def load_baselines(bundle_dir: Path) -> dict[str, npt.NDArray[np.int32]]:
    """Those that were kept."""
    from safetensors.numpy import load_file

    path = _path(bundle_dir, BASELINES)
    return dict(load_file(path)) if path.exists() else {}


def load_answers(bundle_dir: Path, name: str) -> Answers | None:
    """Those of CHECKUP or EXAM; None where the bundle was made before they were kept."""
    from safetensors.numpy import load_file

    path = _path(bundle_dir, name)
    return Answers(**load_file(path)) if path.exists() else None


def _compact(targets: Sequence[int] | npt.NDArray[Any]) -> npt.NDArray[Any]:
    values = np.asarray(targets)
    return values.astype(np.float32 if values.dtype.kind == "f" and len(values) else np.int32)


def _path(bundle_dir: Path, name: str) -> Path:
    return bundle_dir / "answers" / f"{name}.safetensors"
