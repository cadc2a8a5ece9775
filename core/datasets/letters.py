"""The letters and digits of many texts in one row, without case, accents, spaces, signs and greetings, and hashes of any
stretch of them. What `near_duplicates` compares.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa

from core.datasets.hashing import Hashes, Mask, Places, mixed

LETTERS_PER_EDIT, HAN_PER_EDIT = 8, 12  #: of these letters one may differ; a Chinese one says as much as half a word
MAX_INSERTED = 12  #: letters that only one of the two texts has
TWO_LETTERS = 1 << 12
#: In lower case, taken off before texts are compared.
OPENINGS = (
    "good afternoon|good evening|good morning|dear sir or madam|dear customer service|dear support|dear team|dear sir"
    "|hello there|hi there|hey there|hi all|hello|hi|hey|excuse me|please"
    "|你好|您好|你们好|大家好|请问|请问一下|早上好|下午好|晚上好"
)
CLOSINGS = (
    "thank you very much|thank you so much|thank you in advance|thanks in advance|thanks a lot|many thanks|thank you"
    "|thanks|thx|please|kind regards|best regards|regards|cheers"
    "|谢谢|谢谢你|谢谢您|谢谢啦|谢谢了|多谢|感谢|非常感谢|麻烦了|拜托了|辛苦了"
)
LETTER, HAN, DIGIT = np.uint32(0x1FFFFF), np.uint32(1 << 21), np.uint32(1 << 22)  # bits of an entry of `_folding`
BASE = 0x9E3779B97F4A7C15 | 1  # odd, so that it has an inverse modulo 2^64


@dataclass(slots=True, kw_only=True)
class Letters:
    """The letters and digits of some texts in one row, with hashes of any stretch of them at the cost of two look-ups.

    The hash of the letters from i to j is sum(letter[k] * BASE^(k - i)) modulo 2^64 (Karp and Rabin, 1987).
    """

    codes: "np.ndarray[Any, np.dtype[np.uint32]]"  #: entries of `_folding`
    sums: Hashes  #: sum of letter * BASE^place before each place
    inverse: Hashes  #: BASE^-place
    starts_word: Mask  #: per letter and one more; a Chinese letter is a word
    start: Places  #: per text: its first letter, without greeting
    end: Places  #: per text: behind its last

    @classmethod
    def of(cls, texts: pa.Array) -> "Letters":
        codes, offsets, starts_word = _folded(texts)
        powers, inverse = _powers(len(codes) + 1)
        sums = np.zeros(len(codes) + 1, dtype=np.uint64)
        np.cumsum((codes & LETTER).astype(np.uint64) * powers[:-1], out=sums[1:])
        self = cls(
            codes=codes,
            sums=sums,
            inverse=inverse,
            starts_word=starts_word,
            start=offsets[:-1].copy(),
            end=offsets[1:].copy(),
        )
        greeted = self._strip_greetings(np.flatnonzero(self.size > 5))
        self._strip_greetings(greeted)
        return self

    @property
    def size(self) -> Places:
        return self.end - self.start

    def hashed(self, start: Places, end: Places) -> Hashes:
        hashes: Hashes = (self.sums[end] - self.sums[start]) * self.inverse[start]
        return hashes

    def per_edit(self) -> Places:
        """Of how many letters one may differ."""
        han = np.flatnonzero(self.codes & HAN)
        n_han = np.searchsorted(han, self.end) - np.searchsorted(han, self.start)
        return np.where(2 * n_han > self.size, HAN_PER_EDIT, LETTERS_PER_EDIT)

    def bag(self) -> Hashes:
        """How often letters of sixteen classes occur, one byte each, in two numbers; shape (n, 2)."""
        classes = (self.codes * np.uint32(0x9E3779B1)) >> np.uint32(28)
        counts = np.zeros(len(self.codes) + 1, dtype=np.uint64)
        bags = np.empty((len(self.start), 2), dtype=np.uint64)
        for half in (0, 1):
            np.cumsum(_ONES[half][classes], out=counts[1:])
            bags[:, half] = counts[self.end] - counts[self.start]
        return bags

    def digits(self) -> Hashes:
        """A hash of the digits alone, in their order."""
        places = np.flatnonzero(self.codes & DIGIT)
        powers, inverse = _powers(len(places) + 1)
        sums = np.zeros(len(places) + 1, dtype=np.uint64)
        np.cumsum((self.codes[places] & LETTER).astype(np.uint64) * powers[: len(places)], out=sums[1:])
        start, end = np.searchsorted(places, self.start), np.searchsorted(places, self.end)
        return mixed((sums[end] - sums[start]) * inverse[start])

    def words(self) -> Hashes:
        """A hash of the words in any order."""
        places = np.flatnonzero(self.starts_word)  # the last one is the end of all
        hashes = mixed(self.hashed(places[:-1], places[1:]))
        sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(hashes)])
        bags: Hashes = sums[np.searchsorted(places, self.end)] - sums[np.searchsorted(places, self.start)]
        return bags

    def without_one(self, texts: Places) -> tuple[Hashes, Places]:
        """Hashes of these texts as they are and without each of their letters, with the texts they belong to."""
        size = self.size[texts]
        owners = np.repeat(texts, size)
        offset = np.arange(len(owners)) - np.repeat(np.cumsum(size) - size, size)
        start, end = self.start[owners], self.end[owners]
        before = self.hashed(start, start + offset)
        after = (self.sums[end] - self.sums[start + offset + 1]) * self.inverse[start + 1]
        keys = np.concatenate([before + after, self.hashed(self.start[texts], self.end[texts])])
        return keys, np.concatenate([owners, texts])

    def thirds(self, texts: Places) -> list[tuple[Hashes, Places]]:
        """Hashes of the first two, the last two and the outer two thirds, with the texts they belong to.

        Thirds come in few lengths, so that texts of slightly different length have some in common: near the border
        between two lengths, a text is given both.
        """
        size = self.size[texts]
        most = np.minimum(size * 3 // 10, (size - 3) // 3)
        level = np.searchsorted(_LEVELS, most, side="right") - 1
        lower = (
            np.searchsorted(_LEVELS, most - np.minimum(size // LETTERS_PER_EDIT, MAX_INSERTED) // 3 - 1, side="right")
            - 1
        )
        both = np.flatnonzero((lower < level) & (lower >= 0))
        owners = np.concatenate([texts, texts[both]])
        third = _LEVELS[np.concatenate([level, lower[both]])]
        start, end = self.start[owners], self.end[owners]
        first, last = self.hashed(start, start + third), self.hashed(end - third, end)
        salt = mixed(third.astype(np.uint64))
        return [
            (self.hashed(start, start + 2 * third) + salt, owners),
            (self.hashed(end - 2 * third, end) + salt * np.uint64(3), owners),
            (mixed(first) + last + salt * np.uint64(5), owners),
        ]

    def in_common(self, left: Places, right: Places, most: Places, *, from_end: bool) -> Places:
        """How many letters two texts share at their start, or at their end: a binary search over hashes."""
        low, high = np.zeros_like(most), most.copy()
        while (low < high).any():
            middle = (low + high + 1) // 2
            if from_end:
                equal = self.hashed(self.end[left] - middle, self.end[left]) == self.hashed(
                    self.end[right] - middle, self.end[right]
                )
            else:
                equal = self.hashed(self.start[left], self.start[left] + middle) == self.hashed(
                    self.start[right], self.start[right] + middle
                )
            low, high = np.where(equal, middle, low), np.where(equal, high, middle - 1)
        return low

    def _strip_greetings(self, texts: Places) -> Places:
        """Take an opening and a closing off these texts; returns the texts that had one."""
        before = self.size
        for at_end, greetings in ((False, _greetings(OPENINGS)), (True, _greetings(CLOSINGS))):
            first = self.end[texts] - 2 if at_end else self.start[texts]
            some = texts[
                (greetings.ends if at_end else greetings.starts)[_two(self.codes[first], self.codes[first + 1])]
            ]
            for n_letters, known in greetings.by_size:
                fits = some[self.size[some] > n_letters + 3]
                outer = self.end[fits] - n_letters if at_end else self.start[fits]
                inner = outer if at_end else outer + n_letters
                greets = (self.hashed(outer, outer + n_letters)[:, None] == known).any(axis=1) & self.starts_word[inner]
                if at_end:
                    self.end[fits[greets]] -= n_letters
                else:
                    self.start[fits[greets]] += n_letters
        return texts[self.size[texts] < before[texts]]


def _two(first: Any, second: Any) -> Any:
    """A place for two letters in a small table."""
    return (first * 31 + second) & (TWO_LETTERS - 1)


_ONES = np.zeros((2, 16), dtype=np.uint64)
_ONES[0, :8] = _ONES[1, 8:] = np.uint64(1) << (np.arange(8, dtype=np.uint64) * np.uint64(8))
_LEVELS = np.unique(np.rint(1.25 ** np.arange(0, 36)).astype(np.int64))
UNMET = np.uint32(0xFFFFFFFF)
_FOLDED = np.full(0x110000, UNMET, dtype=np.uint32)  #: filled in as signs are met


def _folded(texts: pa.Array) -> "tuple[np.ndarray[Any, np.dtype[np.uint32]], Places, Mask]":
    """Letters of all texts in one row, where each text's begin (and one more), and which begin a word (and one more)."""
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    content = texts.buffers()[2]
    stretch = memoryview(content)[offsets[0] : offsets[-1]] if content is not None else memoryview(b"")
    offsets = offsets - offsets[0]
    points: np.ndarray[Any, Any] = np.frombuffer(stretch, dtype=np.uint8)
    if len(points) and points.max() > 127:
        offsets = np.searchsorted(np.flatnonzero((points & 0xC0) != 0x80), offsets)
        points = np.frombuffer(
            bytes(stretch).decode(errors="surrogatepass").encode("utf-32-le", "surrogatepass"), "<u4"
        )
    codes = _FOLDED[points]
    highest = codes.max(initial=0)
    if highest == UNMET:
        for point in np.unique(points[codes == UNMET]).tolist():
            _FOLDED[point] = _folding(chr(point))
        codes = _FOLDED[points]
        highest = codes.max(initial=0)
    kept = np.flatnonzero(codes)
    breaks = np.ones(len(points) + 1, dtype=bool)  # whether a word begins at each place
    np.equal(codes[:-1], 0, out=breaks[1:-1])
    if highest >= HAN:
        is_han = (codes & HAN) > 0
        breaks[1:-1] |= is_han[1:] | is_han[:-1]
    breaks[offsets] = True
    return codes[kept], np.searchsorted(kept, offsets), np.append(breaks[kept], True)


