"""TF-IDF of words and of character n-grams, in a form that is stored as plain lists and numbers.

Our own few lines instead of scikit-learn's vectorizer: a bundle written today then opens under any later version of that
library, and serving does not import it (2 s).

    weight = (1 + ln tf) * (ln((1 + n) / (1 + df)) + 1), each block scaled to length 1
"""

import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.base_models.long_texts import START, read_chars

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MAX_CHARS = 1000  # of a text that are read; about the 256 tokens that the encoder reads
_WORD = re.compile(r"\w+")
_SPACE = re.compile(r"\s+")


def normalize(text: str, long_texts: str = START) -> str:
    """Full-width and half-width, upper and lower case and kinds of space made equal; of a long text what is read of it."""
    text = read_chars(text, MAX_CHARS, long_texts)
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text).lower()).strip()


def _words(text: str) -> Iterable[str]:
    words = _WORD.findall(text)
    yield from words
    for first, second in pairwise(words):
        yield f"{first} {second}"


def _chars(shortest: int, longest: int) -> Callable[[str], Iterable[str]]:
    def terms(text: str) -> Iterable[str]:
        text = f" {text} "  # so that the beginning and the end of a text are seen
        for n in range(shortest, longest + 1):
            for start in range(len(text) - n + 1):
                yield text[start : start + n]

    return terms


#: Named analyzers; the names are stored in bundles.
ANALYZERS: dict[str, Callable[[str], Iterable[str]]] = {
    "word_1_2": _words,
    "char_2_5": _chars(2, 5),
    "char_1_4": _chars(1, 4),
}


def analyzers_for(language: str) -> tuple[str, ...]:
    """Chinese has no spaces between words: short character n-grams are its words."""
    return ("char_1_4",) if language == "zh" else ("word_1_2", "char_2_5")


@dataclass(frozen=True, slots=True, kw_only=True)
class TfidfBlock:
    """One analyzer with its terms; the place of a term is its column."""

    analyzer: str
    terms: tuple[str, ...]
    idf: NDArray[np.float32]  #: per term

    @classmethod
    def fit(cls, texts: Sequence[str], analyzer: str, *, min_df: int, max_terms: int) -> "TfidfBlock":
        """Terms that at least `min_df` texts hold, the `max_terms` most frequent of them. `texts` are normalized."""
        analyze = ANALYZERS[analyzer]
        df: Counter[str] = Counter()
        for text in texts:
            df.update(set(analyze(text)))
        frequent = [(-n, term) for term, n in df.items() if n >= min_df]
        frequent.sort()  # by the term where counts are equal: independent of the order in a set
        chosen = sorted(frequent[:max_terms], key=lambda pair: pair[1])
        counts = np.array([-n for n, _ in chosen], dtype=np.float64)
        idf = np.log((1 + len(texts)) / (1 + counts)) + 1
        return cls(analyzer=analyzer, terms=tuple(term for _, term in chosen), idf=idf.astype(np.float32))

    def transform(self, texts: Sequence[str]) -> "csr_matrix":
        """Shape (len(texts), len(terms)), rows of length 1 or 0. `texts` are normalized."""
        from scipy.sparse import csr_matrix

        column = {term: i for i, term in enumerate(self.terms)}
        analyze = ANALYZERS[self.analyzer]
        columns, counts = array("i"), array("i")  # four bytes a term: lists of numbers would take eight times as much
        ends = [0]
        for text in texts:
            found = Counter(c for term in analyze(text) if (c := column.get(term)) is not None)
            columns.extend(found.keys())
            counts.extend(found.values())
            ends.append(len(columns))
        indices = np.array(columns, dtype=np.int32)
        values = (1 + np.log(np.array(counts, dtype=np.float32))) * self.idf[indices]
        rows = np.repeat(np.arange(len(texts)), np.diff(ends))
        norms = np.sqrt(np.bincount(rows, weights=values.astype(np.float64) ** 2, minlength=len(texts)))
        values = (values / np.maximum(norms[rows], 1e-12)).astype(np.float32)
        matrix: Any = csr_matrix((values, indices, np.array(ends)), shape=(len(texts), len(self.terms)))
        matrix.sort_indices()
        return matrix
