"""FreeLB: every step on the way to the worst case trains the weights too."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.domain.message import msg
from core.techniques.protocol import Extra, Learner, Pass, Signal, Weights
from core.techniques.word_shift import WORST_CASE, WordShift

if TYPE_CHECKING:
    import torch

N_STEPS = 3


class FreeLB(Extra):
    """From a random shift of half the allowed length, three steps of half of it; the loss is the mean of all three passes.

    Dropout differs from pass to pass, where the paper keeps it.
    """

    name = "freelb"
    title = msg("Worst-case words on the way (FreeLB)")
    help = msg("Trains on all shifts on the way to the worst case: for steadier answers when time does not matter.")
    cost = msg("Three times the time.")
    paper = "Zhu et al., 2019, arXiv:1909.11764"
    slower = 3.0
    shifts_words = True
    signal_titles = WORST_CASE

    def before_step(self, weights: Weights) -> None:
        self.worst: Signal = 0.0

    def learn(self, batch: Pass, learner: Learner) -> "torch.Tensor":
        losses = []
        with WordShift(learner.classifier, batch, self.recipe.shift_size, random=True) as words:
            for _ in range(N_STEPS):
                loss = learner.loss_of(batch) / N_STEPS
                learner.backward(loss)
                losses.append(loss.detach())
                words.climb(0.5)
        total: torch.Tensor = sum(losses[1:], losses[0])
        self.worst = self.worst + N_STEPS * losses[-1]
        return total

    def signals(self, weights: Weights) -> Mapping[str, Signal]:
        return {"worst_case_loss": self.worst}
