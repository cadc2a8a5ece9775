"""Full fine-tuning: every weight changes."""

from core.domain.message import msg
from core.techniques.protocol import Technique


class FullFineTuning(Technique):
    name = "full"
    title = msg("All weights")
    help = msg("Changes every weight of the base model. Learns the most; needs the most memory.")
    cost = msg("The measure for all others.")
    paper = "Devlin et al., 2018, arXiv:1810.04805"
