"""Gather small categories under one name."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from core.datasets.comparing import equality_codes
from core.datasets.operations.base import Context, WorkingTable
from core.datasets.operations.params import need_count, need_word
from core.domain.message import Message, msg
from core.domain.repair import Effect


class MergeRareLabels:
    """`below`: practice examples a category needs to stay; `into`: the name the others get.

    Copies of a text count once, so that a category the checks call rare is rare here too. A category that only the exam
    file has is not practiced and stays.
    """

    name = "merge_rare_labels"

    def check(self, params: Mapping[str, Any]) -> None:
        need_count(params, "below", low=2)
        need_word(params, "into")

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg(
            "Gather categories with fewer than {below} examples under “{into}”",
            below=params["below"],
            into=params["into"],
        )

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        counts = examples_per_label(table)
        into = params["into"].strip()
        rare = [name for name, count in counts.items() if 0 < count < params["below"] and name != into]
        return Effect(n_changed=table.rename(dict.fromkeys(rare, into)))


def examples_per_label(table: WorkingTable) -> dict[str, int]:
    """Different texts that have each category, in the practice file."""
    file = table.practice
    teachable = file.teachable
    texts, labels = equality_codes(file.texts)[teachable], file.label_codes[teachable]
    order = np.lexsort((texts, labels))
    text, label = texts[order], labels[order]
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (text[1:] != text[:-1]) | (label[1:] != label[:-1])
    counts: Counter[str] = Counter()
    for name, n in zip(table.label_names, np.bincount(label[is_new], minlength=len(table.label_names)), strict=True):
        counts.update(dict.fromkeys(table.categories_in(name), int(n)))
    return counts
