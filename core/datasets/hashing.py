"""64-bit hashes of many texts at once, the same today and in every process. Against chance, not against an attacker."""

from typing import Any

import numpy as np

Hashes = np.ndarray[Any, np.dtype[np.uint64]]
Places = np.ndarray[Any, np.dtype[np.int64]]
Codes = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Bytes = np.ndarray[Any, np.dtype[np.uint8]]

WORD = 8  #: bytes of a 64-bit word
STEP, LENGTH = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


def mixed(hashes: Hashes) -> Hashes:
    """So that sums of hashes collide by chance only (the finalizer of SplitMix64, Steele et al. 2014)."""
    mixed = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: Hashes = mixed ^ (mixed >> np.uint64(31))
    return result


def repeated(hashes: Hashes | Codes) -> Places:
    """Places of the hashes that occur more than once, in order, and of a few others."""
    in_order = np.sort(hashes)
    twice = in_order[1:][in_order[1:] == in_order[:-1]]
    low_bits = in_order.dtype.type((1 << 20) - 1)
    may_repeat = np.zeros(1 << 20, dtype=bool)
    may_repeat[twice & low_bits] = True
    return np.flatnonzero(may_repeat[hashes & low_bits])


def stands_earlier(hashes: Hashes | Codes) -> Mask:
    """Whether an earlier place holds the same hash."""
    some = repeated(hashes)
    _, first = np.unique(hashes[some], return_index=True)
    earlier = np.zeros(len(hashes), dtype=bool)
    earlier[some] = True
    earlier[some[first]] = False
    return earlier


def paired(codes: Codes, labels: Codes) -> Hashes:
    """One hash for each pair."""
    return mixed(codes.view(np.uint64)) + labels.astype(np.int64, copy=False).view(np.uint64)


def byte_hashes(content: Bytes, start: Places, end: Places) -> Hashes:
    """A hash of each stretch of bytes: the sum of its words, each mixed with its place, and its length, mixed again.

    Two of n different stretches share one with a chance of about n^2 / 2^65: 3e-8 for a million.

    Args:
        content: all bytes in one row, and 8 more behind the last stretch, which may be anything.
    """
    size = end - start
    n_words = (size + WORD - 1) // WORD
    behind = np.cumsum(n_words)
    place = np.arange(behind[-1] if len(behind) else 0) - np.repeat(behind - n_words, n_words)
    words: Hashes = np.ndarray((len(content) - WORD + 1,), "<u8", content, strides=(1,))[
        np.repeat(start, n_words) + WORD * place
    ].astype(np.uint64, copy=False)
    cut = np.flatnonzero(size % WORD)
    words[behind[cut] - 1] &= _LOW_BYTES[size[cut] % WORD]
    words += (place + 1).view(np.uint64) * STEP  # wraps, as it must
    sums = np.zeros(len(words) + 1, dtype=np.uint64)
    np.cumsum(mixed(words), out=sums[1:])
    return mixed(sums[behind] - sums[behind - n_words] + size.view(np.uint64) * LENGTH)


_LOW_BYTES = np.array([(1 << 8 * n) - 1 for n in range(WORD)], dtype=np.uint64)
