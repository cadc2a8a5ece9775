"""A column of scores as numbers: row by row, in bins for a fair split, and as a picture."""

from typing import Any

import numpy as np

from core.datasets.decimal_signs import column_numbers
from core.datasets.findings.base import BothFiles, FileRows
from core.datasets.hashing import Codes
from core.domain.number import NumberProfile

N_STRATA = 10  # parts of equal size that practice, check-up and exam share alike
N_BINS = 20
MAX_WHOLE = 25  # different whole numbers up to which each has a bin of its own

Numbers = np.ndarray[Any, np.dtype[np.float64]]


def numbers_of(file: FileRows) -> Numbers:
    """The number of every row, nan where its cell shows none."""
    names = column_numbers(file.label_names)
    values = np.array([*(np.nan if number is None else number for number in names), np.nan])
    return values[file.label_codes]  # -1, a blank cell, takes the last one


def strata_of(file: FileRows) -> Codes:
    """Which tenth of all numbers in use each row belongs to; equal numbers share one. 0 for rows out of use."""
    values, strata = numbers_of(file), np.zeros(len(file.rows), dtype=np.int64)
    used = file.used
    if used.any():
        cuts = np.unique(np.quantile(values[used], np.arange(1, N_STRATA) / N_STRATA))
        strata[used] = np.searchsorted(cuts, values[used], side="right")
    return strata


def number_profile(data: BothFiles) -> NumberProfile | None:
    """None where no row is in use."""
    values = np.concatenate([numbers_of(file)[file.used] for file in data.files])
    if not len(values):
        return None
    low, high = float(values.min()), float(values.max())
    if (values == np.rint(values)).all() and high - low < MAX_WHOLE:
        edges = np.arange(low, high + 2)
    else:
        edges = np.linspace(low, high if high > low else low + 1, N_BINS + 1)
    counts, _ = np.histogram(values, edges)
    return NumberProfile(
        n=len(values),
        low=low,
        high=high,
        mean=float(values.mean()),
        median=float(np.median(values)),
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
    )
