"""Supervised contrastive term: texts of one category draw together, others apart."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.domain.message import msg
from core.techniques.protocol import Extra, Pass, Signal, Weights

if TYPE_CHECKING:
    import torch

TEMPERATURE = 0.3
FAR = -1e9  # stands for minus infinity where a row would meet itself


class SupervisedContrastive(Extra):
    """With text vectors z of length 1 and the rows P(i) of the pass that share i's category, row i adds
    -1/|P(i)| sum_{j in P(i)} log(exp(z_i z_j / t) / sum_{k != i} exp(z_i z_k / t)), t = 0.3.

    The loss is (1 - share) of the usual one plus share of this, share = `recipe.contrastive_share`. A row that is alone
    with its category adds nothing.
    """

    name = "contrastive"
    title = msg("Same category, near together (contrastive)")
    help = msg(
        "Draws texts of one category together: helps with few examples; batches should hold several of each category."
    )
    cost = msg("Costs nothing.")
    paper = "Gunel et al., 2020, arXiv:2011.01403"
    signal_titles = (("contrastive_loss", msg("Contrastive loss")),)

    def on_vectors(self, batch: Pass) -> None:
        import torch
        from torch.nn import functional

        vectors = functional.normalize(batch.vectors, dim=-1)
        n_rows = len(vectors)
        labels = batch.labels[:n_rows]  # other extras may repeat the rows behind us
        near = vectors @ vectors.T / TEMPERATURE
        near = near.masked_fill(torch.eye(n_rows, dtype=torch.bool, device=near.device), FAR)
        same = (labels[:, None] == labels).float().fill_diagonal_(0.0)
        each = (near.log_softmax(-1) * same).sum(-1) / same.sum(-1).clamp_min(1.0)
        self.term = -each.sum() * (len(batch.labels) / n_rows)

    def on_loss(self, batch: Pass, loss: "torch.Tensor") -> "torch.Tensor":
        share = self.recipe.contrastive_share
        self.mean = self.term.detach() / len(batch.labels)
        return (1 - share) * loss + share * self.term

    def signals(self, weights: Weights) -> Mapping[str, Signal]:
        return {"contrastive_loss": self.mean}
