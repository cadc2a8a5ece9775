"""Texts to token ids without torch and transformers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.domain.message import msg
from core.errors import WeightsUnavailable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CHUNK = 16_384  # texts tokenized in one call: bounds memory for very large files


def load_tokenizer(folder: Path, max_length: int) -> "Tokenizer":
    """The tokenizer of a base model folder or bundle; it cuts after `max_length` tokens and does not pad.

    Raises:
        WeightsUnavailable: tokenizer.json is missing or damaged.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the library raises bare Exception for a missing or damaged file
        raise WeightsUnavailable(
            msg("The tokenizer of {name} cannot be read.", name=folder.name),
            hint=msg("Download or copy the model again."),
        ) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length)
    return tokenizer


def encode(tokenizer: "Tokenizer", texts: Sequence[str] | Sequence[tuple[str, str]]) -> list[NDArray[np.int64]]:
    """Token ids of every text or pair, special tokens included, in the order given. Batched: never call it text by text."""
    ids: list[NDArray[np.int64]] = []
    for start in range(0, len(texts), CHUNK):
        chunk = list(texts[start : start + CHUNK])
        ids += [np.asarray(e.ids, dtype=np.int64) for e in tokenizer.encode_batch_fast(chunk)]
    return ids


def pieces(tokenizer: "Tokenizer", text: str) -> list[tuple[int, int]]:
    """Start and end, in characters of `text`, of every token but the special ones."""
    return [(start, end) for start, end in tokenizer.encode(text, add_special_tokens=False).offsets if end > start]


def pad(batch: Sequence[NDArray[np.int64]], pad_id: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """`input_ids` and `attention_mask` of shape (batch, longest), padded on the right."""
    longest = max(len(ids) for ids in batch)
    input_ids = np.full((len(batch), longest), pad_id, dtype=np.int64)
    attention_mask = np.zeros((len(batch), longest), dtype=np.int64)
    for row, ids in enumerate(batch):
        input_ids[row, : len(ids)] = ids
        attention_mask[row, : len(ids)] = 1
    return input_ids, attention_mask
