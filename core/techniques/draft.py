"""No fine-tuning: the quick linear model on frozen embeddings and word counts is the result."""

from core.domain.message import msg
from core.techniques.protocol import Technique


class DraftOnly(Technique):
    name = "draft"
    title = msg("Quick linear model only")
    help = msg("Leaves the base model as it is and learns a linear model on top. Done in about a minute.")
    cost = msg("A tenth of the time, or less.")
    changes_weights = False
