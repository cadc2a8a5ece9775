"""Tasks: one file each, registered here."""

from core.registry import Registry
from core.tasks.ordered_categories import OrderedCategories
from core.tasks.pair_score import PairScore
from core.tasks.protocol import Task
from core.tasks.score import ScoreTask
from core.tasks.several_categories import SeveralCategories
from core.tasks.text_classification import TextClassification
from core.tasks.text_pair import TextPair

TASKS: Registry[Task] = Registry(
    "task", TextClassification(), OrderedCategories(), ScoreTask(), SeveralCategories(), TextPair(), PairScore()
)
