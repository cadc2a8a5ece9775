"""Texts that are almost the same: one typed wrong, one with a greeting, two words in another order.

Never all pairs: texts are compared where they share a key. Keys are the whole text without case, accents, spaces, signs
and greetings; its words in any order; for short texts the text without one of its letters; and for longer ones two of
three thirds, of which a change in one place leaves a pair whole (the pigeonhole rule of Pass-Join, Li et al. 2011).
What shares one of the last two is verified: between the longest common start and end at most a few letters differ.
Texts whose digits differ are never near: "order 17" is not "order 18".
"""

from collections.abc import Iterator
from functools import partial
from threading import Event
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.comparing import equality_codes
from core.datasets.hashing import Codes, Hashes, Mask, Places, repeated, stands_earlier
from core.datasets.letters import MAX_INSERTED, Letters
from core.datasets.memory import give_back
from core.datasets.taking import take_rows
from core.datasets.threads import in_threads

Sizes = np.ndarray[Any, np.dtype[Any]]  # integers of any width
_Keys = tuple[Hashes, np.ndarray[Any, np.dtype[np.int32]]]  # with the texts they belong to

CHUNK_ROWS = 4_000  # so that the hashes of a chunk fit into a processor's cache
READ_CHARS = 4_000  #: longer texts are compared by their start
MIN_LETTERS = 2  #: texts with fewer are near nothing
MAX_REPLACED = 2  #: letters of each text in the place of others: a slip, not another word
SHORT = 24  #: letters up to which a text is also compared without each of its letters
MAX_SHORT_KEYS = 6_000_000  #: of the first texts; the others are compared by their thirds
CHECKED_PAIRS = 3_000  #: at a time
KEY_PARTS = 8  #: a power of two
POOLS = ("whole", "words", "first thirds", "last thirds", "outer thirds", "without one letter")  # kinds of keys
FIRST_THIRDS, WITHOUT_ONE = 2, 5  #: keys from the former on are shared by texts that are not near, too


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
        letters = Letters.of(_taken(texts, rows[part]))
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
        letters = Letters.of(_taken(texts, rows[short]))
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
    letters = Letters.of(_taken(texts, rows[members]))
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
