"""Gradual unfreezing: the head learns first, then one layer after the other joins, from the top down."""

from collections.abc import Mapping

from core.domain.message import msg
from core.techniques.protocol import Extra, Signal, Weights

SHARE = 1 / 3  # of the steps after which everything learns


class GradualUnfreezing(Extra):
    """Depth d begins to learn when the share (n_layers + 1 - d) / (n_layers + 1) / 3 of the steps is made.

    The paper frees one layer an epoch; a run of two or three epochs has no room for that.
    """

    name = "gradual_unfreezing"
    title = msg("Gradual unfreezing")
    help = msg("The new head settles before it may move the language model: helps with few examples.")
    cost = msg("Saves a little time.")
    paper = "Howard & Ruder, 2018, arXiv:1801.06146"
    slower = 0.9
    layered = True
    signal_titles = (("layers_learning", msg("Layers that learn")),)

    def layer_rate(self, depth: int, n_layers: int, done: float) -> float:
        self.at = (n_layers, done)
        opens_at = SHARE * (n_layers + 1 - depth) / (n_layers + 1)
        return 1.0 if done >= opens_at else 0.0

    def signals(self, weights: Weights) -> Mapping[str, Signal]:
        n_layers, done = self.at
        return {"layers_learning": sum(self.layer_rate(depth, n_layers, done) for depth in range(1, n_layers + 1))}
