"""Find words in texts as `comparing.compared` sees them, without rewriting every text for every search.

Almost every character is compared by itself (Ａ, ａ and A are a), so a search is one regular expression whose classes hold
all characters that count as equal. A few characters become several, vanish or join with their neighbours ("…", combining
marks, Hangul letters). Texts that contain one are `involved`: whoever searches keeps those in their compared form.
"""

import unicodedata
from functools import cache
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.comparing import compared

MAX_NEEDLE_CHARS = 200  # keeps the regular expression far below the limits of its engine
_POINTS = (*range(0xD800), *range(0xE000, 0x20000), *range(0x2F800, 0x2FA20))  # elsewhere no character has another form
_JOINING = r"\p{M}\x{1160}-\x{11ff}"  # marks, and the vowels and ends of Hangul syllables


def needle_of(text: str) -> str:
    """What is searched for when a person typed `text`; "" when that is nothing."""
    needle: str = compared(pa.array([text[:MAX_NEEDLE_CHARS]], pa.large_string()))[0].as_py()
    return needle


def pattern_of(needle: str) -> str:
    """An RE2 pattern that finds `needle` (see `needle_of`) in texts that are not involved."""
    equal, _involved = _forms()
    parts = []
    for character in needle:
        members = "".join(f"\\x{{{ord(one):x}}}" for one in (character, *equal.get(character, ())))
        parts.append(f"[{members}]+" if character == " " else f"[{members}]")
    return "".join(parts)


def involved(texts: pa.Array) -> pa.Array:
    """Which texts `pattern_of` cannot search: they have a character that is not compared by itself."""
    return pc.match_substring_regex(texts, _involved_pattern())


@cache
def _forms() -> tuple[dict[str, tuple[str, ...]], tuple[int, ...]]:
    """The other characters that count as each character, and those that are not compared by themselves."""
    characters = [chr(point) for point in _POINTS]
    between = compared(pa.array([f"a{one}a" for one in characters], pa.large_string())).to_pylist()
    equal: dict[str, tuple[str, ...]] = {}
    several = []
    for character, form in zip(characters, between, strict=True):
        form = form[1:-1]
        if len(form) != 1 or _joins(form):
            several.append(ord(character))
        elif form != character:
            equal[form] = (*equal.get(form, ()), character)
    return equal, tuple(several)


def _joins(character: str) -> bool:
    return unicodedata.category(character).startswith("M") or "\u1160" <= character <= "\u11ff"


@cache
def _involved_pattern() -> str:
    _equal, several = _forms()
    starts = [several[0], *(after for before, after in pairwise(several) if after != before + 1)]
    ends = [*(before for before, after in pairwise(several) if after != before + 1), several[-1]]
    ranges = "".join(f"\\x{{{start:x}}}-\\x{{{end:x}}}" for start, end in zip(starts, ends, strict=True))
    return f"[{_JOINING}{ranges}]"
