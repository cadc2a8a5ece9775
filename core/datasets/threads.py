"""Work on pieces of a table side by side: numpy and Arrow let go of the interpreter while they compute."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.hashing import Mask

MAX_THREADS = 4  #: each holds its piece in memory

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """What `work` makes of each item, in the order of the items, which are all worked on even if nobody asks for more."""
    with ThreadPoolExecutor(min(os.cpu_count() or 1, MAX_THREADS)) as pool:
        yield from pool.map(work, items)


def rows_matching(texts: pa.ChunkedArray, pattern: str) -> Mask:
    """In which texts a regular expression (RE2) finds something."""

    def in_chunk(chunk: pa.Array) -> Mask:
        mask: Mask = pc.match_substring_regex(chunk, pattern).to_numpy(zero_copy_only=False)
        return mask

    return np.concatenate([np.zeros(0, dtype=bool), *in_threads(in_chunk, texts.chunks)])
