"""Mixup: also train on texts that lie between two others."""

from typing import TYPE_CHECKING

import numpy as np

from core.domain.message import msg
from core.techniques.protocol import Extra, Pass

if TYPE_CHECKING:
    import torch


class Mixup(Extra):
    """The text vectors and targets of a row and of another one of the pass become lambda x + (1 - lambda) x', with
    lambda ~ Beta(alpha, alpha) and at least 1/2, drawn once per row and pass; alpha = `recipe.mixup_alpha`.
    """

    name = "mixup"
    title = msg("Texts in between (mixup)")
    help = msg("Trains on mixtures of two texts too: less overconfident answers, and a help with few examples.")
    cost = msg("Costs nothing.")
    paper = "Guo et al., 2019, arXiv:1905.08941"

    def on_tokens(self, batch: Pass) -> None:
        import torch

        draw = np.random.default_rng(int(torch.randint(2**63 - 1, ())))
        n_rows, alpha = len(batch.labels), self.recipe.mixup_alpha
        drawn = draw.beta(alpha, alpha, size=(n_rows, 1))
        device = batch.labels.device
        self.share = torch.from_numpy(np.maximum(drawn, 1 - drawn)).float().to(device)
        self.other = torch.from_numpy(draw.permutation(n_rows)).to(device)
        batch.targets = self._mixed(batch.shares())

    def on_vectors(self, batch: Pass) -> None:
        batch.vectors = self._mixed(batch.vectors)

    def _mixed(self, values: "torch.Tensor") -> "torch.Tensor":
        return self.share * values + (1 - self.share) * values[self.other]
