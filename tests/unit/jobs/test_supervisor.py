import asyncio
import os
import signal
import time
from collections.abc import Iterator

import pytest

from core.jobs import folders, locks, supervisor
from core.jobs.supervisor import ensure_worker, keep_worker
from tests.unit.jobs.conftest import Bench


@pytest.fixture(autouse=True)
def no_worker_outlives_the_test(bench: Bench) -> Iterator[None]:
    yield
    worker = supervisor._started.pop(bench.settings.home, None)
    if worker is not None:
        worker.kill()
        worker.wait()


def wait_for_worker(bench: Bench, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not locks.is_held(folders.worker_lock_path(bench.settings)):
        assert time.monotonic() < deadline, (bench.settings.home / "worker.log").read_text()
        time.sleep(0.05)


def test_asking_for_a_worker_often_starts_one_in_a_session_of_its_own(bench: Bench) -> None:
    for _ in range(3):
        ensure_worker(bench.settings)
    worker = supervisor._started[bench.settings.home]
    wait_for_worker(bench)
    ensure_worker(bench.settings)
    assert supervisor._started[bench.settings.home] is worker
    assert os.getsid(worker.pid) == worker.pid != os.getsid(0)


def test_a_worker_for_the_terminal_ends_when_there_is_nothing_to_do(bench: Bench) -> None:
    ensure_worker(bench.settings, exit_when_idle_seconds=0.1)
    assert supervisor._started[bench.settings.home].wait(30) == 0


def test_a_killed_worker_is_started_again(bench: Bench) -> None:
    async def watch() -> None:
        keeper = asyncio.create_task(keep_worker(bench.settings))
        await asyncio.to_thread(wait_for_worker, bench)
        first = supervisor._started[bench.settings.home]
        first.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 20
        while supervisor._started[bench.settings.home] is first:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        keeper.cancel()

    asyncio.run(watch())
    wait_for_worker(bench)
