"""Word noise: in every pass over the data each text loses, swaps or exchanges a few of its tokens."""

from collections.abc import Callable

import numpy as np

from core.domain.message import msg
from core.techniques.protocol import Extra, Running


class WordNoise(Extra):
    """One in four texts stays as it is; the others get one of three changes, to the share `recipe.noise_share` of their
    tokens: deleted, swapped with the next one, or replaced by a token drawn as often as it occurs in the data.

    Tokens that all texts have at their start or end (the special ones, a prompt) are left alone. What a text becomes
    depends on seed, epoch and row alone.
    """

    name = "word_noise"
    title = msg("Word noise")
    help = msg(
        "Deletes, swaps or exchanges a few word pieces anew in every pass: meant for odd wording, may cost accuracy on short texts."
    )
    cost = msg("Costs nothing.")
    paper = "Wei & Zou, 2019, arXiv:1901.11196"
    rewrites = True

    def begin(self, running: Running) -> None:
        self.pool = running.ids
        starts, ends = running.offsets[:-1], running.offsets[1:]
        shortest = int((ends - starts).min())
        self.n_front = _n_common(lambda i: running.ids[starts + i], shortest)
        self.n_back = _n_common(lambda i: running.ids[ends - 1 - i], shortest - self.n_front)

    def rewrite(self, ids: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        inner = ids[self.n_front : len(ids) - self.n_back].copy()
        change = draw.integers(4)
        if change == 0 or len(inner) < 2:
            return ids
        hit = draw.random(len(inner)) < self.recipe.noise_share
        if change == 1:
            inner = inner[~hit] if not hit.all() else inner
        elif change == 2:
            for i in np.flatnonzero(hit[:-1]):
                inner[i], inner[i + 1] = inner[i + 1], inner[i]
        else:
            inner[hit] = self.pool[draw.integers(len(self.pool), size=int(hit.sum()))]
        return np.concatenate([ids[: self.n_front], inner, ids[len(ids) - self.n_back :]])


def _n_common(token_at: Callable[[int], np.ndarray], limit: int) -> int:
    """How many leading positions hold one and the same token in all texts."""
    n = 0
    while n < limit and (tokens := token_at(n)).min() == tokens.max():
        n += 1
    return n
