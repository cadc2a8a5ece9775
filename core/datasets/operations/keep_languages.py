"""Keep the texts of some languages only."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.datasets.language import LATIN_WORD, language_of
from core.datasets.operations.base import REMOVED, Context, WorkingTable, pieces
from core.datasets.operations.params import names_of, need_words
from core.domain.message import Message, msg
from core.domain.repair import Effect

TITLES = {
    "en": msg("Keep texts in English only"),
    "zh": msg("Keep texts in Chinese only"),
    "other": msg("Keep texts that are neither English nor Chinese only"),
}
MIN_WORDS = 6  #: in Latin letters; fewer without an English word among them may be a name or a product


class KeepLanguages:
    """`languages`: those that stay, as `core.datasets.language` names them. Texts too short to tell stay too."""

    name = "keep_languages"

    def check(self, params: Mapping[str, Any]) -> None:
        need_words(params, "languages", TITLES)

    def title(self, params: Mapping[str, Any]) -> Message:
        languages = sorted(set(params["languages"]))
        if len(languages) == 1:
            return TITLES[languages[0]]
        return msg("Keep texts in these languages only: {languages}", languages=", ".join(languages))

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        kept = {*names_of(params, "languages"), ""}
        n_removed = 0
        for file in table.files:
            foreign = np.zeros(len(file.rows), dtype=bool)
            start = 0
            for texts in pieces(file.texts):
                foreign[start : start + len(texts)] = [language_of_text(text) not in kept for text in texts.to_pylist()]
                start += len(texts)
            n_removed += table.remove(file, foreign, REMOVED)
        return Effect(n_removed=n_removed)


def language_of_text(text: str) -> str:
    """As `language_of`, but "" where one text is too little to tell."""
    language = language_of([text])
    words = LATIN_WORD.findall(text)
    return (
        ""
        if language == "other" and len("".join(words)) * 2 > len(text.strip()) and len(words) < MIN_WORDS
        else language
    )
