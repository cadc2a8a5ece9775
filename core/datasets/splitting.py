"""Which rows teach, which are watched while training, and which examine: seeded, stratified, equal texts on one side."""

from typing import Any

import numpy as np

from core.datasets.comparing import Codes

PRACTICE, CHECKUP, EXAM = 0, 1, 2  # codes in the arrays of this module
CHECKUP_RATIO, EXAM_RATIO = 0.1, 0.2
MAX_CHECKUP_ROWS, MAX_EXAM_ROWS = 2_000, 5_000

Parts = np.ndarray[Any, np.dtype[np.int8]]


def split_rows(text_codes: Codes, label_codes: Codes, *, seed: int, with_exam: bool) -> Parts:
    """PRACTICE, CHECKUP or EXAM for every row; EXAM only when `with_exam` (there is no exam file of its own).

    Rows with equal `text_codes` get the same part. Per category of n texts: exam 20% and at least 1 from n = 2,
    check-up 10% and at least 1 from n = 3, the rest (at least 1) practice. The caps hold over all categories.
    """
    _, first, group_of_row = np.unique(text_codes, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")  # groups in order of first appearance: codes differ between processes
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    labels = np.unique(label_codes, return_inverse=True)[1][first[order]]
    parts = _split_groups(labels, seed, with_exam)
    return parts[rank[group_of_row]]


def _split_groups(labels: Codes, seed: int, with_exam: bool) -> Parts:
    n = len(labels)
    if n == 0:
        return np.zeros(0, dtype=np.int8)
    shuffled = np.lexsort((np.random.default_rng(seed).random(n), labels))
    sizes = np.bincount(labels)
    place = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # 0, 1, .. within each category
    n_exam = _quota(sizes, min(EXAM_RATIO, MAX_EXAM_ROWS / n), least_size=2) if with_exam else np.zeros_like(sizes)
    n_checkup = _quota(sizes, min(CHECKUP_RATIO, MAX_CHECKUP_ROWS / n), least_size=3)
    exam_end = np.repeat(n_exam, sizes)
    checkup_end = exam_end + np.repeat(n_checkup, sizes)
    in_order = np.where(place < exam_end, EXAM, np.where(place < checkup_end, CHECKUP, PRACTICE)).astype(np.int8)
    _release(in_order, place, EXAM, MAX_EXAM_ROWS)
    _release(in_order, place, CHECKUP, MAX_CHECKUP_ROWS)
    parts = np.empty(n, dtype=np.int8)
    parts[shuffled] = in_order
    return parts


def _quota(sizes: Codes, ratio: float, *, least_size: int) -> Codes:
    wanted = np.maximum(np.rint(sizes * ratio), 1).astype(np.int64)
    return np.where(sizes >= least_size, wanted, 0)


def _release(parts: Parts, place: Codes, part: int, limit: int) -> None:
    """Give what exceeds `limit` (rounding, thousands of categories) back to practice, best-supplied categories first."""
    chosen = np.flatnonzero(parts == part)
    if len(chosen) > limit:
        excess = chosen[np.argsort(place[chosen], kind="stable")][limit:]
        parts[excess] = PRACTICE
