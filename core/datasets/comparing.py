"""When two texts count as equal: after NFKC, without letter case, white space collapsed. Only compared, never stored."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.hashing import WORD, Bytes, Codes, Mask, Places, byte_hashes
from core.datasets.threads import in_threads

CHUNK_ROWS = 50_000
HASHED_ROWS = 10_000  # so that what is computed of them fits into a processor's cache
SPACE = ord(" ")
SPACES = r"[\s\v\x{85}\p{Z}]+"
UNEVEN_SPACES = r"\s\s|[\t\n\v\f\r\x{85}\x{1680}\x{2028}\x{2029}]"  # what is left to collapse after NFKC


def compared(texts: pa.Array) -> pa.Array:
    """The form in which texts are compared, e.g. "Ｈello,  World " -> "hello, world"."""
    return _collapsed(pc.utf8_lower(pc.utf8_normalize(texts, form="NFKC")))


def equality_codes(texts: pa.ChunkedArray | pa.Array) -> Codes:
    """One 64-bit number per text; equal texts share it, today and in every process.

    Unequal texts share one with a chance of about 3e-8 in a table of a million rows.
    """

    def of_chunk(start: int) -> Codes:
        chunk = texts.slice(start, HASHED_ROWS)
        if isinstance(chunk, pa.ChunkedArray):
            chunk = chunk.combine_chunks()
        return _codes(chunk.cast(pa.large_string()))

    parts = in_threads(of_chunk, range(0, len(texts), HASHED_ROWS))
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _codes(texts: pa.Array) -> Codes:
    content, offsets = _bytes_of(texts)
    special = _special(content, offsets)
    start, end = offsets[:-1].copy(), offsets[1:].copy()
    start += (content[start] == SPACE) & (end > start)  # one at most: texts with two in a row are special
    end -= (content[end - 1] == SPACE) & (end > start)
    codes = byte_hashes(_lower(content), start, end)
    if special.any():
        content, offsets = _bytes_of(compared(texts.filter(pa.array(special))))
        codes[special] = byte_hashes(content, offsets[:-1], offsets[1:])
    return codes.view(np.int64)


def _special(content: Bytes, offsets: Places) -> Mask:
    """Texts that may be more than printable ASCII with single spaces, for which lower case and trimming would do."""
    odd = (content - np.uint8(SPACE)) > np.uint8(ord("~") - SPACE)
    odd[:-1] |= (content[:-1] == SPACE) & (content[1:] == SPACE)
    odd[-WORD:] = False
    special: Mask = np.logical_or.reduceat(odd, offsets[:-1])
    return special


def _lower(content: Bytes) -> Bytes:
    """Of ASCII."""
    capital = (content - np.uint8(ord("A"))) < np.uint8(26)
    lower: Bytes = content + (capital.view(np.uint8) << np.uint8(5))
    return lower


def _bytes_of(texts: pa.Array) -> tuple[Bytes, Places]:
    """The bytes of all texts with a word of zeros behind them, and the places where each text's begin (and one more)."""
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    content = np.zeros(offsets[-1] - offsets[0] + WORD, dtype=np.uint8)
    if len(content) > WORD:
        content[:-WORD] = np.frombuffer(texts.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]]
    return content, offsets - offsets[0]


def _collapsed(texts: pa.Array) -> pa.Array:
    uneven = pc.match_substring_regex(texts, UNEVEN_SPACES)
    if pc.any(uneven).as_py():
        even = pc.replace_substring_regex(texts.filter(uneven), pattern=SPACES, replacement=" ")
        texts = pc.replace_with_mask(texts, uneven, even)
    return pc.utf8_trim_whitespace(texts)


def text_keys(texts: Sequence[str]) -> list[str]:
    """12 hex characters per text; equal texts share them. For lists of repairs, which outlive this version."""
    plain = compared(pa.array(texts, pa.large_string())).to_pylist()
    return [hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12] for text in plain]


INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
JOINTS = re.compile(r"(?<=\w)[\s\-\u2010-\u2015]+(?=\w)")
WHOLE_NUMBER = re.compile(r"([+-]?)0*(\d+)(?:\.0*)?")
YES, NO = frozenset(["true", "yes", "y", "是"]), frozenset(["false", "no", "n", "否"])


def shown_form(name: str) -> str:
    """What a category's name looks like on a screen: composed letters, ordinary width, nothing invisible.

    Emoji that are joined by an invisible character stay joined.
    """
    composed = unicodedata.normalize("NFKC", name)
    return composed.strip() if _is_emoji(composed) else INVISIBLE.sub("", composed).strip()


def label_form(name: str) -> str:
    """The form under which look-alike category names are equal: "Card  Arrival" and "card_arrival", "1" and "1.0",
    "TRUE" and "Yes". Only compared: whether they mean the same is for a person to say."""
    form = " ".join(shown_form(name).casefold().replace("_", " ").split())
    form = unicodedata.normalize("NFKC", form)
    number = WHOLE_NUMBER.fullmatch(form)
    if number:
        sign = "-" if number[1] == "-" and number[2].strip("0") else ""
        return sign + (number[2].lstrip("0") or "0")
    if form in YES or form in NO:
        return "true" if form in YES else "false"
    return JOINTS.sub(_joined, form)


def _joined(match: re.Match[str]) -> str:
    """Numbers stay apart: "1 2" and "1-2" are not "12"."""
    before, after = match.string[match.start() - 1], match.string[match.end()]
    return match[0] if before.isdigit() and after.isdigit() else ""


def _is_emoji(name: str) -> bool:
    return "\u200d" in name and any(ord(char) >= 0x1F000 for char in name)
