"""Fast gradient method: train on a small worst-case shift of the word vectors next to the clean texts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.domain.message import msg
from core.techniques.protocol import Extra, Learner, Pass, Signal, Weights
from core.techniques.word_shift import WORST_CASE, WordShift

if TYPE_CHECKING:
    import torch


class FastGradientMethod(Extra):
    """With word vectors E of a text and gradient g the shift is size * ||E|| * g / ||g||_2, size = `recipe.shift_size`.

    The loss is the mean of the clean and the shifted one (the paper adds them; Adam does not see the difference).
    """

    name = "fgm"
    title = msg("Worst-case words, one step (FGM)")
    help = msg(
        "Trains against small worst-case changes of the words: steadier answers on unusual wording and few examples."
    )
    cost = msg("Twice the time.")
    paper = "Miyato et al., 2017, arXiv:1605.07725"
    slower = 2.0
    shifts_words = True
    signal_titles = WORST_CASE

    def before_step(self, weights: Weights) -> None:
        self.worst: Signal = 0.0

    def learn(self, batch: Pass, learner: Learner) -> "torch.Tensor":
        with WordShift(learner.classifier, batch, self.recipe.shift_size) as words:
            clean = learner.loss_of(batch)
            learner.backward(clean / 2)
            words.climb(1.0)
            shifted = learner.loss_of(batch)
            learner.backward(shifted / 2)
        self.worst = self.worst + shifted.detach()
        return (clean.detach() + shifted.detach()) / 2

    def signals(self, weights: Weights) -> Mapping[str, Signal]:
        return {"worst_case_loss": self.worst}
