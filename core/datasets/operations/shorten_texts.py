"""Cut long texts."""

from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from core.datasets.operations.base import Context, WorkingTable
from core.datasets.operations.params import need_count
from core.domain.message import Message, msg
from core.domain.repair import Effect


class ShortenTexts:
    """`limit`: characters that stay of each text, half of them of each text of a pair; white space before the cut goes too."""

    name = "shorten_texts"

    def check(self, params: Mapping[str, Any]) -> None:
        need_count(params, "limit", low=1)

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg("Cut texts after {limit} characters", limit=params["limit"])

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        limit: int = params["limit"]
        n_kept = max(1, limit // 2) if table.of_pairs else limit
        n_changed = 0
        for file in table.files:
            long = pc.utf8_length(file.texts).to_numpy() > limit
            n_changed += table.rewrite(file, long, lambda text: text[:n_kept].rstrip())
        return Effect(n_changed=n_changed)
