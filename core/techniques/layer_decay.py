"""Layer-wise learning-rate decay: the lower a layer lies, the smaller its steps."""

from core.domain.message import msg
from core.techniques.protocol import Extra


class LayerDecay(Extra):
    """The learning rate is multiplied with decay^(n_layers + 1 - depth): 1 for the head, least for the word vectors."""

    name = "layer_decay"
    title = msg("Layer-wise learning rates")
    help = msg("Lower layers, which know the language, move less: helps with few examples and large base models.")
    cost = msg("Costs nothing.")
    paper = "Howard & Ruder, 2018, arXiv:1801.06146"
    layered = True

    def layer_rate(self, depth: int, n_layers: int, done: float) -> float:
        return float(self.recipe.layer_decay ** (n_layers + 1 - depth))
