"""FreeLB: every step on the way to the worst case trains the weights too."""

from typing import TYPE_CHECKING

from core.domain.message import msg
from core.techniques.protocol import Extra, Learner, Pass
from core.techniques.word_shift import WordShift

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

    def learn(self, batch: Pass, learner: Learner) -> "torch.Tensor":
        losses = []
        with WordShift(learner.classifier, batch, self.recipe.shift_size, random=True) as words:
            for _ in range(N_STEPS):
                loss = learner.loss_of(batch) / N_STEPS
                learner.backward(loss)
                losses.append(loss.detach())
                words.climb(0.5)
        total: torch.Tensor = sum(losses[1:], losses[0])
        return total
