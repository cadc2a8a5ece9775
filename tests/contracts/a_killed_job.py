"""A job that dies as soon as its tracker has kept its first points: `run` never returns."""

import os
import signal
import time
from pathlib import Path

from core.domain.job import Stage
from core.jobs import tracking
from core.jobs.context import JobContext
from core.settings import load
from core.store import Store
from tests.contracts.test_trackers import POINTS


def run(job_id: int, attempt: int) -> None:
    tracking.LOOK_SECONDS = 0.02
    settings = load()
    store = Store.open(settings.database_path)
    job = store.jobs.get(job_id)
    assert job.attempt == attempt
    with JobContext(store, settings, job, {Stage.TRAINING: 1}) as context:
        n_bytes = 0
        for point in POINTS[:6]:
            context.point(point)
            context.flush()
            place = store.runs.get(job.run_id or 0).tracking.get("tensorboard")
            while place is None or _n_bytes(place.where) == n_bytes:
                time.sleep(0.01)
                place = store.runs.get(job.run_id or 0).tracking.get("tensorboard")
            n_bytes = _n_bytes(place.where)
        os.kill(os.getpid(), signal.SIGKILL)


def _n_bytes(folder: str) -> int:
    return sum(path.stat().st_size for path in Path(folder).iterdir())
