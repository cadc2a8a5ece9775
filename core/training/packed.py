"""BERT without padding: the same network over the tokens of a batch laid end to end.

Only attention looks across tokens: on a CPU it runs over all rows of one length at a time, on a GPU in half precision
one kernel takes rows of any lengths. So nothing is computed that nobody reads, and no mask is needed. Query, key and
value are one multiplication; linear maps that peft wrapped (LoRA, AdaLoRA, IA3) are called as they are.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from core.training.trunk import Trunk

SHORT_LENGTH = 128  # up to here plain attention beats the blocked kernel
LARGEST_HEAD = 256  # of the flash kernel
DROPOUT_LEVELS = 1 << 16  # each element draws 16 bits: the share that is hidden is exact to 0.0008%


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """Where the tokens of a batch lie. Rows stand one after the other, the shortest first."""

    places: torch.Tensor  #: of every token in the flattened padded batch
    positions: torch.Tensor  #: of every token in its row
    bounds: torch.Tensor  #: int32, where each row begins, and the end of the last one
    runs: list[tuple[int, int]]  #: how many rows there are of each length, and that length


def packing_of(lengths: np.ndarray, width: int, device: torch.device | None = None) -> Packing:
    """The packing of a batch whose rows have `lengths` tokens and are padded on the right to `width`.

    It is made on the host, and what the device needs is sent there: a GPU never has to be waited for.
    """
    order = np.argsort(lengths, kind="stable")
    ordered = lengths[order]
    bounds = np.concatenate([[0], np.cumsum(ordered)])
    positions = np.arange(bounds[-1]) - np.repeat(bounds[:-1], ordered)
    places = np.repeat(order * width, ordered) + positions
    values, counts = np.unique(ordered, return_counts=True)
    return Packing(
        places=on_device(torch.from_numpy(places), device),
        positions=on_device(torch.from_numpy(positions), device),
        bounds=on_device(torch.from_numpy(bounds.astype(np.int32)), device),
        runs=list(zip(counts.tolist(), values.tolist(), strict=True)),
    )


def on_device(tensor: torch.Tensor, device: torch.device | None) -> torch.Tensor:
    """`tensor` on its way to `device`: to CUDA through pinned memory, so that nobody waits for its arrival."""
    if device is None or device.type == "cpu":
        return tensor
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


def can_pack(backbone: Any) -> bool:
    """Whether `packed_hidden` computes what `backbone` does: a BERT encoder, its linear maps plain or wrapped by peft."""
    from transformers import BertModel

    bert = bert_of(backbone)
    if type(bert) is not BertModel:
        return False
    config = bert.config
    linear = all(_is_linear(m) for layer in bert.encoder.layer for m in _maps(layer))
    return linear and not config.is_decoder and not config.attention_probs_dropout_prob


def packs_on(backbone: Any, device: torch.device) -> bool:
    """Whether leaving out the padding pays on `device`: always on a CPU; on CUDA where the kernel for it runs."""
    if device.type == "cpu":
        return True
    if device.type != "cuda" or not _has_varlen():
        return False
    layer = bert_of(backbone).encoder.layer[0]
    if hasattr(layer, "prefix"):  # rows then have more keys than queries
        return False
    own = layer.attention.self
    is_half = layer.attention.output.LayerNorm.weight.dtype in (torch.float16, torch.bfloat16)
    return is_half and own.attention_head_size % 8 == 0 and own.attention_head_size <= LARGEST_HEAD


@cache
def _has_varlen() -> bool:
    """Whether this torch and this GPU have flash attention over rows of different lengths: tried once, both ways."""
    if torch.cuda.get_device_capability() < (8, 0):
        return False
    packing = packing_of(np.array([1, 2]), 2, torch.device("cuda"))
    mixed = torch.ones(3, 3 * 32, dtype=torch.bfloat16, device="cuda", requires_grad=True)
    try:
        _varlen_attention(mixed, packing, 1).sum().backward()  # type: ignore[no-untyped-call]
    except (ImportError, RuntimeError):
        return False
    return True


def packed_hidden(
    backbone: Any,
    ids: torch.Tensor,
    mask: torch.Tensor,
    lengths: np.ndarray | None = None,
    trunk: "Trunk | None" = None,
) -> torch.Tensor:
    """The last hidden state of `backbone`, of shape (batch, length, hidden); zeros where `mask` is 0.

    `lengths` are those of the rows where they are known on the host; else they are counted in `mask`. With a `trunk`
    the `ids` are numbers of its rows, and only the layers above it run.
    """
    bert = bert_of(backbone)
    lengths = mask.sum(1).cpu().numpy() if lengths is None else lengths
    packing = packing_of(lengths, mask.shape[1], ids.device)
    packed_ids = ids.reshape(-1)[packing.places]
    if trunk is None:
        hidden = run_layers(bert.encoder.layer, embedded(bert, packed_ids, packing), packing)
    else:
        dtype = bert.embeddings.LayerNorm.weight.dtype
        hidden = run_layers(bert.encoder.layer[trunk.n_layers :], trunk.rows[packed_ids].to(dtype), packing)
    padded = hidden.new_zeros(mask.numel(), hidden.shape[1])
    whole: torch.Tensor = padded.index_copy(0, packing.places, hidden).view(*mask.shape, -1)
    return whole


def embedded(bert: Any, ids: torch.Tensor, packing: Packing) -> torch.Tensor:
    """What the first layer reads, of shape (tokens, hidden), for the packed `ids`."""
    tables = bert.embeddings
    hidden = tables.word_embeddings(ids)
    positions = packing.positions + getattr(bert.config, "prefix_length", 0)
    hidden = hidden + tables.token_type_embeddings.weight[0] + tables.position_embeddings(positions)
    return _dropped(tables.LayerNorm(hidden), tables.dropout)


def run_layers(layers: Any, hidden: torch.Tensor, packing: Packing) -> torch.Tensor:
    for layer in layers:
        hidden = _layer(layer, hidden, packing)
    return hidden


def bert_of(backbone: Any) -> Any:
    """The network inside what peft put around it, unless that changes more than single maps (as added prefixes do)."""
    configs = getattr(backbone, "peft_config", None)
    if configs is None or any(config.is_prompt_learning for config in configs.values()):
        return backbone
    return backbone.get_base_model()


def _is_linear(module: nn.Module) -> bool:
    """A plain linear map, or one that peft wrapped (known by its class's home: importing peft takes a second)."""
    if type(module) is nn.Linear:
        return True
    home = type(module).__module__
    if not home.startswith("peft.tuners.") or type(getattr(module, "base_layer", None)) is not nn.Linear:
        return False
    return home != "peft.tuners.lora.layer" or _is_plain_lora(module)


def _is_plain_lora(module: Any) -> bool:
    """One addition, with neither dropout nor a variant of the formula: what `_mapped` computes."""
    names = module.active_adapters
    if len(names) != 1 or module.merged or getattr(module, "lora_variant", {}):
        return False
    parts = module.lora_A[names[0]], module.lora_B[names[0]], module.lora_dropout[names[0]]
    return all(type(part) in (nn.Linear, nn.Identity) and getattr(part, "bias", None) is None for part in parts)


def _maps(layer: Any) -> tuple[nn.Module, ...]:
    own = layer.attention.self
    return own.query, own.key, own.value, layer.attention.output.dense, layer.intermediate.dense, layer.output.dense


def _layer(layer: Any, hidden: torch.Tensor, packing: Packing) -> torch.Tensor:
    own = layer.attention.self
    prefix = getattr(layer, "prefix", None)  # of `core.techniques.prefix`
    front = None if prefix is None else _query_key_value(own, prefix)
    mixed = _attention(_query_key_value(own, hidden), packing, own.num_attention_heads, front)
    hidden = _added(layer.attention.output, mixed, hidden)
    inner = layer.intermediate.intermediate_act_fn(_mapped(layer.intermediate.dense, hidden))
    hidden = _added(layer.output, inner, hidden)
    adapter = getattr(layer, "adapter", None)  # of `core.techniques.adapters`
    return hidden if adapter is None else hidden + adapter(hidden)


def _query_key_value(own: Any, hidden: torch.Tensor) -> torch.Tensor:
    """Side by side, of shape (tokens, 3 x hidden)."""
    maps = (own.query, own.key, own.value)
    if any(type(one) is not nn.Linear for one in maps):
        return torch.cat([_mapped(one, hidden) for one in maps], -1)
    return functional.linear(hidden, torch.cat([one.weight for one in maps]), torch.cat([one.bias for one in maps]))


def _mapped(linear: Any, value: torch.Tensor) -> torch.Tensor:
    """What `linear` gives; LoRA's addition in one multiplication instead of peft's four operations."""
    if type(linear).__module__ != "peft.tuners.lora.layer":
        whole: torch.Tensor = linear(value)
        return whole
    (name,) = linear.active_adapters
    low = functional.linear(value, linear.lora_A[name].weight)
    base = linear.base_layer(value)
    return torch.addmm(base, low, linear.lora_B[name].weight.t(), alpha=linear.scaling[name])


def _added(output: Any, value: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
    value = _mapped(output.dense, value)
    if value.device.type == "cpu" and (kept := _kept(value, output.dropout)) is not None:
        added = torch.addcmul(hidden, value, kept)
    else:
        added = hidden + _dropped(value, output.dropout)
    normed: torch.Tensor = output.LayerNorm(added)
    return normed


def _attention(mixed: torch.Tensor, packing: Packing, n_heads: int, front: torch.Tensor | None = None) -> torch.Tensor:
    """`mixed` is query, key and value side by side, of shape (tokens, 3 x hidden); `front` the same of vectors that every
    row sees before its own."""
    if mixed.device.type == "cuda":
        return _varlen_attention(mixed, packing, n_heads)
    parts, runs = [], packing.runs
    for (n, length), part in zip(runs, torch.split(mixed, [n * length for n, length in runs]), strict=True):
        heads = part.view(n, length, 3, n_heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = heads.unbind(0)
        if front is not None:
            _, key, value = _behind(front, heads).unbind(0)
        if length > SHORT_LENGTH:
            seen = functional.scaled_dot_product_attention(query, key, value)
        else:
            query, key, value = (one.reshape(n * n_heads, -1, one.shape[-1]) for one in (query, key, value))
            scores = torch.bmm(query * query.shape[-1] ** -0.5, key.transpose(1, 2))
            seen = torch.bmm(torch.softmax(scores, -1), value).view(n, n_heads, length, -1)
        parts.append(seen.transpose(1, 2).reshape(n * length, -1))
    return torch.cat(parts)


def _behind(front: torch.Tensor, heads: torch.Tensor) -> torch.Tensor:
    """`heads`, of shape (3, rows, heads, length, size), with those of `front` before each row's own."""
    _, n_rows, n_heads, _, size = heads.shape
    shared = front.view(len(front), 3, 1, n_heads, size).permute(1, 2, 3, 0, 4)
    return torch.cat([shared.expand(-1, n_rows, -1, -1, -1), heads], 3)


def _varlen_attention(mixed: torch.Tensor, packing: Packing, n_heads: int) -> torch.Tensor:
    from torch.nn.attention.varlen import varlen_attn

    query, key, value = mixed.view(len(mixed), 3, n_heads, -1).unbind(1)
    longest = packing.runs[-1][1]
    seen: Any = varlen_attn(query, key, value, packing.bounds, packing.bounds, longest, longest)
    flat: torch.Tensor = seen.reshape(len(mixed), -1)
    return flat


def _dropped(value: torch.Tensor, dropout: nn.Dropout) -> torch.Tensor:
    if value.device.type != "cpu":
        return functional.dropout(value, dropout.p, dropout.training)
    kept = _kept(value, dropout)
    return value if kept is None else value * kept


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
