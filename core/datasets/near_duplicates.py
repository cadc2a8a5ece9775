"""Texts that are almost the same: one typed wrong, one with a greeting, two words in another order.

Never all pairs: texts are compared where they share a key. Keys are the whole text without case, accents, spaces, signs
and greetings; its words in any order; for short texts the text without one of its letters; and for longer ones two of
three thirds, of which a change in one place leaves a pair whole (the pigeonhole rule of Pass-Join, Li et al. 2011).
What shares one of the last two is verified: between the longest common start and end at most a few letters differ.
Texts whose digits differ are never near: "order 17" is not "order 18".
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from threading import Event, Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.comparing import Codes, Mask, equality_codes
from core.datasets.hashing import Hashes, Places, mixed, repeated, stands_earlier
from core.datasets.memory import give_back
from core.datasets.taking import take_rows
from core.datasets.threads import in_threads

Sizes = np.ndarray[Any, np.dtype[Any]]  # integers of any width
_Keys = tuple[Hashes, np.ndarray[Any, np.dtype[np.int32]]]  # with the texts they belong to

CHUNK_ROWS = 4_000  # so that the hashes of a chunk fit into a processor's cache
READ_CHARS = 4_000  #: longer texts are compared by their start
MIN_LETTERS = 2  #: texts with fewer are near nothing
LETTERS_PER_EDIT, HAN_PER_EDIT = 8, 12  #: of these letters one may differ; a Chinese one says as much as half a word
MAX_INSERTED = 12  #: letters that only one of the two texts has
MAX_REPLACED = 2  #: letters of each text in the place of others: a slip, not another word
SHORT = 24  #: letters up to which a text is also compared without each of its letters
MAX_SHORT_KEYS = 6_000_000  #: of the first texts; the others are compared by their thirds
TWO_LETTERS = 1 << 12
CHECKED_PAIRS = 3_000  #: at a time
KEY_PARTS = 8  #: a power of two
POOLS = ("whole", "words", "first thirds", "last thirds", "outer thirds", "without one letter")  # kinds of keys
FIRST_THIRDS, WITHOUT_ONE = 2, 5  #: keys from the former on are shared by texts that are not near, too
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


def near_groups(texts: pa.ChunkedArray, used: Mask, text_codes: Codes | None = None) -> Codes:
    """A number per row that near texts share, the position of the group's first row; -1 for a row that is near none.

    Equal texts share the number of their group. `text_codes` are `equality_codes` of the texts, where they are known.
    """
    codes = equality_codes(texts) if text_codes is None else text_codes
    rows = np.flatnonzero(used)
    first_rows = rows[~stands_earlier(codes[rows])]
    leader = _leaders(texts, first_rows)
    sizes = np.bincount(leader, minlength=len(leader))
    group = np.where(sizes[leader] > 1, first_rows[leader], -1) if len(leader) else leader
    groups = np.full(len(texts), -1, dtype=np.int64)
    groups[first_rows] = group
    some = rows[repeated(codes[rows])]
    _, first, text = np.unique(codes[some], return_index=True, return_inverse=True)
    groups[some] = groups[some[first]][text]
    return groups


def _leaders(texts: pa.ChunkedArray, rows: Places) -> Places:
    """For each of these texts, all different, the position of the first one that it is connected with."""
    n = len(rows)
    size, per_edit, bag = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int8), np.empty((n, 2), dtype=np.uint64)
    enough_short = Event()

    def of_chunk(start: int) -> tuple[Places, int, list[_Keys]]:
        part = slice(start, min(start + CHUNK_ROWS, n))
        letters = _Letters.of(_taken(texts, rows[part]))
        size[part], per_edit[part], bag[part] = letters.size, letters.per_edit(), letters.bag()
        named = np.flatnonzero(letters.size >= MIN_LETTERS)
        whole = letters.hashed(letters.start, letters.end)
        is_short = (letters.size <= SHORT) & (not enough_short.is_set())
        editable = letters.size >= per_edit[part]
        long = np.flatnonzero((~is_short | (letters.size > SHORT - 4)) & editable)
        digits = letters.digits()
        certain = [(whole[named], named), (letters.words()[named], named)]
        found = [*certain, *((keys + digits[owners], owners) for keys, owners in letters.thirds(long))]
        short = np.flatnonzero(is_short & editable)
        n_short_keys = int((letters.size[short] + 1).sum())
        return short + start, n_short_keys, [(keys, (owners + start).astype(np.int32)) for keys, owners in found]

    def without_one(short: Places) -> _Keys:
        letters = _Letters.of(_taken(texts, rows[short]))
        keys, owners = letters.without_one(np.arange(len(short)))
        return keys + letters.digits()[owners], short[owners].astype(np.int32)

    pools: list[list[_Keys]] = [[] for _ in POOLS]
    starts = range(0, n, CHUNK_ROWS)
    shorts: list[Places] = []
    n_short_keys = 0
    for start, (short, n_keys, found) in zip(starts, in_threads(of_chunk, starts), strict=True):
        n_short_keys += n_keys
        if n_short_keys > MAX_SHORT_KEYS:
            enough_short.set()
            if n_keys:  # it began before that was known
                short, _, found = of_chunk(start)
        shorts.append(short)
        for pool, keys in zip(pools, found, strict=False):
            pool.append(keys)
    give_back()
    in_order = np.lexsort((bag[:, 1], bag[:, 0]))
    place = np.empty(n, dtype=np.uint64)
    place[in_order] = np.arange(n, dtype=np.uint64)
    leader = np.arange(n)
    for number, pool in enumerate(pools):
        if number == WITHOUT_ONE:  # made now that the other keys, of which there are as many, are gone
            pool += in_threads(without_one, filter(len, shorts))
        for keys in _in_parts(pool):
            pairs = _neighbours(*keys, in_order, place)
            pairs = _unique(pairs[leader[pairs[:, 0]] != leader[pairs[:, 1]]])
            if number >= FIRST_THIRDS:
                pairs = pairs[_may_be_near(pairs, size, per_edit, bag)]
                some = [pairs[start : start + CHECKED_PAIRS] for start in range(0, len(pairs), CHECKED_PAIRS)]
                near = list(in_threads(partial(_are_near, texts, rows, per_edit=per_edit), some))
                pairs = pairs[np.concatenate(near)] if near else pairs
            leader = _joined(leader, pairs)
        give_back()
    return leader


def _in_parts(pool: list[_Keys]) -> Iterator[_Keys]:
    """All keys of a pool, which is empty then, in a few parts so that their copies take less memory."""
    for part in range(KEY_PARTS if pool else 0):
        some = [
            (keys[chosen], owners[chosen])
            for keys, owners in pool
            for chosen in [np.flatnonzero(keys & np.uint64(KEY_PARTS - 1) == part)]
        ]
        yield np.concatenate([keys for keys, _ in some]), np.concatenate([owners for _, owners in some])
    pool.clear()


def _taken(texts: pa.ChunkedArray, rows: Places) -> pa.Array:
    """The texts of these rows, which are in order."""
    taken = take_rows(texts, rows).combine_chunks()
    if (pc.max(pc.binary_length(taken)).as_py() or 0) > READ_CHARS:
        taken = pc.utf8_slice_codeunits(taken, 0, READ_CHARS)
    return taken


def _neighbours(keys: Hashes, owners: "np.ndarray[Any, np.dtype[np.int32]]", in_order: Places, place: Hashes) -> Places:
    """Pairs of owners that stand side by side among those of an equal key, shape (n, 2).

    Args:
        in_order: all texts in the order of how often their letters occur, so that those with nearly the same letters
            stand side by side, and one neighbour is enough.
        place: of each text in that order.
    """
    some = repeated(keys)
    some = some[np.argsort(keys[some])]
    keys = keys[some]
    number = np.cumsum(np.append(False, keys[1:] != keys[:-1])[: len(keys)]).astype(np.uint64)  # of the key
    sorted_places = np.sort(number << np.uint64(32) | place[owners[some]])
    same = np.flatnonzero(sorted_places[1:] >> np.uint64(32) == sorted_places[:-1] >> np.uint64(32))
    members = in_order[sorted_places & np.uint64(0xFFFFFFFF)]
    return np.column_stack([members[same], members[same + 1]])


def _unique(pairs: Places) -> Places:
    joined = np.sort(pairs.min(axis=1) << 32 | pairs.max(axis=1))
    joined = joined[np.concatenate([[True], joined[1:] != joined[:-1]])[: len(joined)]]
    return np.column_stack([joined >> 32, joined & 0xFFFFFFFF])


def _may_be_near(pairs: Places, size: Sizes, per_edit: Sizes, bag: Hashes) -> Mask:
    """Cheap and never wrong about near ones: lengths agree, and so do the letters, counted in sixteen classes."""
    left, right = pairs[:, 0], pairs[:, 1]
    longer, shorter = np.maximum(size[left], size[right]), np.minimum(size[left], size[right])
    inserted = longer - shorter
    may: Mask = inserted <= _allowed(longer, np.maximum(per_edit[left], per_edit[right]))
    left, right = left[may], right[may]
    swapped = size[left] > size[right]
    short, long = np.where(swapped, right, left), np.where(swapped, left, right)
    lacking = (bag[short].view(np.uint8) - bag[long].view(np.uint8)).view(np.int8)
    n_lacking = np.maximum(lacking, 0).sum(
        axis=1, dtype=np.int16
    )  # letters of the shorter one that the longer one lacks
    carried = np.where(longer[may] > 255, 8, 0)  # a full class runs over into the next
    may[may] = n_lacking <= MAX_REPLACED + carried
    return may


def _allowed(longer: Sizes, per_edit: Sizes) -> Sizes:
    allowed: Sizes = np.minimum(longer // per_edit, MAX_INSERTED)
    return allowed


def _are_near(texts: pa.ChunkedArray, rows: Places, pairs: Places, per_edit: Sizes) -> Mask:
    members, where = np.unique(pairs, return_inverse=True)
    letters = _Letters.of(_taken(texts, rows[members]))
    where = where.reshape(pairs.shape)
    left, right = where[:, 0], where[:, 1]
    shorter = np.minimum(letters.size[left], letters.size[right])
    longer = np.maximum(letters.size[left], letters.size[right])
    before = letters.in_common(left, right, shorter, from_end=False)
    after = np.minimum(letters.in_common(left, right, shorter, from_end=True), shorter - before)
    common = before + after
    per = np.maximum(per_edit[pairs[:, 0]], per_edit[pairs[:, 1]])
    near: Mask = (longer - common <= _allowed(longer, per)) & (shorter - common <= MAX_REPLACED)
    return near


def _joined(leader: Places, pairs: Places) -> Places:
    """The smallest member of everything each one is connected with, now that these pairs are, too."""
    left, right = leader[pairs[:, 0]], leader[pairs[:, 1]]
    while (apart := left != right).any():
        left, right = left[apart], right[apart]
        np.minimum.at(leader, np.maximum(left, right), np.minimum(left, right))
        while (leader[leader] != leader).any():
            leader = leader[leader]
        left, right = leader[left], leader[right]
    return leader


@dataclass(slots=True, kw_only=True)
class _Letters:
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
    def of(cls, texts: pa.Array) -> "_Letters":
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
