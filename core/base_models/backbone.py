"""The network of a Hugging Face folder without any head, whatever its family; and its list of layers."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base_models.architecture import architecture_of
from core.domain.message import msg
from core.errors import WeightsUnavailable

if TYPE_CHECKING:
    from torch import nn

_ATTENTION_DROPOUT = ("attention_probs_dropout_prob", "attention_dropout", "attn_pdrop")


def load_backbone(base_dir: Path, n_layers: int = 0) -> Any:
    """The network in fp32, cut to its first `n_layers` layers where that is not 0. It reads texts at once and keeps no
    cache for writing on.

    Attention dropout is turned off: it gains nothing here and keeps attention off its fast paths.

    Raises:
        WeightsUnavailable: transformers does not know this kind of model.
    """
    import torch
    from transformers import AutoConfig, AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    safe = {"local_files_only": True, "trust_remote_code": False}
    try:
        config = AutoConfig.from_pretrained(base_dir, **safe)
        for name in _ATTENTION_DROPOUT:
            if hasattr(config, name):
                setattr(config, name, 0.0)
        config.use_cache = False
        backbone = AutoModel.from_pretrained(base_dir, config=config, dtype=torch.float32, use_safetensors=True, **safe)
    except (ValueError, ImportError) as error:
        raise WeightsUnavailable(
            msg(
                "{name} is a kind of model that cannot be used here: “{kind}”.",
                name=base_dir.name,
                kind=architecture_of(base_dir).kind,
            ),
            hint=msg("Choose a model of a standard kind, such as BERT or RoBERTa."),
        ) from error
    if hasattr(backbone, "pooler"):
        backbone.pooler = None  # we pool ourselves; unused weights would only be stored
    if 0 < n_layers < backbone.config.num_hidden_layers:
        _cut(backbone, n_layers)
    return backbone


def layers_of(backbone: Any) -> "tuple[nn.Module, str, nn.ModuleList]":
    """The list of layers, whatever the architecture calls it: its owner, its name there, and itself.

    ALBERT's list is as short as it has different layers (one, mostly): each is run through several times.
    """
    from torch import nn

    n_all = getattr(backbone.config, "num_hidden_groups", backbone.config.num_hidden_layers)
    for module in backbone.modules():
        for name, child in module.named_children():
            if isinstance(child, nn.ModuleList) and len(child) == n_all:
                return module, name, child
    raise ValueError(f"no list of {n_all} layers found in {type(backbone).__name__}")


def _cut(backbone: Any, n_layers: int) -> None:
    owner, name, layers = layers_of(backbone)
    if not hasattr(backbone.config, "num_hidden_groups"):
        setattr(owner, name, layers[:n_layers])
    backbone.config.num_hidden_layers = n_layers
    if kinds := getattr(backbone.config, "layer_types", None):  # of families that mix local and global attention
        backbone.config.layer_types = list(kinds)[:n_layers]
