"""The practice rows that a bundle keeps as vectors of its frozen encoder: what a new text is compared with. Numpy only."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PRACTICE_FILE = "practice.safetensors"
MAX_KEPT = 10_000  # rows: 8 MB of vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeRows:
    """`vectors` has shape (n, hidden), rows of length 1; `positions` count the practice rows of the dataset from 0."""

    vectors: NDArray[np.float32]
    positions: NDArray[np.int32]

    def nearest(self, vector: NDArray[np.float32], n: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Positions and cosines of the `n` rows nearest to a vector of length 1, the nearest first."""
        cosines = self.vectors @ vector
        order = np.argsort(-cosines, kind="stable")[:n]
        return self.positions[order], cosines[order]


def write_practice(bundle_dir: Path, vectors: NDArray[np.float32], positions: NDArray[np.integer], seed: int) -> None:
    """Keep the vectors of the practice rows at `positions`, or of MAX_KEPT of them that the seed draws; in half precision."""
    from safetensors.numpy import save_file

    rows = np.arange(len(positions), dtype=np.int32)
    if len(rows) > MAX_KEPT:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MAX_KEPT, replace=False))
    kept = {"vectors": vectors[rows].astype(np.float16), "positions": positions[rows].astype(np.int32)}
    save_file(kept, bundle_dir / PRACTICE_FILE)


def read_practice(bundle_dir: Path) -> PracticeRows | None:
    """None in bundles of the first version, which keep none."""
    from safetensors.numpy import load_file

    path = bundle_dir / PRACTICE_FILE
    if not path.exists():
        return None
    kept = load_file(path)
    vectors = kept["vectors"].astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return PracticeRows(vectors=vectors, positions=kept["positions"])
