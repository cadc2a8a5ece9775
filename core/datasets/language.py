"""What most texts are written in, by script and common words: "en", "zh" or "other"."""

import re
from collections.abc import Sequence

HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
KANA = re.compile("[\u3040-\u30ff]")
LATIN_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]+(?:['’][A-Za-z]+)?")
OTHER_LETTER = re.compile("[\u0370-\u1fff\u3130-\u318f\uac00-\ud7af]")  # Greek to Khmer, Hangul
ENGLISH = frozenset(
    [
        "the",
        "a",
        "an",
        "i",
        "you",
        "he",
        "she",
        "it",
        "we",
        "they",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "am",
        "do",
        "does",
        "did",
        "have",
        "has",
        "had",
        "to",
        "of",
        "in",
        "on",
        "at",
        "for",
        "with",
        "from",
        "and",
        "or",
        "but",
        "not",
        "no",
        "my",
        "your",
        "his",
        "her",
        "its",
        "our",
        "their",
        "this",
        "that",
        "these",
        "those",
        "what",
        "when",
        "where",
        "who",
        "why",
        "how",
        "can",
        "could",
        "will",
        "would",
        "should",
        "me",
        "him",
        "us",
        "them",
        "if",
        "so",
        "as",
        "by",
        "about",
        "there",
        "here",
        "please",
        "thank",
        "thanks",
        "just",
        "get",
        "got",
    ]
)
MIN_ENGLISH_RATIO = 0.12
SAMPLE_CHARS = 500


def language_of(texts: Sequence[str]) -> str:
    """A few hundred texts are enough."""
    n_han = n_kana = n_other = n_words = n_english = 0
    for text in texts:
        start = text[:SAMPLE_CHARS]
        n_han += len(HAN.findall(start))
        n_kana += len(KANA.findall(start))
        n_other += len(OTHER_LETTER.findall(start))
        words = LATIN_WORD.findall(start)
        n_words += len(words)
        n_english += sum(1 for word in words if word.lower() in ENGLISH)
    n_units = n_han + n_kana + n_words + n_other / 4
    if not n_units:
        return "other"
    if n_kana > 0.1 * (n_han + n_kana) and n_kana > 0.05 * n_units:
        return "other"
    if n_han > 0.3 * n_units:
        return "zh"
    if n_words < 0.7 * n_units:
        return "other"
    if n_english >= MIN_ENGLISH_RATIO * n_words:
        return "en"
    return "other"