def _folding(sign: str) -> int:
    """The letter that stands for `sign` with its kind, e.g. "Ｅ" and "é" -> "e"; 0 for signs that do not count."""
    folded = unicodedata.normalize("NFKC", sign).casefold()
    base = unicodedata.normalize("NFKD", folded)
    if len(base) > 1 and all(unicodedata.combining(mark) for mark in base[1:]):
        folded = base[0]
    letter = folded[:1]
    kind = unicodedata.category(letter) if letter else "Cn"
    if kind[0] not in "LN" and kind not in ("Sc", "So") and letter not in "+#%":
        return 0
    code = ord(letter)
    if letter.isdigit():
        return ord(str(unicodedata.digit(letter))) | int(DIGIT)
    is_han = 0x3040 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF or 0x20000 <= code <= 0x3FFFF
    return code | (int(HAN) if is_han else 0)


@dataclass(frozen=True, slots=True)
class _Greetings:
    starts: Mask  #: by `_two`: whether one may start with these letters
    ends: Mask  #: or end with them
    by_size: tuple[tuple[int, Hashes], ...]  #: number of letters, most first; hashes of those with so many


@cache
def _greetings(phrases: str) -> _Greetings:
    known = [[_folding(sign) & int(LETTER) for sign in phrase if sign != " "] for phrase in phrases.split("|")]
    by_size: dict[int, list[int]] = {}
    for letters in known:
        hashed = sum(letter * pow(BASE, place, 1 << 64) for place, letter in enumerate(letters)) % (1 << 64)
        by_size.setdefault(len(letters), []).append(hashed)
    starts, ends = np.zeros(TWO_LETTERS, dtype=bool), np.zeros(TWO_LETTERS, dtype=bool)
    for letters in known:
        starts[_two(letters[0], letters[1])] = ends[_two(letters[-2], letters[-1])] = True
    sizes = sorted(by_size, reverse=True)
    hashes = tuple((size, np.array(by_size[size], dtype=np.uint64)) for size in sizes)
    return _Greetings(starts=starts, ends=ends, by_size=hashes)


_POWERS: list[Hashes] = []
_POWERS_LOCK = Lock()


def _powers(n: int) -> tuple[Hashes, Hashes]:
    """BASE^0 .. BASE^(n-1) and their inverses, modulo 2^64; kept, as every chunk needs them."""
    with _POWERS_LOCK:
        if not _POWERS or len(_POWERS[0]) < n:
            factors = [np.full(n, base, dtype=np.uint64) for base in (BASE, pow(BASE, -1, 1 << 64))]
            for factor in factors:
                factor[0] = 1
            _POWERS[:] = [np.cumprod(factor) for factor in factors]
        return _POWERS[0][:n], _POWERS[1][:n]
