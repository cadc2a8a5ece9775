"""Multi-sample dropout: the head answers each text under several dropout masks at once."""

from core.domain.message import msg
from core.techniques.protocol import Extra, Pass

N_SAMPLES = 5


class MultiSampleDropout(Extra):
    """The loss is the mean over 5 masks on the text vector. The encoder runs once."""

    name = "multi_dropout"
    title = msg("Several dropout masks at once")
    help = msg("The head sees each text under five masks: learns in fewer passes, most with few examples.")
    cost = msg("Costs next to nothing.")
    paper = "Inoue, 2019, arXiv:1905.09788"

    def on_tokens(self, batch: Pass) -> None:
        batch.repeat(N_SAMPLES)

    def on_vectors(self, batch: Pass) -> None:
        batch.vectors = batch.vectors.repeat(N_SAMPLES, 1)
