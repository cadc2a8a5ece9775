"""Rows whose category is likely wrong, found without anybody reading them. Pure numpy on answers out of fold.

Two witnesses that did not know the row speak about its category: a draft that learned from the other folds, with
probabilities p, and the nearest neighbours in the space of the frozen embeddings (Wilson, 1972), with shares v.

    belief = w p + (1 - w) v,   suspicion = belief_j - belief_i

with i the given category and j the likeliest other one: 1 when both witnesses are sure of j, below 0 when they hold to i.
The weight w is the one at which the given categories are most likely: the better witness counts more. How many rows are wrong in all is told by confident learning (Northcutt et al., 2021, arXiv:1911.00068): a row of category i
is taken for one of j where its p_j reaches what rows of j have on average. Measured in docs/results.md.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.training.calibration import Proba, fit_mix

N_NEIGHBOURS = 10
CHUNK = 1024  # rows whose neighbours are looked for at once

Targets = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """One value a row; `order` is the rows of which another category is likelier, the most suspicious first."""

    suspicion: NDArray[np.float64]
    likely: Targets  #: the likeliest other category
    votes: NDArray[np.int64]  #: neighbours that are of it
    order: Targets
    label_shares: NDArray[np.float64]  #: (n_labels,): of the rows of each category that are likely wrong
    share: float  #: the same of all rows


def find_suspects(proba: Proba, votes: Proba, targets: Targets) -> Suspects:
    """`proba` (n, n_labels) are answers out of fold, `votes` (n, n_labels) counts of neighbours."""
    rows = np.arange(len(targets))
    label_shares = wrong_shares(confident_labels(proba, targets), targets, proba.shape[1])
    shares = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    weight = fit_mix(targets, proba, shares) if len(targets) else 0.5
    belief = weight * proba + (1 - weight) * shares
    others = belief.copy()
    others[rows, targets] = -1.0
    likely = others.argmax(axis=1)
    suspicion = others[rows, likely] - belief[rows, targets]
    order = np.argsort(-suspicion, kind="stable")
    return Suspects(
        suspicion=suspicion,
        likely=likely,
        votes=votes[rows, likely].astype(np.int64),
        order=order[suspicion[order] > 0],
        label_shares=label_shares,
        share=float(label_shares @ np.bincount(targets, minlength=proba.shape[1]) / max(1, len(targets))),
    )


def confident_labels(proba: Proba, targets: Targets) -> Targets:
    """The category that a row surely is by the draft; -1 where it is sure of none.

    Sure of j means: p_j is at least the mean of p_j over the rows of category j.
    """
    n_labels = proba.shape[1]
    sums = np.bincount(targets, weights=proba[np.arange(len(targets)), targets], minlength=n_labels)
    counts = np.bincount(targets, minlength=n_labels)
    thresholds = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
    sure = np.where(proba >= thresholds, proba, -1.0)
    return np.where(sure.max(axis=1) >= 0, sure.argmax(axis=1), -1)


def wrong_shares(confident: Targets, targets: Targets, n_labels: int) -> NDArray[np.float64]:
    """Of the rows of each category, the share that is wrong: off the diagonal of the confident joint, among the rows that the
    draft is sure of."""
    sure = confident >= 0
    n_sure = np.bincount(targets[sure], minlength=n_labels)
    n_other = np.bincount(targets[sure & (confident != targets)], minlength=n_labels)
    shares: NDArray[np.float64] = n_other / np.maximum(n_sure, 1)
    return shares


def neighbour_votes(vectors: NDArray[np.float32], targets: Targets, n_labels: int) -> Proba:
    """Of each row's N_NEIGHBOURS nearest others, how many are of each category: (n, n_labels). Vectors have length 1."""
    n = len(vectors)
    k = min(N_NEIGHBOURS, n - 1)
    votes = np.zeros((n, n_labels))
    if k < 1:
        return votes
    for start in range(0, n, CHUNK):
        stop = min(n, start + CHUNK)
        nearness = vectors[start:stop] @ vectors.T
        nearness[np.arange(stop - start), np.arange(start, stop)] = -np.inf
        nearest = np.argpartition(-nearness, k - 1, axis=1)[:, :k]
        for column in range(k):
            votes[np.arange(start, stop), targets[nearest[:, column]]] += 1
    return votes
