"""Focal loss: examples that are already answered well count less."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.domain.message import msg
from core.techniques.protocol import Extra, Pass, Signal, Weights

if TYPE_CHECKING:
    import torch


class FocalLoss(Extra):
    """The loss of a row becomes -sum_c w_c q_c (1 - p_c)^gamma log p_c, with gamma = `recipe.focal_gamma`.

    gamma 0 is cross entropy. 1 - p is kept above 1e-6, where its power has no usable gradient.
    """

    name = "focal_loss"
    title = msg("Focal loss")
    help = msg("Looks at what is still answered wrong: helps where most examples are easy and a rare kind is not.")
    cost = msg("Costs nothing.")
    paper = "Lin et al., 2017, arXiv:1708.02002"
    signal_titles = (("focal_weight", msg("How much an example still counts")),)

    def on_loss(self, batch: Pass, loss: "torch.Tensor") -> "torch.Tensor":
        log_proba = batch.logits.float().log_softmax(-1)
        missing = (1 - log_proba.exp()).clamp_min(1e-6) ** self.recipe.focal_gamma
        shares = batch.shares()
        self.weight = (shares * missing.detach()).sum(-1).mean()
        each = -shares * missing * log_proba
        if batch.label_weights is not None:
            each = each * batch.label_weights
        return each.sum()

    def signals(self, weights: Weights) -> Mapping[str, Signal]:
        return {"focal_weight": self.weight}
