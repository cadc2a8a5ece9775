"""Say how two texts relate: the same question or not, or one of several relations."""

from core.domain.message import msg
from core.domain.task import PAIR
from core.tasks.text_classification import TextClassification


class TextPair(TextClassification):
    """Answers as in sorting; what differs is how a pair is read (`core.base_models.long_texts`)."""

    name = PAIR
    title = msg("Say how two texts relate")
