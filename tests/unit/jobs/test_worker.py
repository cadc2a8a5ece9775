import os
import signal
import time
from pathlib import Path

import pytest

from core.domain.job import JobStatus, Stage, Wish
from core.jobs import folders, locks
from tests.unit.jobs.conftest import Bench
from tests.unit.store.records import claim, start


def is_running(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_jobs_are_done_one_after_the_other_and_an_idle_worker_ends(bench: Bench) -> None:
    ids = [bench.enqueue("finish") for _ in range(2)]
    worker = bench.start_worker(idle_seconds=0.5)
    assert worker.wait(30) == 0
    jobs = [bench.store.jobs.get(job_id) for job_id in ids]
    assert [job.status for job in jobs] == [JobStatus.DONE] * 2
    assert jobs[0].result == {"attempt": 1, "threads": "PASSIVE"}
    assert jobs[0].finished_at <= jobs[1].started_at
    assert not (bench.job_dir(ids[0]) / "work").exists()


def test_a_second_worker_leaves_the_workspace_to_the_first(bench: Bench) -> None:
    job_id = bench.enqueue("wait")
    bench.start_worker()
    bench.wait_until(job_id, lambda job: job.status is JobStatus.RUNNING)
    assert bench.start_worker().wait(20) == 9
    assert bench.store.jobs.get(job_id).attempt == 1


def test_a_killed_child_is_tried_again_within_five_seconds(bench: Bench) -> None:
    job_id = bench.enqueue("die once")
    bench.start_worker()
    bench.wait_until(job_id, lambda job: job.attempt == 1)
    before = time.monotonic()
    bench.wait_until(job_id, lambda job: job.attempt == 2)
    assert time.monotonic() - before < 5
    job = bench.wait_for_end(job_id)
    assert (job.status, job.result["attempt"]) == (JobStatus.DONE, 2)
    assert "died (exit code -9); it is tried again" in folders.log_path(bench.settings, job_id).read_text()


def test_a_job_that_kills_its_child_three_times_is_set_aside_with_its_cause(bench: Bench) -> None:
    job_id = bench.enqueue("die")
    bench.start_worker()
    job = bench.wait_for_end(job_id, 30)
    assert (job.status, job.attempt, job.error.code) == (JobStatus.FAILED, 3, "crashed")
    assert "SIGKILL" in str(job.error.message)
    after = bench.enqueue("finish")  # it does not hold up the others
    assert bench.wait_for_end(after).status is JobStatus.DONE


@pytest.mark.parametrize(
    ("act", "code", "words"),
    [
        ("disk full", "disk_full", "disk is full"),
        ("bad data", "bad_data", "All rows are blank"),
        ("bug", "bug", "log number"),
    ],
)
def test_a_failure_is_on_record_in_words_and_its_details_in_the_log(
    bench: Bench, act: str, code: str, words: str
) -> None:
    job_id = bench.enqueue(act)
    bench.start_worker()
    job = bench.wait_for_end(job_id)
    assert (job.status, job.error.code) == (JobStatus.FAILED, code)
    assert words in str(job.error.message)
    assert "secret" not in str(job.error)
    log = folders.log_path(bench.settings, job_id).read_text()
    assert "Traceback" in log
    assert act != "bug" or job.error.message.params["number"] in log


def test_cancelling_a_running_job_ends_it_soon_and_throws_its_work_away(bench: Bench) -> None:
    job_id = bench.enqueue("wait")
    bench.start_worker()
    bench.wait_until(job_id, lambda job: job.stage is Stage.SCORING)
    assert (bench.job_dir(job_id) / "work" / "half-done").exists()
    before = time.monotonic()
    bench.store.jobs.set_wish(job_id, Wish.CANCEL)
    assert bench.wait_for_end(job_id).status is JobStatus.CANCELLED
    assert time.monotonic() - before < 3
    after = bench.enqueue("finish")
    bench.wait_for_end(after)
    assert not (bench.job_dir(job_id) / "work").exists()
    assert bench.store.jobs.get(job_id).status is JobStatus.CANCELLED


def test_a_child_that_will_not_listen_is_killed_with_its_helpers(bench: Bench) -> None:
    job_id = bench.enqueue("ignore")
    bench.start_worker()
    helper_path = bench.job_dir(job_id) / "work" / "helper"
    bench.wait_until(job_id, lambda job: helper_path.exists() and helper_path.read_text() != "")
    helper = int(helper_path.read_text())
    bench.store.jobs.set_wish(job_id, Wish.CANCEL)
    assert bench.wait_for_end(job_id).status is JobStatus.CANCELLED
    assert not is_running(helper)


def test_a_killed_worker_takes_its_child_along_and_the_next_one_goes_on(bench: Bench) -> None:
    job_id = bench.enqueue("wait")
    worker = bench.start_worker()
    bench.wait_until(job_id, lambda job: job.stage is Stage.SCORING)
    worker.kill()
    worker.wait()
    deadline = time.monotonic() + 5
    while locks.is_held(folders.lock_path(bench.settings, job_id)):
        assert time.monotonic() < deadline, "the child outlived its worker"
        time.sleep(0.02)
    bench.start_worker()
    job = bench.wait_until(job_id, lambda job: job.attempt == 2, seconds=5)
    assert job.status is JobStatus.RUNNING


def test_a_worker_asked_to_end_puts_its_job_back_without_blame(bench: Bench) -> None:
    job_id = bench.enqueue("wait")
    for attempt in range(1, 5):  # more often than a crashing job may
        worker = bench.start_worker()
        bench.wait_until(job_id, lambda job, n=attempt: job.attempt == n and job.stage is Stage.SCORING)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(10) == 0
        assert bench.store.jobs.get(job_id).status is JobStatus.QUEUED


def test_a_living_child_of_a_dead_worker_is_waited_for(bench: Bench) -> None:
    job_id = bench.enqueue("finish")
    job = bench.store.jobs.claim()
    lock = locks.take(folders.lock_path(bench.settings, job_id))
    bench.start_worker()
    time.sleep(1.5)
    assert bench.store.jobs.get(job_id) == job
    os.close(lock)
    assert bench.wait_for_end(job_id).attempt == 2


def test_what_crashes_left_behind_is_swept_and_published_models_stay(bench: Bench) -> None:
    start(bench.store)
    cancelled = claim(bench.store)
    never_published = bench.store.models.reserve(cancelled.id, cancelled.attempt)
    bench.store.jobs.mark_cancelled(cancelled.id, cancelled.attempt)
    failed, done = bench.enqueue("bug"), bench.enqueue("finish")
    left = [
        bench.settings.models_dir / ".aside-x" / "model.json",
        bench.settings.models_dir / str(never_published) / "model.json",
        bench.job_dir(99) / "work" / "checkpoint",
        bench.job_dir(done) / ".aside-y",
    ]
    kept = [
        bench.settings.models_dir / "of another database" / "model.json",
        bench.job_dir(failed) / "work" / "checkpoint",
        bench.job_dir(99) / "log.txt",
    ]
    for path in [*left, *kept]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    bench.start_worker()
    bench.wait_for_end(done)
    last = bench.enqueue("finish")
    bench.wait_for_end(last)
    assert [path for path in left if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []
