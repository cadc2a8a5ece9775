"""BERT without padding: the same network over the tokens of a batch laid end to end, for the CPU.

Only attention looks across tokens; it runs over all rows of one length at a time. So nothing is computed that nobody
reads, and no mask is needed. Query, key and value are one multiplication.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

SHORT_LENGTH = 128  # up to here plain attention beats the blocked kernel
DROPOUT_LEVELS = 1 << 16  # each element draws 16 bits: the share that is hidden is exact to 0.0008%


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """Where the tokens of a batch lie. Rows stand one after the other, the shortest first."""

    places: torch.Tensor  #: of every token in the flattened padded batch
    positions: torch.Tensor  #: of every token in its row
    runs: list[tuple[int, int]]  #: how many rows there are of each length, and that length


def packing_of(mask: torch.Tensor) -> Packing:
    """The packing of a batch that is padded on the right."""
    lengths, order = torch.sort(mask.sum(1), stable=True)
    starts = torch.cumsum(lengths, 0) - lengths
    positions = torch.arange(int(lengths.sum())) - torch.repeat_interleave(starts, lengths)
    places = torch.repeat_interleave(order * mask.shape[1], lengths) + positions
    values, counts = torch.unique_consecutive(lengths, return_counts=True)
    return Packing(places=places, positions=positions, runs=list(zip(counts.tolist(), values.tolist(), strict=True)))


def can_pack(backbone: Any) -> bool:
    """Whether `packed_hidden` computes what `backbone` does: a plain BERT encoder, with nothing wrapped around it."""
    from transformers import BertModel

    if type(backbone) is not BertModel:
        return False
    config = backbone.config
    linear = all(type(m) is nn.Linear for layer in backbone.encoder.layer for m in _maps(layer))
    return linear and not config.is_decoder and not config.attention_probs_dropout_prob


def packed_hidden(backbone: Any, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The last hidden state of `backbone`, of shape (batch, length, hidden); zeros where `mask` is 0."""
    packing = packing_of(mask)
    tables = backbone.embeddings
    hidden = tables.word_embeddings(ids.reshape(-1)[packing.places])
    hidden = hidden + tables.token_type_embeddings.weight[0] + tables.position_embeddings(packing.positions)
    hidden = tables.LayerNorm(hidden)
    if (kept := _kept(hidden, tables.dropout)) is not None:
        hidden = hidden * kept
    for layer in backbone.encoder.layer:
        hidden = _layer(layer, hidden, packing)
    padded = hidden.new_zeros(mask.numel(), hidden.shape[1])
    whole: torch.Tensor = padded.index_copy(0, packing.places, hidden).view(*mask.shape, -1)
    return whole


def _maps(layer: Any) -> tuple[nn.Module, ...]:
    own = layer.attention.self
    return own.query, own.key, own.value, layer.attention.output.dense, layer.intermediate.dense, layer.output.dense


def _layer(layer: Any, hidden: torch.Tensor, packing: Packing) -> torch.Tensor:
    own = layer.attention.self
    weight = torch.cat([own.query.weight, own.key.weight, own.value.weight])
    bias = torch.cat([own.query.bias, own.key.bias, own.value.bias])
    mixed = _attention(functional.linear(hidden, weight, bias), packing.runs, own.num_attention_heads)
    hidden = _added(layer.attention.output, mixed, hidden)
    inner = layer.intermediate.intermediate_act_fn(layer.intermediate.dense(hidden))
    hidden = _added(layer.output, inner, hidden)
    adapter = getattr(layer, "adapter", None)  # of `core.techniques.adapters`
    return hidden if adapter is None else hidden + adapter(hidden)


def _added(output: Any, value: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
    value = output.dense(value)
    kept = _kept(value, output.dropout)
    added = hidden + value if kept is None else torch.addcmul(hidden, value, kept)
    normed: torch.Tensor = output.LayerNorm(added)
    return normed


def _attention(mixed: torch.Tensor, runs: list[tuple[int, int]], n_heads: int) -> torch.Tensor:
    """`mixed` is query, key and value side by side, of shape (tokens, 3 x hidden)."""
    parts = []
    for (n, length), part in zip(runs, torch.split(mixed, [n * length for n, length in runs]), strict=True):
        heads = part.view(n, length, 3, n_heads, -1).permute(2, 0, 3, 1, 4)
        if length > SHORT_LENGTH:
            query, key, value = heads.unbind(0)
            seen = functional.scaled_dot_product_attention(query, key, value)
        else:
            query, key, value = heads.reshape(3, n * n_heads, length, -1).unbind(0)
            scores = torch.bmm(query * query.shape[-1] ** -0.5, key.transpose(1, 2))
            seen = torch.bmm(torch.softmax(scores, -1), value).view(n, n_heads, length, -1)
        parts.append(seen.transpose(1, 2).reshape(n * length, -1))
    return torch.cat(parts)


def _kept(value: torch.Tensor, dropout: nn.Dropout) -> torch.Tensor | None:
    """What dropout multiplies `value` with: 0 for the share that is hidden, else what makes up for it.

    The bits come from a generator several times faster than torch's, which is seeded by torch's, the one that
    checkpoints hold.
    """
    if not dropout.training or not dropout.p:
        return None
    bits = np.random.SFC64(int(torch.randint(2**63 - 1, ()))).random_raw(-(-value.numel() // 4))
    drawn = torch.from_numpy(bits.view(np.int16))[: value.numel()].view(value.shape)
    n_kept = round((1 - dropout.p) * DROPOUT_LEVELS)
    is_kept = drawn < n_kept - DROPOUT_LEVELS // 2
    return is_kept.to(value.dtype).mul_(DROPOUT_LEVELS / n_kept)
