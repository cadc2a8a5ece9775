"""When two texts count as equal: after NFKC, without letter case, white space collapsed. Only compared, never stored."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

CHUNK_ROWS = 50_000
SPACES = r"[\s\v\x{85}\p{Z}]+"
UNEVEN_SPACES = r"\s\s|[\t\n\v\f\r\x{85}\x{1680}\x{2028}\x{2029}]"  # what is left to collapse after NFKC

Codes = np.ndarray[Any, np.dtype[np.int64]]


def compared(texts: pa.Array) -> pa.Array:
    """The form in which texts are compared, e.g. "Ｈello,  World " -> "hello, world"."""
    return _collapsed(pc.utf8_lower(pc.utf8_normalize(texts, form="NFKC")))


def equality_codes(texts: pa.ChunkedArray | pa.Array) -> Codes:
    """One 64-bit number per text; equal texts share it, today and in every process.

    Unequal texts share one with a chance of about 3e-8 in a table of a million rows.
    """
    codes = np.empty(len(texts), dtype=np.int64)
    for start in range(0, len(texts), CHUNK_ROWS):
        chunk = texts.slice(start, CHUNK_ROWS)
        if isinstance(chunk, pa.ChunkedArray):
            chunk = chunk.combine_chunks()
        ascii_only = pc.string_is_ascii(chunk)
        plain = ascii_only.to_numpy(zero_copy_only=False)
        part = codes[start : start + len(plain)]
        part[plain] = _hashes(_collapsed(pc.ascii_lower(chunk.filter(ascii_only))))  # NFKC changes no ASCII
        part[~plain] = _hashes(compared(chunk.filter(pc.invert(ascii_only))))
    return codes


def _collapsed(texts: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(texts, UNEVEN_SPACES)).as_py():
        texts = pc.replace_substring_regex(texts, pattern=SPACES, replacement=" ")
    return pc.utf8_trim_whitespace(texts)


def text_keys(texts: Sequence[str]) -> list[str]:
    """12 hex characters per text; equal texts share them. For lists of repairs, which outlive this version."""
    plain = compared(pa.array(texts, pa.large_string())).to_pylist()
    return [hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12] for text in plain]


def _hashes(texts: pa.Array) -> Codes:
    hashes = pd.util.hash_array(texts.to_numpy(zero_copy_only=False), categorize=False)
    codes: Codes = hashes.view(np.int64)
    return codes
