"""Which rows teach, which are watched while training, and which examine: seeded, stratified, equal texts on one side."""

from typing import Any

import numpy as np

from core.datasets.hashing import Codes, Hashes, Mask, mixed, paired, stands_earlier

PRACTICE, CHECKUP, EXAM = 0, 1, 2  # codes in the arrays of this module
CHECKUP_RATIO, EXAM_RATIO = 0.1, 0.2
MIN_GROUPS = 3  #: of a category: one each for practice, check-up and exam
MAX_CHECKUP_ROWS, MAX_EXAM_ROWS = 2_000, 5_000

Parts = np.ndarray[Any, np.dtype[np.int8]]


def split_rows(
    group_codes: Codes, label_codes: Codes, *, seed: int, with_exam: bool, lots: Codes | None = None
) -> Parts:
    """PRACTICE, CHECKUP or EXAM for every row; EXAM only when `with_exam` (there is no exam file of its own).

    Rows with equal `group_codes` get the same part. A group's part is drawn from the seed and the lot of its first row
    alone, as far as the quotas allow, so that repairing some rows leaves the exam of the others as it was. Per category
    of n texts: exam 20% and at least 1 from n = 2, check-up 10% and at least 1 from n = 3, the rest (at least 1)
    practice. The caps hold over all categories.

    Args:
        lots: a number per row that repairs do not change: the code of its text as uploaded. `group_codes` if None.
    """
    groups, first, group_of_row = np.unique(group_codes, return_index=True, return_inverse=True)
    labels = np.unique(label_codes, return_inverse=True)[1][first]
    drawn = [_drawn(groups, seed)]
    if lots is not None:  # equal lots, as after a swap of text and category, leave it to the groups themselves
        drawn.append(_drawn(lots[first], seed))
    order = np.lexsort((*drawn, labels))
    return _split_groups(labels, order, with_exam)[group_of_row]


def tied_groups(text_codes: Codes, near: Codes | None, label_codes: Codes, used: Mask) -> tuple[Codes, Codes]:
    """`group_codes` and `label_codes` of the used rows for `split_rows`: near texts (see near_duplicates) share a code.

    Groups of more than a tenth of all texts are not tied, nor those of a category that would be left with fewer than
    3 groups: an exam with near copies of practice is better than none.
    """
    texts, labels = text_codes[used], label_codes[used]
    if near is None or not (near[used] >= 0).any():
        return texts, labels
    group = near[used]
    tied = group >= 0
    _, which, sizes = np.unique(group[tied], return_inverse=True, return_counts=True)
    tied[tied] = sizes[which] <= max(0.1 * len(texts), 3)
    codes = np.where(tied, text_codes[group], texts)
    label_of = np.where(tied, label_codes[group], labels)  # of the group's first text
    n_groups = _n_groups(codes, label_of)
    starved = n_groups[label_of] < MIN_GROUPS
    return np.where(starved, texts, codes), np.where(starved, labels, label_of)


def _n_groups(codes: Codes, labels: Codes) -> Codes:
    """How many different codes each label has."""
    first = ~stands_earlier(paired(codes, labels))
    return np.bincount(labels[first], minlength=int(labels.max(initial=0)) + 1)


def _drawn(codes: Codes, seed: int) -> Hashes:
    """One pseudo-random number per code and seed."""
    start = np.uint64((seed + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF)
    return mixed(codes.view(np.uint64) + start)  # wraps, as it must


def _split_groups(labels: Codes, order: Codes, with_exam: bool) -> Parts:
    """The part of every group; `order` lists the groups category by category, shuffled within each."""
    n = len(labels)
    if n == 0:
        return np.zeros(0, dtype=np.int8)
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
    parts[order] = in_order
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
