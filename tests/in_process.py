"""Jobs done in the test's own process: no worker or child, which take seconds to start. The work is the same."""

from core.domain.job import Job
from core.jobs.context import JobContext
from core.jobs.handlers.score import ScoreHandler
from core.jobs.handlers.study import StudyHandler
from core.jobs.handlers.train import TrainHandler
from core.workspace import Workspace


def work(workspace: Workspace, handler: TrainHandler | ScoreHandler | StudyHandler) -> Job:
    """Claim the next job and do what the worker's child does."""
    job = workspace._store.jobs.claim()
    assert job is not None
    with JobContext(workspace._store, workspace.settings, job, handler.stage_weights(workspace._store, job)) as context:
        handler.run(context)
    return workspace.job(job.id)
