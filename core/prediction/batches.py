"""Batches of texts of like length: little padding, bounded memory."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

TOKEN_BUDGET = 1024  # padded tokens in one batch: they fit the processor's cache


def token_batches(lengths: Sequence[int]) -> Iterator[npt.NDArray[np.int64]]:
    """Indices in batches, longest text first, so that the batch which needs the most memory comes at once.

    A batch holds at most TOKEN_BUDGET padded tokens, but never fewer than one text.
    """
    order = np.argsort(np.negative(lengths), kind="stable")
    start = 0
    while start < len(order):
        stop = start + max(1, TOKEN_BUDGET // max(1, lengths[order[start]]))
        yield order[start:stop]
        start = stop
