"""What stands in a text: words and pairs of words, and for Chinese runs of two to four characters.

Chinese writes no spaces and no dictionary ships with us: every short run of characters is a candidate, and those that
are only pieces of a longer one are dropped later, when it is known how often each occurs.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from core.datasets.language import ENGLISH

READ_CHARS = 400  # of a text
LONGEST_RUN = 4
MAX_TERMS = 40_000
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(rf"[{_HAN}]+|[^\W\d_{_HAN}](?:[^\W_{_HAN}]|['’](?=[^\W_]))+")
_NOT_HAN = re.compile(f"[^{_HAN}]")
#: Characters that carry grammar: a run that begins or ends with one is no word worth showing.
_GRAMMAR = frozenset(
    "的了是我你他她它们这那就都也还在和与及或把被给让跟吗呢吧啊呀哦嘛么着过地得之其而但且所以因为于从对很太不没有要会能可到去来上下个一二两三几才已"
)
_STOP = ENGLISH | frozenset(
    """than then them which while into over under again very too own same such only also been being did doing until
    more most some any each few both other nor own off up down out because during before after above below between
    through further once here s t don didn doesn isn wasn aren weren won couldn shouldn wouldn hasn haven hadn i'm i've
    i'd i'll it's that's don't didn't doesn't isn't can't couldn't won't wouldn't you're they're we're there's what's
    let's us ve ll re im ive dont cant""".split()  # noqa: SIM905
)


def terms_of_texts(texts: Sequence[str], least: int) -> list[set[str]]:
    """The terms of each text, of those that at least `least` texts contain. `texts` are in compared form."""
    found = [set(_words(text)) for text in texts]
    runs = [_runs(text) for text in texts]
    shorter: set[str] = set()
    for length in range(2, LONGEST_RUN + 1):
        pieces = [set(_pieces(of_text, length, shorter)) for of_text in runs]
        counts = Counter(piece for of_text in pieces for piece in of_text)
        shorter = {piece for piece, n in counts.items() if n >= least}  # a longer run is as rare as its rarest piece
        for terms, of_text in zip(found, pieces, strict=True):
            terms.update(of_text & shorter)
    counts = Counter(term for terms in found for term in terms)
    kept = {term for term, n in counts.most_common(MAX_TERMS) if n >= least and not _is_grammar(term)}
    return [terms & kept for terms in found]


def _words(text: str) -> Iterator[str]:
    words = [token for token in _TOKEN.findall(text[:READ_CHARS]) if _NOT_HAN.match(token)]
    yield from (word for word in words if word not in _STOP)
    yield from (f"{a} {b}" for a, b in pairwise(words) if a not in _STOP and b not in _STOP)


def _runs(text: str) -> list[str]:
    return [token for token in _TOKEN.findall(text[:READ_CHARS]) if len(token) > 1 and not _NOT_HAN.match(token)]


def _pieces(runs: Iterable[str], length: int, shorter: set[str]) -> Iterator[str]:
    """Runs of `length` made of two of the `shorter` ones; all of them where `length` is 2."""
    for run in runs:
        for start in range(len(run) - length + 1):
            piece = run[start : start + length]
            if length == 2 or (piece[:-1] in shorter and piece[1:] in shorter):
                yield piece


def _is_grammar(term: str) -> bool:
    return term[0] in _GRAMMAR or term[-1] in _GRAMMAR
