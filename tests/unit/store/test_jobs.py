import pytest

from core.domain.job import JobFailure, JobKind, JobStatus, Stage, Wish
from core.domain.message import msg
from core.errors import NotFound, NotPossible
from core.store import Fenced, Store
from core.store.jobs import MAX_CRASHES
from tests.unit.store.records import claim, start

CRASHED = JobFailure(code="crashed", message=msg("It was killed."))


def enqueue(store: Store, title: str = "a.csv", key: str | None = None) -> int:
    return store.jobs.enqueue(JobKind.SCORE, {"model_id": 1}, title, dedupe_key=key).id


def progress(store: Store, job_id: int, attempt: int, stage: Stage, step: int = 0) -> Wish:
    return store.jobs.progress(job_id, attempt, stage=stage, percent=5.0, seconds_left=(1.0, 2.0), step=step)


def test_jobs_are_claimed_in_the_order_they_came(store: Store) -> None:
    ids = [enqueue(store, str(i)) for i in range(3)]
    assert [store.jobs.get(i).queue_position for i in ids] == [1, 2, 3]
    assert claim(store).id == ids[0]
    assert [store.jobs.get(i).queue_position for i in ids] == [None, 1, 2]
    assert [job.queue_position for job in store.jobs.list()] == [2, 1, None]
    assert [claim(store).id, claim(store).id] == ids[1:]
    assert store.jobs.claim() is None


def test_a_claim_starts_an_attempt(store: Store) -> None:
    job_id = start(store).id
    job = claim(store)
    assert (job.id, job.status, job.attempt) == (job_id, JobStatus.RUNNING, 1)
    assert job.started_at is not None and job.started_at >= job.created_at
    assert store.runs.get(job.run_id).status is JobStatus.RUNNING


def test_the_same_thing_twice_is_one_job_while_it_is_active(store: Store) -> None:
    first = enqueue(store, key="k")
    assert enqueue(store, key="k") == first
    job = claim(store)
    assert enqueue(store, key="k") == first
    store.jobs.finish(job.id, job.attempt, result={})
    assert enqueue(store, key="k") != first


def test_starting_the_same_training_twice_makes_one_run(store: Store) -> None:
    assert start(store).id == start(store).id
    assert start(store, seed=1).id != start(store).id
    assert len(store.runs.list()) == 2


def test_a_result_comes_back_and_the_job_ends_once(store: Store) -> None:
    job_id = enqueue(store)
    job = claim(store)
    ended = store.jobs.finish(job_id, job.attempt, result={"file": "scored.xlsx", "n_rows": 3})
    assert (ended.status, ended.percent, ended.stage) == (JobStatus.DONE, 100.0, Stage.FINISHED)
    assert ended.result == {"file": "scored.xlsx", "n_rows": 3}
    assert ended.model_id == 1 and ended.finished_at is not None
    with pytest.raises(Fenced):
        store.jobs.fail(job_id, job.attempt, CRASHED)


def test_every_write_of_an_old_attempt_is_refused(store: Store) -> None:
    start(store)
    old = claim(store)
    store.jobs.requeue(old.id, old.attempt)
    new = claim(store)
    assert (new.id, new.attempt) == (old.id, 2)
    writes = [
        lambda: progress(store, old.id, old.attempt, Stage.TRAINING),
        lambda: store.runs.record(old.id, old.attempt, n_steps=5),
        lambda: store.models.reserve(old.id, old.attempt),
        lambda: store.jobs.finish(old.id, old.attempt, result={}),
        lambda: store.jobs.fail(old.id, old.attempt, CRASHED),
        lambda: store.jobs.mark_cancelled(old.id, old.attempt),
        lambda: store.jobs.requeue(old.id, old.attempt),
        lambda: store.jobs.after_crash(old.id, old.attempt, CRASHED),
    ]
    for write in writes:
        with pytest.raises(Fenced):
            write()
    assert store.jobs.get(new.id) == new
    assert store.runs.get(new.run_id).n_steps is None
    assert store.jobs.wish(old.id, old.attempt) is Wish.CANCEL  # it must stop
    assert store.jobs.wish(new.id, new.attempt) is Wish.NONE


def test_a_wish_reaches_the_attempt_that_runs(store: Store) -> None:
    start(store)
    job = claim(store)
    assert progress(store, job.id, 1, Stage.TRAINING) is Wish.NONE
    store.jobs.set_wish(job.id, Wish.STOP)
    assert progress(store, job.id, 1, Stage.TRAINING) is Wish.STOP
    assert store.jobs.set_wish(job.id, Wish.CANCEL).wish is Wish.CANCEL
    assert store.jobs.set_wish(job.id, Wish.STOP).wish is Wish.CANCEL  # a cancel is never taken back


