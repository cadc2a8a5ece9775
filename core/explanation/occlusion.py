"""What a text's words do to the answer, found by asking the model again without them. No gradients: no torch is needed.

Every word is left out once (Zeiler and Fergus, 2014, arXiv:1311.2901; Li, Monroe and Jurafsky, 2016, arXiv:1612.08220).
Where a text has more words than may be asked, stretches of several are left out first, and those that move the answer
most are opened, until the budget is spent. How this compares with masks and with sampled subsets is in docs/results.md.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.explanation.words import Span, text_without

Ask = Callable[
    [Sequence[str]], NDArray[np.float64]
]  #: calibrated probabilities, shape (n, n_labels), or numbers (n, 1)

MAX_ASKED = 40  # texts without something
MIN_ASKED = 16
WORDS_READ = 1_500  # of all texts asked together: about half a second of one core
N_PARTS = 4  # that a stretch is opened into
_TINY = 1e-6


def budget_for(n_words: int) -> int:
    """How many texts may be asked: fewer of a long one."""
    return max(MIN_ASKED, min(MAX_ASKED, WORDS_READ // max(1, n_words)))


def log_odds(p: float) -> float:
    p = min(max(p, _TINY), 1 - _TINY)
    return math.log(p / (1 - p))


def occlude(
    ask: Ask, text: str, words: Sequence[Span], height: Callable[[float], float] = log_odds
) -> tuple[list[Span], NDArray[np.float64]]:
    """Stretches of the text, each a word where the budget allows, and the answers without each: (n, n_labels).

    `height` makes differences of answers comparable: those that move the highest answer most are looked into.
    """
    if not words:
        return [], np.zeros((0, 0))
    budget = budget_for(len(words))
    size = 1 if len(words) <= budget else -(-len(words) * 2 // budget)
    stretches = _parts(0, len(words), -(-len(words) // size))
    whole, *answers = ask([text, *(_without(text, words, one) for one in stretches)])
    found = dict(zip(stretches, answers, strict=True))
    label = int(whole.argmax())
    left = budget - len(found)

    def moved(one: Span) -> float:
        return abs(height(float(whole[label])) - height(float(found[one][label])))

    while opened := _to_open(sorted(found, key=lambda one: -moved(one)), left):
        parts = [part for one in opened for part in _parts(*one, N_PARTS)]
        for one in opened:
            del found[one]
        found |= zip(parts, ask([_without(text, words, part) for part in parts]), strict=True)
        left -= len(parts)
    ordered = sorted(found)
    spans = [(words[start][0], words[stop - 1][1]) for start, stop in ordered]
    return spans, np.stack([found[one] for one in ordered])


def _to_open(by_effect: Sequence[Span], left: int) -> list[Span]:
    """Of the stretches, those that moved the answer most first, for at most half of what may still be asked, or one if that
    is little."""
    longer = [one for one in by_effect if one[1] - one[0] > 1]
    chosen: list[Span] = []
    cost = 0
    for one in longer:
        cost += min(N_PARTS, one[1] - one[0])
        if cost > left or (chosen and cost > left // 2):
            break
        chosen.append(one)
    return chosen


def _parts(start: int, stop: int, n: int) -> list[Span]:
    """`start` to `stop` in at most `n` parts of like size."""
    bounds = np.linspace(start, stop, min(n, stop - start) + 1).round().astype(int).tolist()
    return list(pairwise(bounds))


def _without(text: str, words: Sequence[Span], stretch: Span) -> str:
    return text_without(text, words[stretch[0] : stretch[1]])
