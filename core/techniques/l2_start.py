"""L2-SP: a pull back to where the pretrained weights started, instead of to zero."""

from collections.abc import Mapping

from core.domain.message import msg
from core.techniques.distance import START, relative_distance
from core.techniques.protocol import Extra, Running, Signal, Weights


class PullToStart(Extra):
    """After each update w becomes w - eta * strength * (w - w_start), with learning rate eta; the head is left alone.

    The pull is decoupled from Adam, as AdamW does it with weight decay; it holds a weight within about 1 / strength.
    """

    name = "l2_start"
    title = msg("Pull to the pretrained weights (L2-SP)")
    help = msg("Holds the language model near where it started: helps with few examples and many passes.")
    cost = msg("A few percent more time, one more copy of the weights in memory.")
    paper = "Li et al., 2018, arXiv:1802.01483"
    slower = 1.05
    signal_titles = START

    def begin(self, running: Running) -> None:
        named = running.weights.by_name().items()
        self.pairs = [(value, value.clone()) for name, (value, _) in named if not name.startswith("head.")]

    def after_step(self, weights: Weights, step: int, learning_rate: float) -> None:
        share = min(1.0, learning_rate * self.recipe.start_pull)
        for value, start in self.pairs:
            value.lerp_(start, share)
        weights.changed()

    def signals(self, weights: Weights) -> Mapping[str, Signal]:
        return {"start_distance": relative_distance(self.pairs)}
