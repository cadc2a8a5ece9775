"""What a model's config.json says under the many names of its families. JSON only: neither torch nor transformers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HIDDEN = ("hidden_size", "dim", "n_embd", "d_model")
_LAYERS = ("num_hidden_layers", "n_layers", "n_layer")
_POSITIONS = ("max_position_embeddings", "n_positions", "max_seq_len")

#: families that count positions from behind the padding's id on, so that the first ones are never a token's
COUNTED_FROM_PADDING = frozenset(
    {
        "camembert",
        "data2vec-text",
        "longformer",
        "mpnet",
        "roberta",
        "roberta-prelayernorm",
        "xlm-roberta",
        "xlm-roberta-xl",
        "xmod",
    }
)
#: families whose tokens see only what stands before them
DECODERS = frozenset(
    {
        "bloom",
        "falcon",
        "gemma",
        "gemma2",
        "gemma3_text",
        "gpt2",
        "gpt_bigcode",
        "gpt_neo",
        "gpt_neox",
        "granite",
        "llama",
        "mistral",
        "olmo",
        "olmo2",
        "opt",
        "phi",
        "phi3",
        "qwen2",
        "qwen3",
        "smollm3",
        "stablelm",
        "starcoder2",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    kind: str  #: transformers' `model_type`
    hidden: int  #: length of a token's vector
    n_layers: int
    max_tokens: int | None  #: the longest text it can read, special tokens included; None: nothing is said
    pad_id: int
    is_decoder: bool  #: a token sees only what stands before it, so the last one knows the most


def architecture_of(folder: Path) -> Architecture:
    """What `folder`/config.json says."""
    return read_architecture(json.loads((folder / "config.json").read_text(encoding="utf-8")))


def read_architecture(config: Mapping[str, Any]) -> Architecture:
    kind = str(config.get("model_type", ""))
    is_counted = kind in COUNTED_FROM_PADDING
    # Where no padding is named any id does: attention never sees it. Only the counting families need the right one.
    pad_id = config.get("pad_token_id", 1 if is_counted else 0)
    pad_id = pad_id if isinstance(pad_id, int) and pad_id >= 0 else 0
    positions = _first(config, _POSITIONS)
    return Architecture(
        kind=kind,
        hidden=_first(config, _HIDDEN) or 0,
        n_layers=_first(config, _LAYERS) or 0,
        max_tokens=positions - (pad_id + 1 if is_counted else 0) if positions else None,
        pad_id=pad_id,
        is_decoder=kind in DECODERS and not config.get("use_bidirectional_attention"),
    )


def _first(config: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    return next((value for name in names if isinstance(value := config.get(name), int) and value > 0), None)
