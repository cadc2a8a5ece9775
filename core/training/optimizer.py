"""AdamW over a few flat vectors instead of hundreds of small tensors, with fp32 master weights for half precision.

All trainable parameters of one kind (decayed or not, number format) become views into one flat vector, and so do their
gradients: zeroing, clipping, stepping and saving are then a handful of operations whatever the model.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

from core.domain.recipe import TrainingRecipe
from core.training.model import WORDS, Classifier, CompactEmbedding, trainable

NO_DECAY = (nn.LayerNorm, nn.Embedding, CompactEmbedding)
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def in_precision(classifier: Classifier, precision: str) -> None:
    """Turn the encoder to `precision`; word rows, head and loss stay fp32."""
    dtype = DTYPES[precision]
    words = classifier.backbone.get_input_embeddings()
    for parameter in classifier.backbone.parameters():  # not the buffers: rotary frequencies need fp32
        parameter.data = parameter.data.to(torch.float32 if parameter is words.weight else dtype)
    words.output_dtype = dtype


@dataclass(slots=True)
class _Group:
    """Parameters that share a vector. Without half precision `master` is the very vector the parameters view."""

    names: list[str]
    parameters: list[nn.Parameter]
    decay: float
    weights: torch.Tensor
    gradient: torch.Tensor
    master: nn.Parameter

    @property
    def is_half(self) -> bool:
        return self.master.data.dtype != self.weights.dtype


class FlatAdamW:
    """The optimizer of the loop. Build it after the model is on its device and in its precision.

    `backward` results land in the parameters' `.grad` as ever; call `collect` after each pass and `step` after the last.
    """

    def __init__(self, classifier: Classifier, recipe: TrainingRecipe, masters: Mapping[str, torch.Tensor]) -> None:
        """`masters` are fp32 values by name (see `fp32_state`), taken before the model was rounded."""
        self.max_grad_norm = recipe.max_grad_norm
        self.groups = [
            _flatten(parts, recipe.weight_decay if decayed else 0.0, masters)
            for (decayed, _), parts in sorted(_kinds(classifier).items(), key=lambda item: str(item[0]))
        ]
        device = self.groups[0].weights.device
        self._adamw = torch.optim.AdamW(
            [{"params": [g.master], "weight_decay": g.decay} for g in self.groups],
            lr=recipe.learning_rate,
            fused=device.type in ("cpu", "cuda"),
        )
        self.scaler = torch.amp.GradScaler(
            device.type, enabled=any(g.weights.dtype == torch.float16 for g in self.groups)
        )
        for group in self.groups:
            group.master.grad = torch.zeros_like(group.master) if group.is_half else group.gradient

    def collect(self) -> None:
        """Add the half-precision gradients of one pass to the fp32 sum."""
        for group in self.groups:
            if group.is_half:
                assert group.master.grad is not None
                group.master.grad += group.gradient
                group.gradient.zero_()

    def gradient_norm(self) -> torch.Tensor:
        """The length of the summed gradient, unscaled. Call once before `step`."""
        if self.scaler.is_enabled():
            self.scaler.unscale_(self._adamw)
        norms = [torch.linalg.vector_norm(g.master.grad) for g in self.groups if g.master.grad is not None]
        total: torch.Tensor = torch.linalg.vector_norm(torch.stack(norms))
        return total

    def step(self, learning_rate: float, norm: torch.Tensor) -> None:
        """Clip, update, and empty the gradients."""
        for options in self._adamw.param_groups:
            options["lr"] = learning_rate
        if self.max_grad_norm:
            factor = (self.max_grad_norm / (norm + 1e-6)).clamp(max=1.0)
            if factor.device.type != "cpu" or float(factor) < 1.0:
                for group in self.groups:
                    assert group.master.grad is not None
                    group.master.grad *= factor
        self.scaler.step(self._adamw)
        if self.scaler.is_enabled():
            self.scaler.update()
        for group in self.groups:
            assert group.master.grad is not None
            group.master.grad.zero_()
            if group.is_half:
                group.weights.copy_(group.master.data)

    def weights_by_name(self) -> dict[str, torch.Tensor]:
        """A copy of the fp32 weights on the CPU: the trained state of `core.training.model`."""
        state: dict[str, torch.Tensor] = {}
        for group in self.groups:
            flat = group.master.detach().to("cpu", copy=True)
            sizes = [p.numel() for p in group.parameters]
            for name, parameter, part in zip(group.names, group.parameters, torch.split(flat, sizes), strict=True):
                state[name] = part.view(parameter.shape)
        return state

    def state(self) -> dict[str, torch.Tensor]:
        """Master weights and moments by name, for a checkpoint."""
        tensors: dict[str, torch.Tensor] = {}
        for i, group in enumerate(self.groups):
            tensors[f"{i}.master"] = group.master.detach().cpu()
            for name, value in self._adamw.state[group.master].items():
                tensors[f"{i}.{name}"] = value.detach().cpu()
        if self.scaler.is_enabled():
            scale = self.scaler.state_dict()
            tensors["scaler"] = torch.tensor([scale["scale"], scale["_growth_tracker"]], dtype=torch.float64)
        return tensors

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        for i, group in enumerate(self.groups):
            device = group.master.device
            group.master.data.copy_(tensors[f"{i}.master"])
            if group.is_half:
                group.weights.copy_(group.master.data)
            prefix = f"{i}."
            self._adamw.state[group.master] = {
                name.removeprefix(prefix): value.to(device)
                for name, value in tensors.items()
                if name.startswith(prefix) and name != f"{i}.master"
            }
        if self.scaler.is_enabled():
            scale, growth = tensors["scaler"].tolist()
            self.scaler.load_state_dict(self.scaler.state_dict() | {"scale": scale, "_growth_tracker": int(growth)})


def fp32_state(classifier: Classifier) -> dict[str, torch.Tensor]:
    return {name: p.detach().float().clone() for name, p in trainable(classifier).items()}


_Kinds = dict[tuple[bool, torch.dtype], dict[str, nn.Parameter]]


def _kinds(classifier: Classifier) -> _Kinds:
    plain = {id(p) for m in classifier.modules() if isinstance(m, NO_DECAY) for p in m.parameters(recurse=False)}
    kinds: _Kinds = {}
    for name, parameter in trainable(classifier).items():
        decayed = parameter.ndim > 1 and id(parameter) not in plain and name != WORDS
        kinds.setdefault((decayed, parameter.dtype), {})[name] = parameter
    return kinds


def _flatten(parts: Mapping[str, nn.Parameter], decay: float, masters: Mapping[str, torch.Tensor]) -> _Group:
    parameters = list(parts.values())
    device, dtype = parameters[0].device, parameters[0].dtype
    exact = torch.cat([masters[name].reshape(-1) for name in parts]).to(device)
    weights = exact.to(dtype)
    gradient = torch.zeros_like(weights)
    sizes = [p.numel() for p in parameters]
    for parameter, view, slope in zip(
        parameters, torch.split(weights, sizes), torch.split(gradient, sizes), strict=True
    ):
        parameter.data = view.view(parameter.shape)
        parameter.grad = slope.view(parameter.shape)
    master = nn.Parameter(weights if dtype == torch.float32 else exact)
    return _Group(list(parts), parameters, decay, weights, gradient, master)


def learning_rate_at(step: int, n_steps: int, recipe: TrainingRecipe) -> float:
    """The learning rate of update `step` (1-based): linear warm-up, then the recipe's schedule down to zero."""
    n_warmup = math.ceil(recipe.warmup_ratio * n_steps)
    if step <= n_warmup:
        return recipe.learning_rate * step / n_warmup
    if recipe.schedule == "constant":
        return recipe.learning_rate
    done = (step - 1 - n_warmup) / max(1, n_steps - n_warmup)
    share = (1 + math.cos(math.pi * done)) / 2 if recipe.schedule == "cosine" else 1 - done
    return recipe.learning_rate * share
