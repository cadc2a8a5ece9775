"""Word noise: in every pass over the data each text loses, swaps or exchanges a few of its tokens."""

from collections.abc import Callable, Mapping

import numpy as np

from core.domain.message import msg
from core.techniques.protocol import Extra, Running, Signal, Weights


class WordNoise(Extra):
    """One in four texts stays as it is; the others get one of three changes, to the share `recipe.noise_share` of their
    tokens: deleted, swapped with the next one, or replaced by a token drawn as often as it occurs in the data.

    Tokens that all texts have at their start or end (the special ones, a prompt) are left alone. What a text becomes
    depends on seed, epoch and row alone.
    """

    name = "word_noise"
    title = msg("Word noise")
    help = msg(
        "Deletes, swaps or exchanges a few word pieces anew in every pass: meant for odd wording. On two small English sets it did not help."
    )
    cost = msg("Costs nothing.")
    paper = "Wei & Zou, 2019, arXiv:1901.11196"
    rewrites = True
    signal_titles = (("noise_share", msg("Share of word pieces that were changed")),)

    def begin(self, running: Running) -> None:
        self.pool = running.ids
        self.n_changed = self.n_read = 0
        starts, ends = running.offsets[:-1], running.offsets[1:]
        shortest = int((ends - starts).min())
        self.n_front = _n_common(lambda i: running.ids[starts + i], shortest)
        self.n_back = _n_common(lambda i: running.ids[ends - 1 - i], shortest - self.n_front)

    def before_step(self, weights: Weights) -> None:
        self.n_changed = self.n_read = 0

    def rewrite(self, ids: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        inner = ids[self.n_front : len(ids) - self.n_back].copy()
        self.n_read += len(inner)
        change = draw.integers(4)
        if change == 0 or len(inner) < 2:
            return ids
        hit = draw.random(len(inner)) < self.recipe.noise_share
        self.n_changed += int(hit.sum())
        if change == 1:
            inner = inner[~hit] if not hit.all() else inner
        elif change == 2:
            for i in np.flatnonzero(hit[:-1]):
                inner[i], inner[i + 1] = inner[i + 1], inner[i]
        else:
            inner[hit] = self.pool[draw.integers(len(self.pool), size=int(hit.sum()))]
        return np.concatenate([ids[: self.n_front], inner, ids[len(ids) - self.n_back :]])

    def signals(self, weights: Weights) -> Mapping[str, Signal]:
        return {"noise_share": self.n_changed / max(1, self.n_read)}


def _n_common(token_at: Callable[[int], np.ndarray], limit: int) -> int:
    """How many leading positions hold one and the same token in all texts."""
    n = 0
    while n < limit and (tokens := token_at(n)).min() == tokens.max():
        n += 1
    return n
