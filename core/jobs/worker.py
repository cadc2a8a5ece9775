"""The worker: claims jobs one after the other, gives each a child process, and records what a dead child could not.

There is one worker per workspace, held by the lock on `worker.lock`. It computes nothing itself, so it stays small and
can always answer a wish. `python -m core.jobs.worker` is what the supervisor starts.
"""

import argparse
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from core.domain.job import Job, JobStatus, Wish
from core.jobs import folders, locks
from core.jobs.failures import failure_of_exit, n_memory_kills
from core.settings import PROJECT_DIR, Settings, load
from core.store import Fenced, Store

POLL_SECONDS = 0.2
LOCK_PATIENCE_SECONDS = 0.5  #: whoever looks whether the lock is held takes it for a moment
RETRY_SECONDS = 5.0  #: after an error of the worker's own, such as a full disk
KILL_AFTER_SECONDS = 5.0  #: a child that was asked to end gets this long
CHILD_COMMAND = (sys.executable, "-m", "core.jobs.child")

_log = logging.getLogger(__name__)


def run_worker(
    settings: Settings,
    *,
    exit_when_idle_seconds: float | None = None,
    child_command: Sequence[str] = CHILD_COMMAND,
) -> bool:
    """Work until asked to end (SIGTERM, SIGINT) or, if given, until there was nothing to do for a while.

    Returns False at once when another worker has this workspace. Must be called from the main thread.
    """
    store = Store.open(settings.database_path)
    worker = Worker(settings, store, child_command)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.ask_to_end)
    while True:
        lock = locks.take(folders.worker_lock_path(settings), patience_seconds=LOCK_PATIENCE_SECONDS)
        if lock is None:
            _log.info("another worker is already at work in %s", settings.home)
            return False
        try:
            worker.work(exit_when_idle_seconds)
        finally:
            os.close(lock)
        # A job queued in the last moment, by someone who still saw the lock held, is not left behind.
        if worker.is_ending or not any(job.status.is_active for job in store.jobs.list()):
            return True


class Worker:
    def __init__(self, settings: Settings, store: Store, child_command: Sequence[str]) -> None:
        self._settings = settings
        self._store = store
        self._child_command = child_command
        self.is_ending = False

    def ask_to_end(self, _signal: int, _frame: FrameType | None) -> None:
        self.is_ending = True

    def work(self, exit_when_idle_seconds: float | None) -> None:
        swept = False
        idle_since = time.monotonic()
        while not self.is_ending:
            try:
                if self._recover():
                    if not swept:
                        folders.sweep(self._settings, self._store)
                        swept = True
                    job = self._store.jobs.claim()
                    if job is not None:
                        self._run(job)
                        swept, idle_since = False, time.monotonic()
                        continue
                    if exit_when_idle_seconds is not None and time.monotonic() - idle_since > exit_when_idle_seconds:
                        return
            except Exception:  # the job is still on record as running, and the next round recovers it
                _log.exception("the worker could not go on; trying again in %.0f s", RETRY_SECONDS)
                time.sleep(RETRY_SECONDS)
            time.sleep(POLL_SECONDS)

    def _recover(self) -> bool:
        """Requeue jobs that run on paper only. False while a child of a former worker is still alive."""
        for job in self._store.jobs.running():
            lock = locks.take(folders.lock_path(self._settings, job.id))
            if lock is None:
                return False
            os.close(lock)
            self._after_death(job, None, killed_for_memory=False)
        return True

    def _run(self, job: Job) -> None:
        """Start the job's child and watch it to its end."""
        lock = locks.take(folders.lock_path(self._settings, job.id))
        if lock is None:  # a child of an earlier attempt that somehow lives: it is fenced and will end by itself
            self._store.jobs.requeue(job.id, job.attempt)
            time.sleep(POLL_SECONDS)
            return
        n_kills = n_memory_kills()
        try:
            with folders.log_path(self._settings, job.id).open("ab") as log:
                child = subprocess.Popen(
                    [*self._child_command, str(job.id), str(job.attempt), str(os.getpid())],
                    start_new_session=True,
                    pass_fds=(lock,),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=PROJECT_DIR,
                    env=_environment(self._settings),
                )
        finally:
            os.close(lock)  # from here on the child alone holds it
        self._watch(child, job)
        if self.is_ending and self._owns(job):
            self._store.jobs.requeue(job.id, job.attempt)
            return
        self._after_death(job, child.returncode, killed_for_memory=n_memory_kills() > n_kills)

    def _watch(self, child: "subprocess.Popen[bytes]", job: Job) -> None:
        """Return when the child has ended; see to it when the job is cancelled or the worker is to end."""
        kill_at: float | None = None
        while child.poll() is None:
            if kill_at is None and (self.is_ending or self._is_cancelled(job)):
                _signal_group(child.pid, signal.SIGTERM)
                kill_at = time.monotonic() + KILL_AFTER_SECONDS
            if kill_at is not None and time.monotonic() >= kill_at:
                _signal_group(child.pid, signal.SIGKILL)
            time.sleep(POLL_SECONDS)
        _signal_group(child.pid, signal.SIGKILL)  # helpers that it left behind

    def _after_death(self, job: Job, exit_code: int | None, *, killed_for_memory: bool) -> None:
        """Record the end that a dead child could not: cancelled as wished, or crashed and to be tried again."""
        try:
            if self._store.jobs.wish(job.id, job.attempt) is Wish.CANCEL:
                self._store.jobs.mark_cancelled(job.id, job.attempt)
                return
            failure = failure_of_exit(exit_code, killed_for_memory=killed_for_memory)
            job = self._store.jobs.after_crash(job.id, job.attempt, failure)
        except Fenced:  # the usual case: the child has written its own end
            return
        again = "it is tried again" if job.status is JobStatus.QUEUED else "it is set aside"
        _log.warning("the process of job %d died (exit code %s); %s", job.id, exit_code, again)
        with folders.log_path(self._settings, job.id).open("a", encoding="utf-8") as log:
            log.write(f"The process of attempt {job.attempt} died (exit code {exit_code}); {again}.\n")

    def _is_cancelled(self, job: Job) -> bool:
        try:
            return self._store.jobs.wish(job.id, job.attempt) is Wish.CANCEL
        except Exception:  # a living child must not be left alone because of a full disk or a busy database
            _log.exception("could not read the wish for job %d", job.id)
            return False

    def _owns(self, job: Job) -> bool:
        now = self._store.jobs.get(job.id)
        return now.status is JobStatus.RUNNING and now.attempt == job.attempt and now.wish is not Wish.CANCEL


def _environment(settings: Settings) -> dict[str, str]:
    """The child's: this workspace, and threads that sleep instead of spin while they wait for each other."""
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    defaults = {"OMP_NUM_THREADS": str(n_cores), "TOKENIZERS_PARALLELISM": "true", "PYTHONUNBUFFERED": "1"}
    return {**defaults, **os.environ, "OMP_WAIT_POLICY": "PASSIVE", "TUNEDESK_HOME": str(settings.home)}


def _signal_group(process_id: int, number: signal.Signals) -> None:
    try:
        os.killpg(process_id, number)
    except (ProcessLookupError, PermissionError):  # nobody left; on macOS a group of zombies says the latter
        return


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m core.jobs.worker", description="One worker for the workspace.")
    parser.add_argument("--exit-when-idle", type=float, metavar="SECONDS", default=None)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    run_worker(load(), exit_when_idle_seconds=arguments.exit_when_idle)


if __name__ == "__main__":
    main()
