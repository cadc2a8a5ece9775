"""Keep the texts of some languages only."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.datasets.operations.base import REMOVED, Context, WorkingTable
from core.datasets.operations.params import names_of, need_words
from core.datasets.text_languages import LANGUAGES, UNSURE, text_languages
from core.domain.message import Message, msg
from core.domain.repair import Effect

TITLES = {
    "en": msg("Keep texts in English only"),
    "zh": msg("Keep texts in Chinese only"),
    "other": msg("Keep texts that are neither English nor Chinese only"),
}


class KeepLanguages:
    """`languages`: those that stay, "en", "zh" or "other". Texts too short to tell stay too."""

    name = "keep_languages"

    def check(self, params: Mapping[str, Any]) -> None:
        need_words(params, "languages", TITLES)

    def title(self, params: Mapping[str, Any]) -> Message:
        languages = sorted(set(params["languages"]))
        if len(languages) == 1:
            return TITLES[languages[0]]
        return msg("Keep texts in these languages only: {languages}", languages=", ".join(languages))

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        kept = [UNSURE, *(LANGUAGES.index(language) for language in names_of(params, "languages"))]
        foreign = [table.remove(file, ~np.isin(text_languages(file.texts), kept), REMOVED) for file in table.files]
        return Effect(n_removed=sum(foreign))
