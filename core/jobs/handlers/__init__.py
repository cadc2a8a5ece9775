"""What can be done in the background: one file a job kind."""

from collections.abc import Mapping
from typing import Protocol

from core.domain.job import Job, Stage
from core.jobs.context import JobContext
from core.jobs.handlers.pretrain import PretrainHandler
from core.jobs.handlers.score import ScoreHandler
from core.jobs.handlers.study import StudyHandler
from core.jobs.handlers.train import TrainHandler
from core.registry import Registry
from core.store import Store


class Handler(Protocol):
    """Does one kind of job, in the job's own process. It may be killed at any moment and started again."""

    @property
    def name(self) -> str:
        """A `JobKind` value."""
        ...

    def stage_weights(self, store: Store, job: Job) -> Mapping[Stage, float]:
        """The share of the whole time that each stage is expected to take, in order."""
        ...

    def run(self, context: JobContext) -> None:
        """Do the job and record its end, in one transaction, as the last act.

        Raises:
            Cancelled: the person wished so and everything is closed.
            Fenced: another attempt owns the job.
        """
        ...


HANDLERS: Registry[Handler] = Registry("job kind", TrainHandler(), ScoreHandler(), PretrainHandler(), StudyHandler())
