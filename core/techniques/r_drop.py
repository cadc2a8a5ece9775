"""R-Drop: two readings of a text under different dropout should agree."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from core.domain.message import msg
from core.techniques.protocol import Extra, Pass, Signal, Weights

if TYPE_CHECKING:
    import torch


class RDrop(Extra):
    """Every text is read twice. With answers p1 and p2 its loss is the mean of both cross entropies plus
    alpha * (KL(p1 || p2) + KL(p2 || p1)) / 2, with alpha = `recipe.r_drop_alpha`.
    """

    name = "r_drop"
    title = msg("Two readings agree (R-Drop)")
    help = msg("Each text is read twice and both answers should agree: for when accuracy counts more than time.")
    cost = msg("Almost twice the time.")
    paper = "Liang et al., 2021, arXiv:2106.14448"
    slower = 2.0
    signal_titles = (("r_drop_divergence", msg("How far both readings are apart")),)

    def on_tokens(self, batch: Pass) -> None:
        batch.ids, batch.mask = batch.ids.repeat(2, 1), batch.mask.repeat(2, 1)
        batch.lengths = None if batch.lengths is None else np.tile(batch.lengths, 2)
        batch.counts = None if batch.counts is None else np.tile(batch.counts, 2)
        batch.repeat(2)

    def on_loss(self, batch: Pass, loss: "torch.Tensor") -> "torch.Tensor":
        n_rows = len(batch.labels) // batch.copies
        log_proba = batch.logits.float().log_softmax(-1).view(-1, 2, n_rows, batch.n_labels)
        one, other = log_proba[:, 0], log_proba[:, 1]
        apart = (one.exp() - other.exp()) * (one - other)  # sums to KL(one || other) + KL(other || one)
        self.apart = apart.detach().sum() / len(batch.labels)  # mean of (KL(p1 || p2) + KL(p2 || p1)) / 2 of a text
        return loss + self.recipe.r_drop_alpha * apart.sum()

    def signals(self, weights: Weights) -> Mapping[str, Signal]:
        return {"r_drop_divergence": self.apart}
