"""Exchange texts and categories that stand in each other's column."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.operations.base import Context, WorkingTable
from core.domain.message import Message, msg
from core.domain.repair import Effect


class SwapTextAndLabel:
    """No parameters. Done twice it is undone, but for the outer space of the texts."""

    name = "swap_text_and_label"

    def check(self, params: Mapping[str, Any]) -> None:
        """Nothing is needed."""

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg("Exchange texts and categories")

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        n_changed = 0
        names = pa.array([*table.label_names, ""], pa.large_string())  # -1 picks the last one: blank
        for file in table.files:
            labels = names.take(pa.array(np.where(file.label_codes < 0, len(names) - 1, file.label_codes)))
            texts = file.texts.combine_chunks()
            trimmed = pc.utf8_trim_whitespace(texts)
            swapped = file.used & pc.not_equal(trimmed, labels).to_numpy(zero_copy_only=False)
            encoded = trimmed.dictionary_encode()
            codes = table.codes_of(encoded.dictionary.to_pylist())[encoded.indices.to_numpy()]
            n_changed += table.relabel_each(file, swapped, codes)
            file.texts = pa.chunked_array([pc.if_else(pa.array(swapped), labels, texts)], pa.large_string())
        return Effect(n_changed=n_changed)
