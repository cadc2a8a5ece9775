"""Rows picked out of a column without touching the rest: `ChunkedArray.take` copies the whole column each time."""

from typing import Any

import numpy as np
import pyarrow as pa


def take_rows(column: pa.ChunkedArray, rows: "np.ndarray[Any, np.dtype[np.int64]]") -> pa.ChunkedArray:
    """The cells of these rows, which are in order."""
    taken, start = [], 0
    for chunk in column.chunks:
        wanted = rows[slice(*np.searchsorted(rows, (start, start + len(chunk))))] - start
        if len(wanted):
            taken.append(_of_chunk(chunk, wanted))
        start += len(chunk)
    return pa.chunked_array(taken, column.type)


def _of_chunk(chunk: pa.Array, rows: "np.ndarray[Any, np.dtype[np.int64]]") -> pa.Array:
    span = int(rows[-1]) + 1 - int(rows[0])
    if span == len(rows):
        return chunk.slice(int(rows[0]), span)
    return chunk.take(pa.array(rows))
