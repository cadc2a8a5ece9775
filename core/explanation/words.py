"""A text cut into what a person would call its words: runs of letters, and for Chinese short segments."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

Span = tuple[int, int]  #: start and end in characters
Segmenter = Callable[[str], Sequence[Span]]  #: the pieces of a text as its tokenizer reads them

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_SYMBOLS = "\u2600-\u27bf\U0001f300-\U0001faff"  # emoji say much in a review
_WORD = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}](?:[^\W_{_HAN}]|['’.\-](?=[^\W_{_HAN}]))*|[{_SYMBOLS}]+")
_SPACES = re.compile(r"[ \t]{2,}")
LONGEST_SEGMENT = 4  # characters of Chinese


def words_of(text: str, segmenter: Segmenter) -> list[Span]:
    """Spans of the words, in order. A run of Chinese is cut where the tokenizer cuts it."""
    pieces = list(segmenter(text))
    spans: list[Span] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        if "\u3400" <= text[start] <= "\u9fff":
            spans += _segments(start, end, pieces)
        else:
            spans.append((start, end))
    return spans


def text_without(text: str, spans: Iterable[Span]) -> str:
    """`text` with these spans left out, without the double spaces that leaves."""
    kept, position = [], 0
    for start, end in sorted(spans):
        kept.append(text[position:start])
        position = end
    return _SPACES.sub(" ", "".join([*kept, text[position:]])).strip()


def _segments(start: int, end: int, pieces: Sequence[Span]) -> list[Span]:
    """The run from `start` to `end`, cut at the bounds of `pieces` and after LONGEST_SEGMENT characters."""
    bounds = {start, end, *(bound for piece in pieces for bound in piece if start < bound < end)}
    cut = sorted(bounds)
    return [
        (first, min(first + LONGEST_SEGMENT, stop))
        for begin, stop in pairwise(cut)
        for first in range(begin, stop, LONGEST_SEGMENT)
    ]
