"""Few-example mode: the base model learns which texts belong together, then a linear model learns on its vectors."""

from itertools import chain, zip_longest
from typing import TYPE_CHECKING

import numpy as np

from core.domain.message import msg
from core.techniques.protocol import Extra, Pass, Running, Weights

if TYPE_CHECKING:
    import torch


class Pairs(Extra):
    """With cosines c of the text vectors of two rows, the loss of a pass is half the mean of (1 - c)^2 over its pairs of
    one category plus half the mean of c^2 over its pairs of two: SetFit's loss, of all pairs in a batch.

    SetFit lists all pairs of rows and reads both texts of each. Here a step reads a few rows of a few categories, and its
    B rows are B (B - 1) / 2 pairs at once: time grows with the rows, not with their square. The head does not learn on the
    way; for every check-up and at the end a logistic regression on the vectors of all practice rows takes its place.
    """

    name = "pairs"
    title = msg("Pairs of examples (few-example mode)")
    help = msg("Learns which texts belong together before it learns the categories: for a few examples a category.")
    cost = msg("Costs nothing while it learns; each check-up reads the practice rows too.")
    paper = "Tunstall et al., 2022, arXiv:2209.11055"
    fits_head = True

    def begin(self, running: Running) -> None:
        self.fit_head = running.fit_head

    def label_weights(self, targets: np.ndarray, n_labels: int) -> np.ndarray:
        """Rows are dealt category by category: each counts alike already."""
        return np.ones(n_labels)

    def deal(self, targets: np.ndarray, n_steps: int, n_rows: int, draw: np.random.Generator) -> list[np.ndarray]:
        return dealt(targets, n_steps, n_rows, self.recipe.pairs_per_label, draw)

    def on_vectors(self, batch: Pass) -> None:
        import torch
        from torch.nn import functional

        vectors = functional.normalize(batch.vectors, dim=-1)
        cosine = vectors @ vectors.T
        same = batch.labels[:, None] == batch.labels
        other = ~same
        same = same & ~torch.eye(len(vectors), dtype=torch.bool, device=same.device)
        self.term = 0.5 * (_mean_of((1 - cosine) ** 2, same) + _mean_of(cosine**2, other))

    def on_loss(self, batch: Pass, loss: "torch.Tensor") -> "torch.Tensor":
        """A sum over rows like any loss; the head's own, times nothing, gives a pass its way back where all else is frozen."""
        return self.term * len(batch.labels) + 0.0 * loss

    def before_check(self, weights: Weights) -> None:
        self.fit_head()


def _mean_of(values: "torch.Tensor", chosen: "torch.Tensor") -> "torch.Tensor":
    return (values * chosen).sum() / chosen.sum().clamp_min(1)


def dealt(
    targets: np.ndarray, n_steps: int, n_rows: int, per_label: int, draw: np.random.Generator
) -> list[np.ndarray]:
    """Rows of `n_steps` steps, each of about `n_rows` rows: `per_label` rows (more where categories are few) of as many
    categories as fit, at least two. Categories take turns, and so do the rows of each, in an order that is drawn anew
    once all had theirs. A category with fewer rows gives all of them.
    """
    rows_of = [np.flatnonzero(targets == label) for label in np.unique(targets)]
    n_together = min(len(rows_of), max(2, n_rows // per_label))
    per_label = max(per_label, n_rows // n_together)
    turns = _Turns(np.arange(len(rows_of)), draw)
    decks = [_Turns(rows, draw) for rows in rows_of]
    steps = []
    for _ in range(n_steps):
        hands = [decks[place].next(per_label) for place in turns.next(n_together)]
        mixed = chain.from_iterable(zip_longest(*hands))  # so that half of a step holds pairs of a category too
        steps.append(np.array([row for row in mixed if row is not None], dtype=np.int64))
    return steps


class _Turns:
    """Members in drawn order, again and again; never one twice in a hand."""

    def __init__(self, members: np.ndarray, draw: np.random.Generator) -> None:
        self.members, self.draw = members, draw
        self.left: list[int] = []

    def next(self, n: int) -> list[int]:
        hand: list[int] = []
        n = min(n, len(self.members))
        while len(hand) < n:
            if not self.left:
                self.left = self.draw.permutation(self.members).tolist()
            taken = next((i for i, member in enumerate(self.left) if member not in hand), None)
            if taken is None:  # all that is left is in the hand already
                self.left += self.draw.permutation(self.members).tolist()
                continue
            hand.append(self.left.pop(taken))
        return hand
