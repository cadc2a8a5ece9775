"""A pair of texts as one vector: those of its two texts side by side, so that pairs are near each other where both texts are."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.domain.pairs import parts

Floats = NDArray[np.float32]


def vectors_of(embed: Callable[[Sequence[str]], Floats], texts: Sequence[str], *, pairs: bool) -> Floats:
    """What `embed` makes of texts, (n, hidden) of length 1; of pairs (n, 2 hidden), of length 1 too."""
    if not pairs:
        return embed(texts)
    vectors = embed([half for text in texts for half in parts(text)])
    return vectors.reshape(len(texts), -1) * np.float32(0.5**0.5)


def halves_of(vectors: Floats) -> tuple[Floats, Floats]:
    """The vectors of the first and of the second texts, each (n, hidden) of length 1, from those of pairs."""
    hidden = vectors.shape[1] // 2
    both = vectors * np.float32(2**0.5)
    return both[:, :hidden], both[:, hidden:]
