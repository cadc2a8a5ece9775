"""Label smoothing: nobody is asked to be quite certain."""

from core.domain.message import msg
from core.techniques.protocol import Extra, Pass


class LabelSmoothing(Extra):
    """Targets q become (1 - s) q + s / n_labels, with s = `recipe.smoothing`."""

    name = "label_smoothing"
    title = msg("Label smoothing")
    help = msg(
        "Asks for a little less than full certainty: helps where some labels are wrong or two categories overlap."
    )
    cost = msg("Costs nothing.")
    paper = "Szegedy et al., 2015, arXiv:1512.00567"

    def on_tokens(self, batch: Pass) -> None:
        share = self.recipe.smoothing
        batch.targets = (1 - share) * batch.shares() + share / batch.n_labels