def test_a_queued_job_is_cancelled_at_once(store: Store) -> None:
    job = start(store)
    assert store.jobs.set_wish(job.id, Wish.CANCEL).status is JobStatus.CANCELLED
    assert store.runs.get(job.run_id).status is JobStatus.CANCELLED
    assert store.runs.get(job.run_id).finished_at is not None
    assert store.jobs.claim() is None


def test_what_cannot_be_wished_is_said(store: Store) -> None:
    job = start(store)
    with pytest.raises(NotPossible, match="not started yet"):
        store.jobs.set_wish(job.id, Wish.STOP)
    claim(store)
    store.jobs.fail(job.id, 1, CRASHED)
    with pytest.raises(NotPossible, match="already ended"):
        store.jobs.set_wish(job.id, Wish.CANCEL)
    scoring = enqueue(store)
    claim(store)
    with pytest.raises(NotPossible, match="no training"):
        store.jobs.set_wish(scoring, Wish.STOP)


def test_a_failed_job_keeps_its_cause_and_resumes_behind_the_others(store: Store) -> None:
    job = start(store)
    claim(store)
    failed = store.jobs.fail(job.id, 1, CRASHED)
    assert (failed.status, failed.error) == (JobStatus.FAILED, CRASHED)
    other = enqueue(store)
    resumed = store.jobs.resume(job.id)
    assert (resumed.status, resumed.error, resumed.queue_position) == (JobStatus.QUEUED, None, 2)
    assert store.runs.get(job.run_id).status is JobStatus.QUEUED
    assert [claim(store).id, claim(store).id] == [other, job.id]
    assert store.jobs.get(job.id).attempt == 2


def test_only_one_of_two_equal_jobs_is_resumed(store: Store) -> None:
    first = start(store)
    store.jobs.set_wish(first.id, Wish.CANCEL)
    second = start(store)
    with pytest.raises(NotPossible, match=f"Job {second.id} already"):
        store.jobs.resume(first.id)
    with pytest.raises(NotPossible, match="cannot be resumed"):
        store.jobs.resume(second.id)


def test_a_crashed_job_keeps_its_place_in_the_queue(store: Store) -> None:
    first = start(store)
    enqueue(store)
    claim(store)
    assert store.jobs.after_crash(first.id, 1, CRASHED).status is JobStatus.QUEUED
    assert claim(store).id == first.id


def test_three_crashes_at_the_same_step_set_a_job_aside(store: Store) -> None:
    job_id = start(store).id
    for attempt in range(1, MAX_CRASHES + 1):
        claim(store)
        progress(store, job_id, attempt, Stage.TRAINING, step=57)
        job = store.jobs.after_crash(job_id, attempt, CRASHED)
    assert (job.status, job.error) == (JobStatus.FAILED, CRASHED)
    assert store.runs.get(job.run_id).status is JobStatus.FAILED
    store.jobs.resume(job_id)  # a person may try again, with three crashes more
    claim(store)
    assert store.jobs.after_crash(job_id, 4, CRASHED).status is JobStatus.QUEUED


def test_a_job_that_comes_farther_each_time_is_never_set_aside(store: Store) -> None:
    job_id = start(store).id
    for attempt in range(1, 10):
        claim(store)
        progress(store, job_id, attempt, Stage.TRAINING, step=attempt)
        assert store.jobs.after_crash(job_id, attempt, CRASHED).status is JobStatus.QUEUED


def test_an_attempt_that_dies_earlier_than_another_counts_as_no_progress(store: Store) -> None:
    job_id = start(store).id
    marks = [(Stage.TRAINING, 57), (Stage.PREPARING, 0), (Stage.TRAINING, 56)]
    for attempt, (stage, step) in enumerate(marks, start=1):
        claim(store)
        progress(store, job_id, attempt, stage, step)
        job = store.jobs.after_crash(job_id, attempt, CRASHED)
    assert job.status is JobStatus.FAILED


def test_an_active_job_is_not_deleted_and_a_run_outlives_its_job(store: Store) -> None:
    job = start(store)
    with pytest.raises(NotPossible, match="still at work"):
        store.jobs.delete(job.id)
    store.jobs.set_wish(job.id, Wish.CANCEL)
    store.jobs.delete(job.id)
    run = store.runs.get(job.run_id)
    assert (run.job_id, run.status) == (None, JobStatus.CANCELLED)


def test_an_unknown_job_is_named(store: Store) -> None:
    for act in (
        lambda: store.jobs.get(77),
        lambda: store.jobs.set_wish(77, Wish.STOP),
        lambda: store.jobs.resume(77),
        lambda: store.jobs.delete(77),
    ):
        with pytest.raises(NotFound, match="77"):
            act()


def test_ids_of_deleted_jobs_do_not_come_back(store: Store) -> None:
    first = enqueue(store)
    store.jobs.set_wish(first, Wish.CANCEL)
    store.jobs.delete(first)
    assert enqueue(store) > first
