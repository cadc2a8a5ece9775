"""Typing errors as people make them. Pure functions of text and draw, for teaching and for asking."""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
LATIN_WORD = re.compile(r"[^\W\d_]{4,}")  # of Chinese text it also finds whole phrases: ask for Chinese letters first
HAN = re.compile(r"[\u4e00-\u9fff]")
HAN_SHARE = 0.25  # of what is asked for: a Chinese letter is about a quarter of a longer Latin word


def mistyped(word: str, draw: "np.random.Generator") -> str:
    """`word` with one error in it. It stays as it is where no error fits.

    A Chinese letter becomes one that sounds alike (the input method offered the wrong one). In a Latin word, never at its
    first letter, two letters change places, one is doubled, left out, or hit on the key beside it.
    """
    if places := [i for i, letter in enumerate(word) if sounds_alike(letter)]:
        at = places[int(draw.integers(len(places)))]
        others = sounds_alike(word[at])
        return word[:at] + others[int(draw.integers(len(others)))] + word[at + 1 :]
    found = LATIN_WORD.search(word)
    if found is None:
        return word
    at = int(draw.integers(found.start() + 1, found.end() - 1))
    here, after = word[at], word[at + 1]
    beside = _beside(here)
    instead = (after + here, here + here + after, after, beside[int(draw.integers(len(beside)))] + after)
    return word[:at] + instead[int(draw.integers(len(instead)))] + word[at + 2 :]


def with_typos(text: str, draw: "np.random.Generator", share: float) -> str:
    """One error in about `share` of the longer Latin words and, as errors are rarer there, of every fourth Chinese letter."""

    def maybe(found: "re.Match[str]") -> str:
        return (
            mistyped(found[0], draw) if draw.random() < share * (HAN_SHARE if HAN.match(found[0]) else 1) else found[0]
        )

    return re.sub(rf"{HAN.pattern}|[^\W\d_\u4e00-\u9fff]{{4,}}", maybe, text)


@cache
def sounds_alike(letter: str) -> str:
    """The neighbours of a Chinese letter in the first level of GB 2312, which is sorted by sound; "" for any other.

    Nine of ten neighbours there share a reading, tones aside; the others are those at the border of two syllables.
    """
    order = _by_sound()
    at = order.find(letter) if HAN.fullmatch(letter) else -1
    return "" if at < 0 else order[max(0, at - 1) : at] + order[at + 1 : at + 2]


@cache
def _by_sound() -> str:
    """The 3,755 most common simplified letters in the order of their readings."""
    rows = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return b"".join(rows).decode("gb2312", errors="ignore")


def _beside(letter: str) -> str:
    """The keys left and right of it, in its case; the letter itself where the keyboard has no such key."""
    for row in KEYS:
        if (at := row.find(letter.lower())) >= 0:
            found = row[max(0, at - 1) : at] + row[at + 1 : at + 2]
            return found.upper() if letter.isupper() else found
    return letter
