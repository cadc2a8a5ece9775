"""What trackers are told when a job is interrupted, and what nobody is told. All else: tests/contracts/test_trackers.py."""

import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.domain.job import Job, JobStatus, Wish
from core.domain.recipe import TrainingRecipe
from core.domain.run import CHECKUP_LOSS, MetricPoint
from core.domain.tracking import TrackingPlace
from core.jobs import tracking
from core.jobs.tracking import Tracking, without_secrets
from core.settings import Settings
from core.store import Store
from core.tracking import TRACKERS
from tests.unit.store.records import a_dataset, claim

POINT = MetricPoint(name=CHECKUP_LOSS, step=1, value=0.5)


class Notebook:
    """A tracker that writes down what it is told."""

    name, title, package, requirement, modules = "notebook", "Notebook", "json", "json==1", ()
    place = TrackingPlace(handle="page 1")

    def __init__(self) -> None:
        self.told: list[object] = []

    def record(self, *run_folder_handle: object) -> "Notebook":
        return self

    def known(self) -> set[tuple[str, int]]:
        return set()

    def points(self, points: Sequence[MetricPoint]) -> None:
        self.told += points

    def pause(self) -> None:
        self.told.append("pause")

    def end(self, status: JobStatus, scores: object) -> None:
        self.told.append(status)


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    notebook = Notebook()
    monkeypatch.setitem(TRACKERS._members, "notebook", notebook)  # type: ignore[arg-type]
    monkeypatch.setattr(tracking, "LOOK_SECONDS", 0.02)
    return notebook


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "tunedesk.db")
    yield store
    store.close()


@pytest.fixture
def job(store: Store, notebook: Notebook) -> Job:
    dataset = store.datasets.add(a_dataset())
    store.start_training(dataset, TrainingRecipe(), name="Tickets", trackers=["notebook"])
    return claim(store)


@pytest.mark.parametrize(("wish", "end"), [(Wish.CANCEL, JobStatus.CANCELLED), (Wish.NONE, "pause")])
def test_a_process_that_must_end_tells_a_tracker_whether_the_job_goes_on(
    store: Store, job: Job, notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wish: Wish, end: object
) -> None:
    ended_by: list[int] = []
    before = signal.getsignal(signal.SIGTERM)
    at_work = Tracking(store, Settings(home=tmp_path), job, lambda sentence: None)
    at_work.start()
    store.runs.record(job.id, job.attempt, points=[POINT])
    if wish:
        store.jobs.set_wish(job.id, wish)
    real = signal.raise_signal
    monkeypatch.setattr(signal, "raise_signal", ended_by.append)
    real(signal.SIGTERM)
    assert notebook.told == [POINT, end]
    assert ended_by == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) is before is signal.SIG_DFL


def test_without_trackers_nothing_is_watched(store: Store, tmp_path: Path) -> None:
    dataset = store.datasets.add(a_dataset())
    store.start_training(dataset, TrainingRecipe(seed=1), name="Tickets")
    at_work = Tracking(store, Settings(home=tmp_path), claim(store), lambda sentence: None)
    at_work.start()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    at_work.end(JobStatus.DONE)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no answer from https://me:pass@host/x", "no answer from https://***@host/x"),
        ("postgresql://me@host:5432/db", "postgresql://***@host:5432/db"),
        ("key abc-123 was refused", "key *** was refused"),
        ("sqlite:////home/me/mail@work.db and a@b", "sqlite:////home/me/mail@work.db and a@b"),
    ],
)
def test_what_was_told_in_confidence_is_blotted_out(text: str, told: str) -> None:
    assert without_secrets(text, ["abc-123"]) == told
