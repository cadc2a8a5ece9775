"""Give each pair of texts a number: how alike they are, how well one fits the other."""

from core.domain.message import msg
from core.domain.task import PAIR_SCORE
from core.tasks.score import ScoreTask


class PairScore(ScoreTask):
    """Learned as a score; what differs is how a pair is read (`core.base_models.long_texts`)."""

    name = PAIR_SCORE
    title = msg("Give each pair of texts a score")
