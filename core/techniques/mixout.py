"""Mixout: in every step a random share of the weights stands where it started."""

from collections.abc import Mapping

from core.domain.message import msg
from core.techniques.distance import START, relative_distance
from core.techniques.protocol import Extra, Running, Signal, Weights


class Mixout(Extra):
    """A step computes with ((1 - m) w + m w_start - p w_start) / (1 - p), with m = 1 for the share p of single weights.

    One mask serves a whole step. p = `recipe.mixout_share`.
    """

    name = "mixout"
    title = msg("Mix with the pretrained weights (Mixout)")
    help = msg("Every step sets a share of the weights back to the start: steadies training on a few hundred examples.")
    cost = msg("More time where batches are small, and three more copies of the weights in memory.")
    paper = "Lee et al., 2019, arXiv:1909.11299"
    slower = 1.4
    signal_titles = START

    def begin(self, running: Running) -> None:
        self.start = [vector.clone() for vector in running.weights.vectors()]

    def before_step(self, weights: Weights) -> None:
        import torch

        share = self.recipe.mixout_share
        vectors = weights.vectors()
        self.trained = [vector.clone() for vector in vectors]
        self.kept = [torch.empty_like(vector).bernoulli_(1 - share).div_(1 - share) for vector in vectors]
        for vector, start, kept in zip(vectors, self.start, self.kept, strict=True):
            vector.sub_(start).mul_(kept).add_(start)  # the formula above, put together
        weights.changed()

    def after_backward(self, weights: Weights) -> None:
        parts = zip(weights.vectors(), weights.gradients(), self.trained, self.kept, strict=True)
        for vector, gradient, trained, kept in parts:
            gradient.mul_(kept)
            vector.copy_(trained)
        self.trained, self.kept = [], []
        weights.changed()

    def signals(self, weights: Weights) -> Mapping[str, Signal]:
        return {"start_distance": relative_distance(zip(weights.vectors(), self.start, strict=True))}
