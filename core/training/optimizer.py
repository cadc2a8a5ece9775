"""AdamW over a few flat vectors instead of hundreds of small tensors, with fp32 master weights for half precision.

All trainable parameters of one kind (decayed or not, number format) become views into one flat vector, and so do their
gradients: zeroing, clipping, stepping and saving are then a handful of operations whatever the model.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import nn

from core.domain.recipe import TrainingRecipe
from core.training.model import WORDS, Classifier, CompactEmbedding, depths, trainable

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
    depth: int  #: of all of them where the optimizer is layered, else 0
    weights: torch.Tensor
    gradient: torch.Tensor
    master: nn.Parameter

    @property
    def is_half(self) -> bool:
        return self.master.data.dtype != self.weights.dtype


class FlatAdamW:
    """The optimizer of the loop. Build it after the model is on its device and in its precision.

    `backward` results land in the parameters' `.grad` as ever; call `collect` after each pass, then `step` and `clear`.
    """

    def __init__(
        self,
        classifier: Classifier,
        recipe: TrainingRecipe,
        masters: Mapping[str, torch.Tensor],
        *,
        layered: bool = False,
    ) -> None:
        """`masters` are fp32 values by name (see `fp32_state`), taken before the model was rounded. With `layered`
        every layer has vectors of its own, so that `at_depths` can give each its own learning rate."""
        self.max_grad_norm = recipe.max_grad_norm
        kinds = _kinds(classifier, depths(classifier) if layered else {})
        self.groups = [
            _flatten(parts, recipe.weight_decay if decayed else 0.0, depth, masters)
            for (decayed, _, depth), parts in sorted(kinds.items(), key=lambda item: str(item[0]))
        ]
        self.n_layers = max(group.depth for group in self.groups) - 1  #: where layered; the head lies behind them
        device = self.groups[0].weights.device
        self._adamw = torch.optim.AdamW(
            [{"params": [g.master], "weight_decay": g.decay} for g in self.groups],
            lr=recipe.learning_rate,
            fused=device.type in ("cpu", "cuda"),
        )
        self.scaler = torch.amp.GradScaler(
            device.type, enabled=any(g.weights.dtype == torch.float16 for g in self.groups)
        )
        self._rates = [1.0] * len(self.groups)
        self._slopes = [torch.zeros_like(g.master) if g.is_half else g.gradient for g in self.groups]
        for group, slope in zip(self.groups, self._slopes, strict=True):
            group.master.grad = slope

    def at_depths(self, rate_of: Callable[[int], float]) -> None:
        """From now on a group at depth d learns at `rate_of(d)` times the learning rate; at 0 it rests as if frozen."""
        self._rates = [rate_of(group.depth) for group in self.groups]
        for group, rate, slope in zip(self.groups, self._rates, self._slopes, strict=True):
            group.master.grad = slope if rate else None  # AdamW passes over what has no gradient
            for parameter in group.parameters:
                parameter.requires_grad_(bool(rate))

    def collect(self) -> None:
        """Add the half-precision gradients of one pass to the fp32 sum."""
        for group in self.groups:
            if group.is_half and group.master.grad is not None:
                group.master.grad += group.gradient
                group.gradient.zero_()

    def gradient_norm(self) -> torch.Tensor:
        """The length of the summed gradient, unscaled. Call once before `step`."""
        if self.scaler.is_enabled():
            self.scaler.unscale_(self._adamw)
        norms = [torch.linalg.vector_norm(slope) for slope in self.gradients()]
        total: torch.Tensor = torch.linalg.vector_norm(torch.stack(norms))
        return total

    def step(self, learning_rate: float, norm: torch.Tensor) -> None:
        """Clip and update. The gradients stay until `clear`."""
        for options, rate in zip(self._adamw.param_groups, self._rates, strict=True):
            options["lr"] = learning_rate * rate
        if self.max_grad_norm:
            factor = (self.max_grad_norm / (norm + 1e-6)).clamp(max=1.0)
            if factor.device.type != "cpu" or float(factor) < 1.0:
                for slope in self.gradients():
                    slope *= factor
        self.scaler.step(self._adamw)
        if self.scaler.is_enabled():
            self.scaler.update()
        self.changed()

    def clear(self) -> None:
        """Empty the gradients."""
        for slope in self.gradients():
            slope.zero_()

    def vectors(self) -> list[torch.Tensor]:
        """The fp32 weights themselves, one flat vector per group. Whoever writes to them calls `changed`."""
        return [group.master.data for group in self.groups]

    def gradients(self) -> list[torch.Tensor]:
        """The gradients themselves, one flat vector per group; zeros for a group that rests."""
        return self._slopes

    def changed(self) -> None:
        """The fp32 weights were written to: what computes is rounded from them again."""
        for group in self.groups:
            if group.is_half:
                group.weights.copy_(group.master.data)

    def by_name(self) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """Views of every parameter's fp32 value and gradient."""
        found: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
        for group, slope in zip(self.groups, self._slopes, strict=True):
            sizes = [p.numel() for p in group.parameters]
            parts = zip(torch.split(group.master.data, sizes), torch.split(slope, sizes), strict=True)
            for name, parameter, (value, gradient) in zip(group.names, group.parameters, parts, strict=True):
                found[name] = (value.view(parameter.shape), gradient.view(parameter.shape))
        return found

    def put(self, state: Mapping[str, torch.Tensor]) -> None:
        """Replace the weights by those of `weights_by_name`."""
        for name, (value, _) in self.by_name().items():
            value.copy_(state[name])
        self.changed()

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
            prefix = f"{i}."
            self._adamw.state[group.master] = {
                name.removeprefix(prefix): value.to(device)
                for name, value in tensors.items()
                if name.startswith(prefix) and name != f"{i}.master"
            }
        self.changed()
        if self.scaler.is_enabled():
            scale, growth = tensors["scaler"].tolist()
            self.scaler.load_state_dict(self.scaler.state_dict() | {"scale": scale, "_growth_tracker": int(growth)})


def fp32_state(classifier: Classifier) -> dict[str, torch.Tensor]:
    return {name: p.detach().float().clone() for name, p in trainable(classifier).items()}


_Kinds = dict[tuple[bool, torch.dtype, int], dict[str, nn.Parameter]]


def _kinds(classifier: Classifier, depth_of: Mapping[str, int]) -> _Kinds:
    plain = {id(p) for m in classifier.modules() if isinstance(m, NO_DECAY) for p in m.parameters(recurse=False)}
    kinds: _Kinds = {}
    for name, parameter in trainable(classifier).items():
        is_matrix = parameter.ndim > 1 and ".ia3_l." not in name  # IA3 keeps its vectors of factors as (1, n)
        decayed = is_matrix and id(parameter) not in plain and name != WORDS
        kinds.setdefault((decayed, parameter.dtype, depth_of.get(name, 0)), {})[name] = parameter
    return kinds


def _flatten(
    parts: Mapping[str, nn.Parameter], decay: float, depth: int, masters: Mapping[str, torch.Tensor]
) -> _Group:
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
    return _Group(list(parts), parameters, decay, depth, weights, gradient, master)


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
