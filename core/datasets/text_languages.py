"""Which language each single text is in, as far as one text can tell. For a whole table see `core.datasets.language`.

By script first; in Latin letters by the small words that every sentence has. A wrong guess would take a row out of use,
so that names, codes and very short texts count as no language at all.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.comparing import CHUNK_ROWS

UNSURE, ENGLISH, CHINESE, OTHER = 0, 1, 2, 3
LANGUAGES = ("", "en", "zh", "other")  #: by these codes
READ_CHARS = 500  #: of each text
LETTERS_OF_A_WORD = 5  #: one Chinese character is worth about one Latin word

HAN = r"[\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}]"
KANA = r"[\x{3040}-\x{30ff}]"
OTHER_LETTER = r"[\x{0370}-\x{1fff}\x{3130}-\x{318f}\x{ac00}-\x{d7af}]"  # Greek to Khmer, Hangul
LATIN = r"[A-Za-zÀ-ÖØ-öø-ÿ]"
#: Small words of one language that are no words of the other side.
ENGLISH_WORDS = (
    "the|is|are|was|were|been|have|has|had|you|your|they|their|she|his|it|its|we|our|my|this|that|these|those|what|when"
    "|where|who|why|how|can|could|would|should|will|with|from|and|not|about|there|please|thank|thanks|just|get|got|of|to"
)
OTHER_WORDS = (
    "le|la|les|une|des|du|je|vous|nous|est|sont|pas|que|qui|mon|votre|avec|sur|dans|bonjour|merci"  # French
    "|der|das|und|ist|nicht|ich|sie|ein|eine|mit|auf|wir|mein|meine|bitte|danke|haben|wie|zu"  # German
    "|el|los|las|una|por|para|con|mi|usted|gracias|está|cuando|donde"  # Spanish
    "|il|che|di|della|sono|non|ho|mio|grazie|quando|uma|os|não|você|obrigado|meu"  # Italian, Portuguese
    "|het|een|niet|ik|van|mijn|voor"  # Dutch
)
MIN_SMALL_WORDS = 2

LanguageCodes = np.ndarray[Any, np.dtype[np.int8]]


def text_languages(texts: pa.ChunkedArray) -> LanguageCodes:
    """UNSURE, ENGLISH, CHINESE or OTHER for each text."""
    codes = np.zeros(len(texts), dtype=np.int8)
    for start in range(0, len(texts), CHUNK_ROWS):
        part = pc.utf8_slice_codeunits(texts.slice(start, CHUNK_ROWS).combine_chunks(), 0, READ_CHARS)
        codes[start : start + len(part)] = _languages(part)
    return codes


def _languages(texts: pa.Array) -> LanguageCodes:
    codes = np.zeros(len(texts), dtype=np.int8)
    foreign = ~pc.string_is_ascii(texts).to_numpy(zero_copy_only=False)
    latin = np.ones(len(texts), dtype=bool)
    if foreign.any():
        written = texts.filter(pa.array(foreign))
        han, kana, other, letters = (_count(written, pattern) for pattern in (HAN, KANA, OTHER_LETTER, LATIN))
        n_units = han + kana + other / 4 + letters / LETTERS_OF_A_WORD
        japanese = (kana > 0.1 * (han + kana)) & (kana > 0.05 * n_units)
        chinese = ~japanese & (han > 0.3 * n_units)
        strange = japanese | (~chinese & (kana + other / 4 > 0.5 * n_units))
        codes[foreign] = np.select([chinese, strange], [CHINESE, OTHER], UNSURE)
        latin[foreign] = ~chinese & ~strange
    written = texts.filter(pa.array(latin))
    n_english = _count(written, rf"(?i)\b(?:{ENGLISH_WORDS})\b")
    n_other = _count(written, rf"(?i)\b(?:{OTHER_WORDS})\b")
    sure_english = (n_english >= MIN_SMALL_WORDS) & (n_english > n_other)
    sure_other = (n_other >= MIN_SMALL_WORDS) & (n_other > 2 * n_english)
    codes[latin] = np.select([sure_english, sure_other], [ENGLISH, OTHER], UNSURE)
    return codes


def _count(texts: pa.Array, pattern: str) -> "np.ndarray[Any, np.dtype[np.int64]]":
    counts: np.ndarray[Any, np.dtype[np.int64]] = pc.count_substring_regex(texts, pattern=pattern).to_numpy()
    return counts.astype(np.int64)
