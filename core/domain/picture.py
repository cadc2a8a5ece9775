"""What a dataset looks like: lengths, languages and telling words of the rows in use. Made once, then kept."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """How long the texts are, in characters. All rows in use are counted."""

    starts: tuple[int, ...]  #: of the bins; each ends where the next begins, the last one is open
    counts: tuple[int, ...]  #: texts in each bin
    median: int
    p95: int
    longest: int
    limit: int  #: characters that a model reads; the rest is cut
    n_cut: int  #: texts longer than that


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingWord:
    """A word (in Chinese: two to four characters) that stands in one category more than in the others."""

    word: str
    z: float  #: log-odds ratio over its standard error; above 1.96 it is hardly chance
    ratio: float  #: of the category's texts that contain it
    ratio_elsewhere: float  #: of the other texts that contain it


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelWords:
    label: str
    n_texts: int  #: of this category that were looked at
    words: tuple[TellingWord, ...]  #: the most telling first; may be empty


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetPicture:
    n_texts: int  #: rows in use
    lengths: Lengths
    languages: Mapping[str, int]  #: "en", "zh", "other", or "" where a text is too short to tell -> texts
    n_language_texts: int  #: texts whose language was looked at
    words: tuple[LabelWords, ...]  #: of the biggest categories, the biggest first
