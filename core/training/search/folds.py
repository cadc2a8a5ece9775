"""Cross-validation: which part each example belongs to."""

from collections.abc import Sequence

import numpy as np


def fold_of_rows(texts: Sequence[str], targets: np.ndarray, n_folds: int, seed: int) -> np.ndarray:
    """A number from 0 to `n_folds` - 1 per row. Equal texts and near copies share it, and the rows of every category are
    dealt out in turn."""
    import pyarrow as pa

    from core.datasets.comparing import equality_codes
    from core.datasets.near_duplicates import near_groups
    from core.datasets.splitting import tied_groups

    column = pa.chunked_array([pa.array(texts, pa.large_string())])
    used = np.ones(len(texts), dtype=bool)
    codes = equality_codes(column)
    groups, labels = tied_groups(codes, near_groups(column, used, codes), np.asarray(targets, dtype=np.int64), used)
    _, first, group_of_row = np.unique(groups, return_index=True, return_inverse=True)
    drawn = np.random.default_rng(seed).permutation(len(first))
    order = np.lexsort((drawn, labels[first]))
    fold = np.empty(len(first), dtype=np.int64)
    fold[order] = np.arange(len(first)) % n_folds
    return fold[group_of_row]
