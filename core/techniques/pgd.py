"""Projected gradient descent: like the fast gradient method, with several smaller steps towards the worst case."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.domain.message import msg
from core.techniques.protocol import Extra, Learner, Pass, Signal, Weights
from core.techniques.word_shift import WORST_CASE, WordShift

if TYPE_CHECKING:
    import torch

N_STEPS = 3


class ProjectedGradientDescent(Extra):
    """Three steps of half the allowed length, each projected back into the ball of `recipe.shift_size` * ||E||.

    Only the clean pass and the last one train the weights.
    """

    name = "pgd"
    title = msg("Worst-case words, three steps (PGD)")
    help = msg("A more thorough search for the worst case than one step: for texts that people write to deceive.")
    cost = msg("Four times the time.")
    paper = "Madry et al., 2017, arXiv:1706.06083"
    slower = 4.0
    shifts_words = True
    signal_titles = WORST_CASE

    def before_step(self, weights: Weights) -> None:
        self.worst: Signal = 0.0

    def learn(self, batch: Pass, learner: Learner) -> "torch.Tensor":
        import torch

        with WordShift(learner.classifier, batch, self.recipe.shift_size) as words:
            clean = learner.loss_of(batch)
            learner.backward(clean / 2)
            words.climb(0.5)
            for _ in range(N_STEPS - 1):
                assert words.shift is not None
                (slope,) = torch.autograd.grad(learner.scaled(learner.loss_of(batch)), words.shift)
                words.climb(0.5, slope)
            shifted = learner.loss_of(batch)
            learner.backward(shifted / 2)
        self.worst = self.worst + shifted.detach()
        return (clean.detach() + shifted.detach()) / 2

    def signals(self, weights: Weights) -> Mapping[str, Signal]:
        return {"worst_case_loss": self.worst}
