"""Give one category to texts that stand under several."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.datasets.comparing import equality_codes
from core.datasets.hashing import Codes
from core.datasets.operations.base import Context, WorkingTable
from core.datasets.operations.params import need_choice
from core.domain.message import Message, msg
from core.domain.repair import Effect
from core.domain.several import categories_of, label_of
from core.errors import BadData

TITLES = {
    "majority": msg("Give each text with several categories the one it has most often"),
    "first": msg("Give each text with several categories the one it has first"),
    "last": msg("Give each text with several categories the one it has last"),
    "all": msg("Give each text all categories of its rows"),
}


class ResolveConflicts:
    """`keep`: the category all rows of such a text get. Of equally frequent ones the majority is what came first.

    Each file is settled by itself: an exam file does not decide what is practiced. With "all", for rows that may have
    several categories, every such text gets those of all its rows.
    """

    name = "resolve_conflicts"

    def check(self, params: Mapping[str, Any]) -> None:
        need_choice(params, "keep", TITLES)

    def title(self, params: Mapping[str, Any]) -> Message:
        return TITLES[params["keep"]]

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        if params["keep"] == "all" and table.order is None:
            raise BadData(msg("Here each text has one category."), hint=msg("Choose another rule."))
        n_changed = 0
        for file in table.files:
            teachable = file.teachable
            codes = file.label_codes.copy()
            texts, labels = equality_codes(file.texts)[teachable], codes[teachable]
            codes[teachable] = (
                united(table, texts, labels) if params["keep"] == "all" else settled(texts, labels, params["keep"])
            )
            n_changed += table.relabel_each(file, teachable, codes)
        return Effect(n_changed=n_changed)


def united(table: WorkingTable, texts: Codes, labels: Codes) -> Codes:
    """For each row the categories of all rows with its text."""
    if not len(texts):
        return labels
    pairs = np.unique(np.stack([texts, labels]), axis=1)
    of_text, first, n_labels = np.unique(pairs[0], return_index=True, return_counts=True)
    best: Codes = pairs[1, first].copy()
    for place in np.flatnonzero(n_labels > 1).tolist():
        codes = pairs[1, first[place] : first[place] + n_labels[place]].tolist()
        best[place] = table.code_of(label_of(name for code in codes for name in categories_of(table.label_names[code])))
    united: Codes = best[np.searchsorted(of_text, texts)]
    return united


def settled(texts: Codes, labels: Codes, keep: str) -> Codes:
    """For each row the label that its text shall have; equal texts get the same."""
    if not len(texts):
        return labels
    order = np.lexsort((labels, texts))  # stable: runs of the same text and label, the first row leading each
    text, label = texts[order], labels[order]
    starts = np.flatnonzero(np.r_[True, (text[1:] != text[:-1]) | (label[1:] != label[:-1])])
    ends = np.r_[starts[1:], len(texts)]
    first, last, size = order[starts], order[ends - 1], ends - starts
    rank = {"majority": (first, -size), "first": (first,), "last": (-last,)}[keep]
    best = np.lexsort((*rank, text[starts]))  # of each text the winning run comes first
    of_text, place = np.unique(text[starts][best], return_index=True)
    return label[starts][best][place][np.searchsorted(of_text, texts)]
