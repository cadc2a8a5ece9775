"""Heavy parts of a report that a person starts with one click: one file a study, one row in this registry.

A study reads a finished model and its data, tells how far it is, and gives a frozen record back. It knows no database,
no queue and no page: `core.jobs.handlers.study` runs it, the store keeps its result, `pages/components/studies.py` draws it.
"""

from core.registry import Registry
from core.studies.fairness import FairnessStudy
from core.studies.fairness_wording import FairnessWordingStudy
from core.studies.fixes_gain import FixesGainStudy
from core.studies.label_mistakes import LabelMistakesStudy
from core.studies.learning_curve import LearningCurveStudy
from core.studies.protocol import Study, StudyContext, Subject
from core.studies.robustness import RobustnessStudy

STUDIES: Registry[Study] = Registry(
    "study",
    LabelMistakesStudy(),
    FixesGainStudy(),
    LearningCurveStudy(),
    RobustnessStudy(),
    FairnessStudy(),
    FairnessWordingStudy(),
)

__all__ = ["STUDIES", "Study", "StudyContext", "Subject"]
