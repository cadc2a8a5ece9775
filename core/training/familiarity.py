"""Is a text like those that a model learned from? Vectors of practice rows, and a threshold below which a text is none of them.

With p the probability of the answer and c the mean cosine of a text to its 3 nearest practice rows, it is as familiar as

    s = c + 0.1 ln(p / (1 - p))

Neither alone does: p knows only what tells the categories apart (Hendrycks and Gimpel, 2017, arXiv:1610.02136), neighbours
know only what practice was about (Sun et al., 2022, arXiv:2204.06507). Energy and Mahalanobis distance did worse than both
(docs/results.md). No foreign text is needed: the thresholds keep 98, 95 or 90 of 100 check-up rows. Where foreign texts are
known, they choose among these (core/prediction/familiarity.py). Numpy only.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.domain.familiarity import KEEPS, USUAL
from core.files import written_aside

PRACTICE_FILE = "practice_rows.safetensors"
MAX_KEPT = 10_000  # rows: 8 MB of vectors
N_NEAREST = 3
FEWEST = 20  # check-up rows that a threshold can rest on; with fewer every text is familiar
CHUNK = 1_000  # texts compared at once: 40 MB
WEIGHT = 0.1  # of the log-odds of the answer against a cosine
EVERY_TEXT = -math.inf  #: the threshold of a model that cannot tell
_TINY = 1e-6

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeRows:
    """`vectors` has shape (n, hidden), rows of length 1; `rows` (n,) are the numbers that the spreadsheet shows, or none."""

    vectors: Floats
    rows: NDArray[np.int32]
    threshold: float = EVERY_TEXT  #: texts less familiar than that are none of the categories
    thresholds: tuple[float, ...] = ()  #: the same for each of KEEPS, where a person may choose

    @classmethod
    def of(cls, vectors: Floats, rows: Sequence[int], *, seed: int) -> "PracticeRows":
        """All practice rows, or MAX_KEPT of them that the seed draws. No threshold yet: see `fitted`."""
        numbers = np.asarray(rows, dtype=np.int32)
        if len(vectors) > MAX_KEPT:
            kept = np.sort(np.random.default_rng(seed).choice(len(vectors), MAX_KEPT, replace=False))
            vectors, numbers = vectors[kept], numbers[kept] if len(numbers) else numbers
        return cls(vectors=vectors, rows=numbers)

    def fitted(self, vectors: Floats, confidences: NDArray[np.floating]) -> "PracticeRows":
        """With the thresholds that keep so many of these rows, which neither the model nor `self` knows."""
        if len(vectors) < FEWEST:
            return replace(self, threshold=EVERY_TEXT, thresholds=())
        familiar = self.familiarity(vectors, confidences)
        found = {keeps: float(np.quantile(familiar, 1 - keeps / 100)) for keeps in KEEPS}
        return replace(self, threshold=found[USUAL], thresholds=tuple(found.values()))

    def threshold_at(self, keeps: int | None) -> float:
        """As strict as one of KEEPS, or as training chose for None and in bundles that leave no choice."""
        return self.thresholds[KEEPS.index(keeps)] if keeps in KEEPS and self.thresholds else self.threshold

    @property
    def can_tell(self) -> bool:
        return self.threshold > EVERY_TEXT

    def familiarity(self, vectors: Floats, confidences: NDArray[np.floating]) -> NDArray[np.float64]:
        """s of each text, (n,), from its vector and the probability of its answer."""
        p = np.clip(np.asarray(confidences, dtype=np.float64), _TINY, 1 - _TINY)
        familiar: NDArray[np.float64] = _nearness(vectors, self.vectors) + WEIGHT * np.log(p / (1 - p))
        return familiar

    def nearest(self, vector: Floats, n: int) -> tuple[NDArray[np.int32], Floats]:
        """Row numbers and cosines of the `n` rows nearest to a vector of length 1, the nearest first."""
        cosines = self.vectors @ vector
        order = np.argsort(-cosines, kind="stable")[:n]
        return self.rows[order], cosines[order]

    def save(self, bundle_dir: Path) -> None:
        """In half precision."""
        from safetensors.numpy import save_file

        kept = {
            "vectors": self.vectors.astype(np.float16),
            "rows": self.rows,
            "threshold": np.array([self.threshold]),
            "thresholds": np.array(self.thresholds, dtype=np.float64),
        }
        save_file({name: np.ascontiguousarray(value) for name, value in kept.items()}, bundle_dir / PRACTICE_FILE)


def load_practice(bundle_dir: Path) -> PracticeRows | None:
    """None in bundles that were made before they kept any."""
    from safetensors.numpy import load_file

    path = bundle_dir / PRACTICE_FILE
    if not path.exists():
        return None
    kept = load_file(path)
    vectors = kept["vectors"].astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return PracticeRows(
        vectors=vectors,
        rows=kept["rows"],
        threshold=float(kept["threshold"][0]),
        thresholds=tuple(kept["thresholds"].tolist()) if "thresholds" in kept else (),
    )


def settle_threshold(bundle_dir: Path, threshold: float) -> None:
    """From now on the bundle's own threshold. The file is written anew: it may be linked to that of a job's folder."""
    from safetensors.numpy import load_file, save_file

    path = bundle_dir / PRACTICE_FILE
    kept = load_file(path)
    if kept["threshold"][0] == threshold:
        return
    with written_aside(path) as aside:
        save_file(kept | {"threshold": np.array([threshold])}, aside)


def _nearness(vectors: Floats, practice: Floats) -> NDArray[np.float64]:
    """Mean cosine to the N_NEAREST practice rows, (n,)."""
    n = min(N_NEAREST, len(practice))
    means = [
        np.partition(vectors[start : start + CHUNK] @ practice.T, len(practice) - n, axis=1)[:, -n:].mean(axis=1)
        for start in range(0, len(vectors), CHUNK)
    ]
    return np.concatenate(means).astype(np.float64) if means else np.zeros(0)
