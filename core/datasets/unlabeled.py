"""Texts without a category: what may be learned from them without giving the exam away."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.datasets.comparing import equality_codes
from core.datasets.findings.base import PRACTICE_FILE
from core.datasets.hashing import stands_earlier
from core.datasets.near_duplicates import near_groups
from core.domain.dataset import Split

if TYPE_CHECKING:
    import pandas as pd

BLANK_LABEL = "blank_label"  #: the reason under which `core.datasets.rows` keeps them
COLUMNS = ("file", "text", "label", "split", "set_aside")  #: what is needed of a dataset's rows


def unlabeled_texts(rows: "pd.DataFrame") -> list[str]:
    """The practice file's texts that were set aside because they have no category, each once; none that is nearly a text
    of the practice, the check-up or the exam. `rows` has `COLUMNS`."""
    without = rows.loc[(rows["set_aside"] == BLANK_LABEL) & (rows["file"] == PRACTICE_FILE), "text"]
    return apart_from([str(text) for text in without], [str(text) for text in rows.loc[rows["split"] != "", "text"]])


def readable_texts(rows: "pd.DataFrame", others: Sequence[str] = ()) -> list[str]:
    """What a base model may read before it is trained on this dataset: the practice texts, those without a category, and
    `others`; each once, and none that is nearly a text of the check-up or the exam. `rows` has `COLUMNS`."""
    is_read = (rows["split"] == Split.PRACTICE.value) | (
        (rows["set_aside"] == BLANK_LABEL) & (rows["file"] == PRACTICE_FILE)
    )
    is_kept = rows["split"].isin([Split.CHECKUP.value, Split.EXAM.value])
    texts = [*(str(text) for text in rows.loc[is_read, "text"]), *others]
    return apart_from(texts, [str(text) for text in rows.loc[is_kept, "text"]])


def apart_from(texts: Sequence[str], kept: Sequence[str]) -> list[str]:
    """`texts` in their order, each once, without blank ones and without those that are equal or near to one of `kept`."""
    both = pa.chunked_array([pa.array([*kept, *texts], pa.large_string())])
    n_kept = len(kept)
    codes = equality_codes(both)
    is_wanted = ~stands_earlier(codes)
    is_wanted[:n_kept] = False
    groups = near_groups(both, np.ones(len(both), dtype=bool), codes)
    is_wanted &= ~np.isin(groups, np.unique(groups[:n_kept][groups[:n_kept] >= 0]))
    return [text for text, is_it in zip(texts, is_wanted[n_kept:], strict=True) if is_it and text.strip()]
