"""Cross-validation: which part each example belongs to, and examples by their numbers."""

from collections.abc import Sequence

import numpy as np

from core.training.batches import TokenizedExamples


def fold_of_rows(texts: Sequence[str], targets: np.ndarray, n_folds: int, seed: int) -> np.ndarray:
    """A number from 0 to `n_folds` - 1 per row. Equal texts and near copies share it, and the rows of every category are
    dealt out in turn."""
    import pyarrow as pa

    from core.datasets.comparing import equality_codes
    from core.datasets.near_duplicates import near_groups
    from core.datasets.splitting import tied_groups

    column = pa.chunked_array([pa.array(texts, pa.string())])
    used = np.ones(len(texts), dtype=bool)
    codes = equality_codes(column)
    groups, labels = tied_groups(codes, near_groups(column, used, codes), np.asarray(targets, dtype=np.int64), used)
    _, first, group_of_row = np.unique(groups, return_index=True, return_inverse=True)
    drawn = np.random.default_rng(seed).permutation(len(first))
    order = np.lexsort((drawn, labels[first]))
    fold = np.empty(len(first), dtype=np.int64)
    fold[order] = np.arange(len(first)) % n_folds
    return fold[group_of_row]


def subset(examples: TokenizedExamples, rows: np.ndarray) -> TokenizedExamples:
    """`rows` (numbers, in this order) as examples of their own."""
    pieces = [examples.ids[examples.offsets[row] : examples.offsets[row + 1]] for row in rows]
    return TokenizedExamples(
        ids=np.concatenate([np.zeros(0, dtype=examples.ids.dtype), *pieces]),
        offsets=np.cumsum([0, *map(len, pieces)], dtype=np.int64),
        targets=examples.targets[rows],
    )


def joined(first: TokenizedExamples, second: TokenizedExamples) -> TokenizedExamples:
    return TokenizedExamples(
        ids=np.concatenate([first.ids, second.ids]),
        offsets=np.concatenate([first.offsets, second.offsets[1:] + first.offsets[-1]]),
        targets=np.concatenate([first.targets, second.targets]),
    )
