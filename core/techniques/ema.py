"""A moving average of the weights is what is checked and kept."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.domain.message import msg
from core.techniques.distance import relative_distance
from core.techniques.protocol import Extra, Running, Signal, Tensors, Weights

if TYPE_CHECKING:
    import torch

DECAY = 0.999


class ExponentialMovingAverage(Extra):
    """After update t the average a becomes d a + (1 - d) w with d = min(0.999, (1 + t) / (10 + t)).

    Training itself goes on with w; check-ups see a, and a is what is published.
    """

    name = "ema"
    title = msg("Moving average of the weights")
    help = msg(
        "Publishes the average of the last steps instead of the last step: steadier where single steps jump about."
    )
    cost = msg("A few percent more time, one more copy of the weights in memory.")
    paper = "Morales-Brotons et al., 2024, arXiv:2411.18704"
    slower = 1.05
    signal_titles = (("ema_distance", msg("How far the weights are from their average")),)

    def begin(self, running: Running) -> None:
        self.average = [vector.clone() for vector in running.weights.vectors()]

    def after_step(self, weights: Weights, step: int, learning_rate: float) -> None:
        decay = min(DECAY, (1 + step) / (10 + step))
        for average, vector in zip(self.average, weights.vectors(), strict=True):
            average.lerp_(vector, 1 - decay)

    def signals(self, weights: Weights) -> Mapping[str, Signal]:
        return {"ema_distance": relative_distance(zip(weights.vectors(), self.average, strict=True))}

    def before_check(self, weights: Weights) -> None:
        self.training = [vector.clone() for vector in weights.vectors()]
        _put(self.average, weights)

    def after_check(self, weights: Weights) -> None:
        _put(self.training, weights)
        self.training = []

    def state(self) -> Tensors:
        return {str(i): average.cpu() for i, average in enumerate(self.average)}

    def restore(self, state: Mapping[str, "torch.Tensor"]) -> None:
        for i, average in enumerate(self.average):
            average.copy_(state[str(i)])


def _put(values: "list[torch.Tensor]", weights: Weights) -> None:
    for vector, value in zip(weights.vectors(), values, strict=True):
        vector.copy_(value)
    weights.changed()
