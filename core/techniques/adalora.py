"""AdaLoRA: low-rank additions that share a budget of ranks, which goes to where it pays. Layers of peft, budget of ours."""

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.domain.message import msg
from core.domain.recipe import TrainingRecipe
from core.techniques.protocol import Adaptable, Signal, Technique, Tensors, Weights

if TYPE_CHECKING:
    import torch

SURPLUS = 1.5  # ranks at the start, as a multiple of what is left at the end
FIRST, LAST = 0.15, 0.7  # shares of the steps between which ranks are taken away
MEMORY = 0.85  # of the moving averages of sensitivity and of its uncertainty
ORTHOGONAL = 0.5  # strength of the pull that keeps the directions orthogonal


class AdaLoRA(Technique):
    """A linear map W becomes W + alpha / r * B diag(e) A, with e = 0 at the start, and each place of e may be taken away.

    The score of a place is the mean over its row of A, its column of B and its e of averaged |w g| times the averaged
    deviation from it; the lowest over all maps are set to 0 until the budget holds, which falls with the cube of time.
    From 70% of the steps on the choice stands. Departures from the paper: A and B start orthonormal, and the pull that
    keeps them so is decoupled from Adam.
    """

    name = "adalora"
    title = msg("Small added weights where they pay (AdaLoRA)")
    help = msg("Like LoRA, but gives the layers that need it more room: for small ranks and long runs.")
    cost = msg("A little more time than LoRA; training state shrinks to a few percent.")
    paper = "Zhang et al., 2023, arXiv:2303.10512"
    learning_rate_factor = 5.0
    signal_titles = (("adalora_ranks", msg("Ranks in use")),)

    def prepare(self, classifier: Adaptable, recipe: TrainingRecipe) -> None:
        import torch
        from peft import AdaLoraConfig, get_peft_model

        rank = round(SURPLUS * recipe.lora_rank)
        config = AdaLoraConfig(
            init_r=rank,
            target_r=recipe.lora_rank,
            lora_alpha=recipe.lora_alpha,
            target_modules="all-linear",
            total_step=10**9,  # of peft's own budget, which is not used
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # peft still asks transformers by a name it deprecates
            classifier.backbone = get_peft_model(classifier.backbone, config)
        for name, parameter in classifier.backbone.named_parameters():
            if ".lora_A." in name or ".lora_B." in name:
                torch.nn.init.orthogonal_(parameter)

    def after_step(self, classifier: Any, weights: Weights, step: int, n_steps: int, learning_rate: float) -> None:
        import torch

        named = weights.by_name()
        state: Tensors = classifier.__dict__.setdefault("adalora", {})
        places = [name for name in named if ".lora_E." in name]
        done = step / n_steps
        if done <= LAST or "kept" not in state:
            scores = torch.cat([_score(name, named, state) for name in places])
            state["kept"] = _best(scores, _budget(len(scores), done))
        parts = torch.split(state["kept"], [named[name][0].numel() for name in places])
        for name, kept in zip(places, parts, strict=True):
            named[name][0].mul_(kept.view(-1, 1))
            for side in ("A", "B"):
                value = named[_sibling(name, side)][0]
                rows = value if side == "A" else value.T
                pull = (rows @ rows.T - torch.eye(len(rows), device=rows.device)) @ rows
                rows.sub_(pull, alpha=4 * ORTHOGONAL * learning_rate)
        weights.changed()

    def signals(self, classifier: Any) -> Mapping[str, Signal]:
        return {"adalora_ranks": classifier.__dict__["adalora"]["kept"].sum()}

    def state(self, classifier: Any) -> Tensors:
        return {name: value.cpu() for name, value in classifier.__dict__.get("adalora", {}).items()}

    def restore(self, classifier: Any, state: Mapping[str, "torch.Tensor"]) -> None:
        device = classifier.head.weight.device
        classifier.__dict__["adalora"] = {name: value.to(device) for name, value in state.items()}

    def merge(self, classifier: Adaptable) -> None:
        classifier.backbone = classifier.backbone.merge_and_unload(safe_merge=True)


def _sibling(name: str, side: str) -> str:
    return name.replace(".lora_E.", f".lora_{side}.")


def _score(name: str, named: "dict[str, tuple[torch.Tensor, torch.Tensor]]", state: Tensors) -> "torch.Tensor":
    """How much each place of one map matters, of shape (rank,)."""
    e = _averaged(name, named, state).view(-1)
    a = _averaged(_sibling(name, "A"), named, state).mean(1)
    b = _averaged(_sibling(name, "B"), named, state).mean(0)
    return e + a + b


def _averaged(name: str, named: "dict[str, tuple[torch.Tensor, torch.Tensor]]", state: Tensors) -> "torch.Tensor":
    value, gradient = named[name]
    sensitivity = (value * gradient).abs()
    mean, deviation = f"{name}.mean", f"{name}.deviation"
    if mean not in state:
        state[mean], state[deviation] = sensitivity.new_zeros(value.shape), sensitivity.new_zeros(value.shape)
    state[mean].lerp_(sensitivity, 1 - MEMORY)
    state[deviation].lerp_((sensitivity - state[mean]).abs(), 1 - MEMORY)
    return state[mean] * state[deviation]


def _budget(n_places: int, done: float) -> int:
    left = n_places / SURPLUS
    share = min(1.0, max(0.0, (done - FIRST) / (LAST - FIRST)))
    return round(left + (n_places - left) * (1 - share) ** 3)


def _best(scores: "torch.Tensor", n: int) -> "torch.Tensor":
    """1.0 at the `n` highest scores, the earlier ones of equals."""
    kept = scores.new_zeros(len(scores))
    kept[scores.argsort(descending=True, stable=True)[:n]] = 1.0
    return kept
