import math
import threading
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from core.training import busy
from core.training.busy import Stopwatch, load_of, share_beside
from core.training.machine import Machine

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TWO_CORES = Machine(kind="cpu", name="A processor", n_cores=2, memory_bytes=8 << 30, n_threads=1)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("load", "share"), [(0.0, 1.0), (1.0, 1.0), (3.0, 0.5), (7.0, 0.25), (1000.0, 0.05), (-1, 1.0)]
)
def test_share_shrinks_with_what_else_runs(load: float, share: float) -> None:
    assert share_beside(load, TWO_CORES) == share


def test_a_job_that_just_ended_explains_its_part_of_the_load() -> None:
    hours = load_of([(ago(7200), NOW)], NOW, 2)
    assert hours == pytest.approx(2.0)
    assert load_of([(ago(7200), ago(60))], NOW, 2) == pytest.approx(2 / math.e)
    assert load_of([(ago(30), NOW)], NOW, 1) == pytest.approx(1 - math.exp(-0.5))
    assert load_of([(ago(7200), ago(3600))], NOW, 2) == pytest.approx(0.0, abs=1e-9)


def test_a_stopped_watch_stands_still() -> None:
    watch = Stopwatch()
    sum(range(20_000))
    watch.stop()
    before = (watch.seconds, watch.quiet_seconds)
    time.sleep(0.01)
    assert (watch.seconds, watch.quiet_seconds) == before
    assert 0 < before[1] <= before[0]


def test_waiting_for_a_processor_is_no_quiet_time(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = iter([busy._Reading(10.0, 0, 0), busy._Reading(18.0, 2_000, 6_000)])
    monkeypatch.setattr(busy, "_reading", lambda: next(readings))
    watch = Stopwatch()
    watch.stop()
    assert (watch.seconds, watch.share, watch.quiet_seconds) == (8.0, 0.25, 2.0)


def test_a_system_that_tells_nothing_counts_as_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "_SCHEDSTAT", busy._SCHEDSTAT.parent / "not-there")
    watch = Stopwatch()
    assert watch.share == 1.0
    assert busy._reading().worked == 0


def test_each_thread_is_measured_alone() -> None:
    shares: list[float] = []

    def sleep() -> None:
        watch = Stopwatch()
        time.sleep(0.02)
        shares.append(watch.share)

    thread = threading.Thread(target=sleep)
    thread.start()
    sum(range(200_000))
    thread.join()
    assert 0 < shares[0] <= 1


def test_programs_of_low_priority_take_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "load_average", lambda: 7.0)
    monkeypatch.setattr(busy, "_weight_of_others", lambda now: 1.0)
    assert busy.free_share_of(TWO_CORES, []) == 0.25
    monkeypatch.setattr(busy, "_weight_of_others", lambda now: 1.25**-5)
    assert busy.free_share_of(TWO_CORES, []) == pytest.approx(2 / (1 + 7 * 1.25**-5))


def test_running_programs_are_weighed_against_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    def running(nice: int, status: str = psutil.STATUS_RUNNING) -> SimpleNamespace:
        return SimpleNamespace(info={"nice": nice, "status": status})

    ours = psutil.Process().nice()
    programs = [running(ours), running(ours + 5), running(ours + 19, psutil.STATUS_SLEEPING)]
    monkeypatch.setattr(psutil, "process_iter", lambda attributes: programs)
    assert busy._weight_of_others(-1) == pytest.approx((1 + 1.25**-5) / 2)
    monkeypatch.setattr(psutil, "process_iter", lambda attributes: [])
    assert busy._weight_of_others(-2) == 1.0
