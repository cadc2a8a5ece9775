"""Prefix tuning: learned vectors stand in front of the text in every layer. They cannot be merged, so they stay."""

from pathlib import Path
from typing import Any

from core.base_models.backbone import layers_of
from core.domain.message import msg
from core.domain.recipe import TrainingRecipe
from core.techniques.adapters import put_back
from core.techniques.protocol import Adaptable, Technique

LENGTH = "prefix_length"  #: of config.json: that the weights of prefixes lie among those of the model
SPREAD = 0.5  # of the vectors at the start; about that of what the layers of an encoder read
HIDDEN = ("hidden_states", "hidden_state", "x")  # what families call what a layer reads


class PrefixTuning(Technique):
    """Each layer reads n trained vectors of its own in front of the text's: queries of the text meet their keys and
    values, made by the layer's own maps, and what the layer gives at their places is dropped.

    The paper trains keys and values themselves. Vectors in front of what a layer reads fit every architecture, whatever
    its attention does with positions; the model counts them as words, so the text begins at position n and may be n
    tokens shorter. Pooling never sees them. Head and vectors are trained; everything else stays.
    """

    name = "prefix"
    title = msg("Learned words in front (prefix tuning)")
    help = msg(
        "Puts a few trained vectors in front of the text in each layer: the smallest thing to store that steers all layers."
    )
    cost = msg("About as long as adapters take; answering takes longer, as every text gets longer.")
    paper = "Li & Liang, 2021, arXiv:2101.00190; Liu et al., 2021, arXiv:2110.07602"
    learning_rate_factor = 20.0

    def prepare(self, classifier: Adaptable, recipe: TrainingRecipe) -> None:
        for parameter in classifier.backbone.parameters():
            parameter.requires_grad = False
        attach_prefixes(classifier.backbone, recipe.prefix_length)

    def n_positions(self, recipe: TrainingRecipe) -> int:
        return recipe.prefix_length


def attach_prefixes(backbone: Any, length: int) -> None:
    """Put `length` vectors, drawn at random, in front of what every layer reads."""
    import torch
    from torch import nn

    _, _, layers = layers_of(backbone)
    for layer in layers:
        layer.prefix = nn.Parameter(SPREAD * torch.randn(length, backbone.config.hidden_size))
        layer.register_forward_pre_hook(_led_in, with_kwargs=True)
    backbone.register_forward_pre_hook(_with_room, with_kwargs=True)
    backbone.register_forward_hook(_without_room)
    setattr(backbone.config, LENGTH, length)


def load_prefixes(backbone: Any, folder: Path) -> None:
    """Put back the prefixes that `backbone` was saved to `folder` with, if it had any."""
    if length := getattr(backbone.config, LENGTH, 0):
        attach_prefixes(backbone, length)
        put_back(backbone, folder, ".prefix")


def _with_room(backbone: Any, inputs: Any, named: dict[str, Any]) -> Any:
    """The text's first token once more for every vector: any that is no padding holds its place."""
    import torch

    ids, mask, n = named["input_ids"], named["attention_mask"], getattr(backbone.config, LENGTH)
    ids = torch.cat([ids[:, :1].expand(-1, n), ids], 1)
    mask = torch.cat([torch.ones_like(mask[:, :1]).expand(-1, n), mask], 1)
    return inputs, named | {"input_ids": ids, "attention_mask": mask}


def _without_room(backbone: Any, inputs: Any, output: Any) -> Any:
    output.last_hidden_state = output.last_hidden_state[:, getattr(backbone.config, LENGTH) :]
    return output


def _led_in(layer: Any, inputs: Any, named: dict[str, Any]) -> Any:
    import torch

    name = next((one for one in HIDDEN if one in named), None)
    hidden = inputs[0] if name is None else named[name]
    prefix = layer.prefix.to(hidden.dtype).expand(hidden.shape[0], -1, -1)  # not its len(): export keeps the batch free
    hidden = torch.cat([prefix, hidden[:, prefix.shape[1] :]], 1)
    return ((hidden, *inputs[1:]), named) if name is None else (inputs, named | {name: hidden})
