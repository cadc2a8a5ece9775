"""One job in a process of its own: `python -m core.jobs.child JOB_ID ATTEMPT WORKER_PID`, started by the worker.

It inherits the lock on `jobs/<id>/lock`, dies with its worker, and writes its own end. Its output is the job's log.
"""

import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.jobs.handlers import Handler
    from core.registry import Registry


def die_with_parent(parent_pid: int) -> None:
    """Ask the kernel for a kill when the parent dies (Linux; elsewhere the context's thread watches)."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it died before we asked
        os._exit(1)


def run_job(job_id: int, attempt: int, handlers: "Registry[Handler] | None" = None) -> int:
    """Run the job's handler and record its end. Returns the exit code: 0 when an end is on record."""
    import logging
    import secrets

    from core.domain.job import Wish
    from core.jobs.context import FENCED_EXIT_CODE, JobContext
    from core.jobs.failures import failure_of
    from core.jobs.handlers import HANDLERS
    from core.settings import load
    from core.store import Fenced, Store
    from core.training.types import Cancelled

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True)
    log = logging.getLogger(__name__)
    settings = load()
    store = Store.open(settings.database_path)
    try:
        job = store.jobs.get(job_id)
        if store.jobs.wish(job_id, attempt) is Wish.CANCEL:
            store.jobs.mark_cancelled(job_id, attempt)
            return 0
        log.info("job %d (%s), attempt %d", job_id, job.kind.value, attempt)
        handler = (handlers or HANDLERS)[job.kind.value]
        try:
            with JobContext(store, settings, job, handler.stage_weights(store, job)) as context:
                handler.run(context)
        except Cancelled:
            store.jobs.mark_cancelled(job_id, attempt)
        except Fenced:
            raise
        except Exception as error:
            number = secrets.token_hex(3)
            log.exception("log number %s", number)
            store.jobs.fail(job_id, attempt, failure_of(error, number))
    except Fenced as error:
        log.warning("%s; ending", error)
        return FENCED_EXIT_CODE
    return 0


def main(arguments: list[str]) -> int:
    job_id, attempt, worker_pid = map(int, arguments)
    die_with_parent(worker_pid)
    return run_job(job_id, attempt)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
