import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.domain.job import Job, JobKind
from core.settings import PROJECT_DIR, Settings
from core.store import Store

StartWorker = Callable[..., "subprocess.Popen[bytes]"]


class Bench:
    """A workspace, the real worker over it, and a queue of jobs that do what they are told."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)
        self.store = Store.open(self.settings.database_path)
        self._workers: list[subprocess.Popen[bytes]] = []

    def enqueue(self, act: str) -> int:
        return self.store.jobs.enqueue(JobKind.SCORE, {"act": act}, act).id

    def start_worker(self, idle_seconds: float | None = None) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.unit.jobs.a_worker", *([str(idle_seconds)] if idle_seconds else [])]
        environment = {**os.environ, "TUNEDESK_HOME": str(self.settings.home)}
        self._workers.append(
            subprocess.Popen(
                command, cwd=PROJECT_DIR, env=environment, stderr=subprocess.DEVNULL, start_new_session=True
            )
        )
        return self._workers[-1]

    def wait_until(self, job_id: int, reached: Callable[[Job], bool], seconds: float = 20.0) -> Job:
        deadline = time.monotonic() + seconds
        while not reached(job := self.store.jobs.get(job_id)):
            assert time.monotonic() < deadline, f"never came: {job}"
            time.sleep(0.02)
        return job

    def wait_for_end(self, job_id: int, seconds: float = 20.0) -> Job:
        return self.wait_until(job_id, lambda job: not job.status.is_active, seconds)

    def job_dir(self, job_id: int) -> Path:
        return self.settings.jobs_dir / str(job_id)

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()
            worker.wait()
        self.store.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()
