"""Bottleneck adapters: two small linear maps behind each layer. They cannot be merged, so they stay in the graph."""

from pathlib import Path
from typing import Any

from core.base_models.backbone import layers_of
from core.domain.message import msg
from core.domain.recipe import TrainingRecipe
from core.techniques.protocol import Adaptable, Technique

SIZE = "adapter_size"  #: of config.json: that the weights of adapters lie among those of the model


class BottleneckAdapters(Technique):
    """The output h of each layer becomes h + U gelu(D h) with D of shape (size, hidden) and U = 0 at the start.

    The paper puts two of them inside each layer; one behind the whole layer fits every architecture. Head and adapters
    are trained; everything else stays.
    """

    name = "adapters"
    title = msg("Small added layers (adapters)")
    help = msg(
        "Puts a small trained layer behind each layer: needs less memory, and can learn what factors alone cannot."
    )
    cost = msg("A third less time, training state shrinks to a few percent; answering takes a little longer.")
    paper = "Houlsby et al., 2019, arXiv:1902.00751"
    learning_rate_factor = 5.0

    def prepare(self, classifier: Adaptable, recipe: TrainingRecipe) -> None:
        for parameter in classifier.backbone.parameters():
            parameter.requires_grad = False
        attach_adapters(classifier.backbone, recipe.adapter_size)


def attach_adapters(backbone: Any, size: int) -> None:
    """Give every layer an adapter that changes nothing yet."""
    from torch import nn

    _, _, layers = layers_of(backbone)
    for layer in layers:
        down, up = nn.Linear(backbone.config.hidden_size, size), nn.Linear(size, backbone.config.hidden_size)
        nn.init.normal_(down.weight, std=0.02)
        for zero in (down.bias, up.weight, up.bias):
            nn.init.zeros_(zero)
        layer.adapter = nn.Sequential(down, nn.GELU(), up)
        layer.register_forward_hook(_adapted)
    setattr(backbone.config, SIZE, size)


def _adapted(layer: Any, inputs: Any, output: Any) -> Any:
    if isinstance(output, tuple):
        return (output[0] + layer.adapter(output[0]), *output[1:])
    return output + layer.adapter(output)


def load_adapters(backbone: Any, folder: Path) -> None:
    """Put back the adapters that `backbone` was saved to `folder` with, if it had any."""
    size = getattr(backbone.config, SIZE, 0)
    if not size:
        return
    attach_adapters(backbone, size)
    put_back(backbone, folder, ".adapter.")


def put_back(backbone: Any, folder: Path, part: str) -> None:
    """Copy the weights whose names hold `part` out of the model's files in `folder`."""
    import torch
    from safetensors import safe_open

    parameters = dict(backbone.named_parameters())
    for path in folder.glob("model*.safetensors"):
        with safe_open(path, "pt") as file, torch.no_grad():
            for name in file.keys():  # noqa: SIM118 (not a dict)
                if part in name:
                    parameters[name].copy_(file.get_tensor(name))
