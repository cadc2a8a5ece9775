import math
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.job import JobStatus, Stage, Wish
from core.domain.message import msg
from core.domain.run import CHECKUP_LOSS, MetricPoint, Score
from core.jobs.context import JobContext
from core.settings import Settings
from core.store import Fenced, Store
from tests.unit.store.records import claim, start

WEIGHTS = {Stage.PREPARING: 1, Stage.TRAINING: 8, Stage.PUBLISHING: 1}


def point(step: int, value: float = 0.5) -> MetricPoint:
    return MetricPoint(name=CHECKUP_LOSS, step=step, value=value)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "tunedesk.db")
    yield store
    store.close()


@pytest.fixture
def context(store: Store, tmp_path: Path) -> JobContext:
    start(store)
    return JobContext(store, Settings(home=tmp_path), claim(store), WEIGHTS)


def test_percent_runs_over_the_whole_job_and_never_back(context: JobContext, store: Store) -> None:
    seen = []
    for stage, fraction in [
        (Stage.PREPARING, 0.5),
        (Stage.TRAINING, 0.5),
        (Stage.TRAINING, 0.25),
        (Stage.PUBLISHING, 0.0),
        (Stage.PUBLISHING, 2.0),
    ]:
        context.stage(stage, fraction, (3.0, 5.0))
        context.flush()
        seen.append(store.jobs.get(context.job.id).percent)
    assert seen == pytest.approx([5, 50, 50, 90, 100])
    assert store.jobs.get(context.job.id).seconds_left == (3.0, 5.0)


def test_a_new_stage_is_on_record_at_once_and_points_wait_for_the_flush(context: JobContext, store: Store) -> None:
    context.stage(Stage.TRAINING, 0.0)
    assert store.jobs.get(context.job.id).stage is Stage.TRAINING
    context.point(point(1))
    assert store.runs.points(context.job.run_id)[1] == []
    context.flush()
    assert store.runs.points(context.job.run_id)[1] == [point(1)]


def test_everything_reported_is_flushed_by_itself_within_a_second_or_so(context: JobContext, store: Store) -> None:
    with context:
        context.point(point(1))
        context.draft(Score(accuracy=0.7, macro_f1=0.6, n=10))
        context.say(msg("Still improving."))
        context.environment({"device": "cpu"})
        context.planned(40)
        deadline = time.monotonic() + 5
        while (run := store.runs.get(context.job.run_id)).n_steps is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert (run.draft.accuracy, str(run.live_sentence), run.environment) == (0.7, "Still improving.", {"device": "cpu"})


def test_a_point_that_is_no_number_is_not_drawn(context: JobContext, store: Store) -> None:
    context.point(point(1, math.nan))
    context.point(point(2, math.inf))
    context.point(point(3))
    context.flush()
    assert store.runs.points(context.job.run_id)[1] == [point(3)]


def test_points_that_could_not_be_written_are_written_later(
    context: JobContext, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(*arguments: object, **values: object) -> None:
        raise OSError(28, "No space left on device")

    context.point(point(1))
    with monkeypatch.context() as patch:
        patch.setattr(store.runs, "record", disk_full)
        with pytest.raises(OSError, match="No space"):
            context.flush()
    context.point(point(2))
    context.flush()
    assert store.runs.points(context.job.run_id)[1] == [point(1), point(2)]


def test_wishes_are_seen_without_asking_the_store_at_every_step(
    context: JobContext, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_asked = 0
    real = store.jobs.wish

    def counted(job_id: int, attempt: int) -> Wish:
        nonlocal n_asked
        n_asked += 1
        return real(job_id, attempt)

    monkeypatch.setattr(store.jobs, "wish", counted)
    store.jobs.set_wish(context.job.id, Wish.STOP)
    began = time.monotonic()
    while time.monotonic() - began < 0.6:
        assert context.should_stop() is Wish.STOP
        assert context.should_cancel() is Wish.NONE
    assert n_asked <= 4
    store.jobs.set_wish(context.job.id, Wish.CANCEL)
    time.sleep(0.3)
    assert context.should_cancel() is Wish.CANCEL


def test_an_attempt_that_lost_its_job_is_stopped(context: JobContext, store: Store) -> None:
    store.jobs.requeue(context.job.id, context.job.attempt)
    with pytest.raises(Fenced):
        context.flush()
    assert context.should_stop() is Wish.CANCEL


def test_an_attempt_that_recorded_its_end_is_not_taken_for_one_that_lost_its_job(
    context: JobContext, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.context.FLUSH_SECONDS", 0.01)
    left: list[int] = []
    monkeypatch.setattr("core.jobs.context.os._exit", left.append)
    with context:
        time.sleep(0.05)
        context.finish({})
        time.sleep(0.05)
    assert left == [] and store.jobs.get(context.job.id).status is JobStatus.DONE
