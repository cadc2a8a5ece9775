"""Batches of texts of like length: little padding, bounded memory."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]

TOKEN_BUDGET = 8192  # padded tokens in one batch
MAX_ROWS = 64


def token_batches(lengths: Sequence[int]) -> Iterator[Ids]:
    """Indices in batches, longest first, so that the batch which needs the most memory comes at once.

    A batch holds at most MAX_ROWS texts and TOKEN_BUDGET padded tokens, but never fewer than one text.
    """
    order = np.argsort(np.negative(lengths), kind="stable")
    start = 0
    while start < len(order):
        n_rows = min(MAX_ROWS, max(1, TOKEN_BUDGET // max(1, lengths[order[start]])))
        yield order[start : start + n_rows]
        start += n_rows
