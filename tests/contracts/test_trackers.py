"""What every tracker must do, read back with the tools' own readers from their own files and stores."""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from core.domain.job import Job, JobStatus, Stage
from core.domain.recipe import TrainingRecipe
from core.domain.run import CHECKUP_LOSS, PRACTICE_LOSS, MetricPoint, Run
from core.domain.tracking import TrackedRun, TrackingPlace
from core.jobs import tracking
from core.jobs.child import run_job
from core.jobs.context import JobContext
from core.registry import Registry
from core.settings import PROJECT_DIR, load
from core.store import Store
from core.tracking import TRACKERS
from core.tracking.protocol import Tracker
from core.tracking.wandb import log_records
from core.training.types import Cancelled
from tests.unit.store.records import a_dataset, claim

#: MLflow 3.17 under SQLAlchemy 2.1
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader:sqlalchemy.exc.SADeprecationWarning")

POINTS = [
    MetricPoint(name=name, step=step, value=1.0 / (step + n))
    for step in range(1, 9)
    for n, name in enumerate((PRACTICE_LOSS, CHECKUP_LOSS), start=1)
]
RUN = TrackedRun(
    run_id=7, name="票 / March", dataset_name="票", dataset_id="0123456789ab", recipe=TrainingRecipe(seed=5)
)
SCORES = {"exam_accuracy": 0.875, "exam_macro_f1": 0.75}

Kept = list[tuple[str, int, float]]  #: (name, step, value) of every point that the tool holds


def in_tensorboard(place: TrackingPlace) -> tuple[Kept, str]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(place.where, size_guidance={"scalars": 0}).Reload()
    texts = [e.tensor_proto.string_val[0].decode() for tag in events.Tags()["tensors"] for e in events.Tensors(tag)]
    return [(tag, e.step, e.value) for tag in events.Tags()["scalars"] for e in events.Scalars(tag)], " ".join(texts)


def in_mlflow(place: TrackingPlace) -> tuple[Kept, str]:
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=place.where.split(", ")[0])
    run = client.get_run(place.handle)
    points = [(key, m.step, m.value) for key in run.data.metrics for m in client.get_metric_history(place.handle, key)]
    [data] = run.inputs.dataset_inputs
    about = [run.info.run_name, run.info.status, data.dataset.name, data.dataset.digest]
    return points, " ".join([*about, str(run.data.params), str(run.data.tags)])


def in_wandb(place: TrackingPlace) -> tuple[Kept, str]:
    from wandb.proto.wandb_internal_pb2 import Record

    points, texts, numbers = [], [], []
    for path in sorted(Path("/").glob(f"{place.where[1:]}/*.wandb")):
        for record in map(Record.FromString, log_records(path.read_bytes())):
            row = {item.key or item.nested_key[0]: json.loads(item.value_json) for item in record.history.item}
            points += [(k, row["training_step"], v) for k, v in row.items() if k != "training_step" and k[0] != "_"]
            numbers += [record.history.step.num] if row else []
            texts += [str(record.run), str(record.config), str(record.exit)] if not row else []
            if record.summary.update and (last := {i.key: i.value_json for i in record.summary.update}):
                points += [(name, 8, json.loads(last[name])) for name in SCORES if name in last]
    assert numbers == list(range(len(numbers)))  # its own count goes on over the files, or the server drops rows
    return points, " ".join(texts)


READERS: Mapping[str, Callable[[TrackingPlace], tuple[Kept, str]]] = {
    "tensorboard": in_tensorboard,
    "mlflow": in_mlflow,
    "wandb": in_wandb,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tracking")


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("MLFLOW_", "WANDB_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))  # of a login that is kept there


def values(points: Kept) -> dict[tuple[str, int], float]:
    assert Counter((name, step) for name, step, _value in points).most_common(1)[0][1] == 1
    return {(name, step): pytest.approx(value, rel=1e-6) for name, step, value in points}


@pytest.mark.parametrize("tracker", list(TRACKERS), ids=lambda tracker: tracker.name)
def test_a_resumed_run_is_kept_once_with_all_that_tells_it_apart(tracker: Tracker, folder: Path) -> None:
    first = tracker.record(RUN, folder, "")
    assert first.known() == set()
    first.points(POINTS[:7])  # in the middle of a step
    first.environment({"device": "cpu"})
    place = first.place
    first.pause()

    second = tracker.record(RUN, folder, place.handle)
    assert second.known() >= {(p.name, p.step) for p in POINTS[:7]}
    assert second.known().isdisjoint((p.name, p.step) for p in POINTS[7:])
    second.environment({"device": "cpu"})
    second.points(POINTS[7:])
    second.end(JobStatus.DONE, SCORES)

    assert second.place == place
    points, about = READERS[tracker.name](place)
    expected = {(p.name, p.step): p.value for p in POINTS} | {(name, 8): value for name, value in SCORES.items()}
    assert values(points) == expected
    for told in (RUN.dataset_id, "seed", "device", "票"):
        assert told in about or told.encode("unicode_escape").decode() in about or told in place.where
    assert tracker.name in place.command and (str(folder) in place.command or "://" in place.command)


@pytest.mark.parametrize("tracker", list(TRACKERS), ids=lambda tracker: tracker.name)
def test_each_has_a_pin_and_says_in_a_sentence_what_it_is(tracker: Tracker) -> None:
    pins = (PROJECT_DIR / "requirements-tracking.txt").read_text(encoding="utf-8").split()
    assert tracker.requirement in pins
    assert str(tracker.about).endswith(".")


def test_nothing_is_imported_unless_it_is_chosen() -> None:
    code = (
        "import sys, core.workspace, core.jobs.handlers, core.jobs.child, core.terminal.parser, core.tracking;"
        "from core.tracking.protocol import is_installed;"
        "assert all(is_installed(tracker) for tracker in core.tracking.TRACKERS);"
        f"print([m for m in sys.modules if m.split('.')[0] in {[t.package for t in TRACKERS]}])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_DIR, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- in a job ------------------------------------------------------------------------------------------------------


class Steps:
    """A training that takes a few steps; its first attempt can end the process in the middle."""

    name = "train"

    def stage_weights(self, store: Store, job: Job) -> Mapping[Stage, float]:
        return {Stage.TRAINING: 1}

    def run(self, context: JobContext) -> None:
        context.environment({"device": "cpu"})
        for point in POINTS:
            context.point(point)
        context.finish({})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUNEDESK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tracking, "LOOK_SECONDS", 0.02)
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    home.mkdir()
    store = Store.open(home / "tunedesk.db")
    yield store
    store.close()


def trained(store: Store, *trackers: str) -> Run:
    """The run of a job that was recorded with `trackers`."""
    dataset = store.datasets.add(a_dataset())
    queued = store.start_training(dataset, TrainingRecipe(), name="Tickets", trackers=trackers)
    job = claim(store)
    assert job.id == queued.id
    assert run_job(job.id, job.attempt, Registry("job kind", Steps())) == 0
    assert store.jobs.get(job.id).status is JobStatus.DONE
    assert store.runs.points(job.run_id or 0)[1] == POINTS
    return store.runs.get(job.run_id or 0)


class Broken:
    """A tool that fails at the given moment, or never comes back from it."""

    name, title, package, requirement = "broken", "Brokenboard", "json", "json==1"
    modules: tuple[str, ...] = ()

    def __init__(self, moment: str, act: Callable[[], object]) -> None:
        self._moment, self._act = moment, act
        if moment == "modules":
            self.package, self.modules = "brokenboard", ("brokenboard",)

    def record(self, run: TrackedRun, folder: Path, handle: str) -> "Broken":
        self._at("record")
        return self

    @property
    def place(self) -> TrackingPlace:
        return TrackingPlace(handle="1", where="http://me:pass-word@tool.example/1")

    def known(self) -> set[tuple[str, int]]:
        return set()

    def points(self, points: object) -> None:
        self._at("points")

    def environment(self, values: object) -> None:
        self._at("environment")

    def pause(self) -> None:
        raise OSError("it is broken")

    def end(self, status: object, scores: object) -> None:
        self._at("end")

    def _at(self, moment: str) -> None:
        if moment == self._moment:
            self._act()


def refuse() -> None:
    raise ConnectionError("no answer from http://me:pass-word@tool.example with key-12345")


def fill_the_disk() -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("moment", "act", "words"),
    [
        ("modules", refuse, "It is not installed. To add it:"),
        ("record", refuse, "It said: no answer from http://***@tool.example with ***"),
        ("points", fill_the_disk, "The disk is full."),
        ("environment", refuse, "It said: no answer"),
        ("end", refuse, "It said: no answer"),
    ],
    ids=["not installed", "no answer", "disk full", "no answer later", "no answer at the end"],
)
def test_a_broken_tracker_stops_no_run_and_no_other_tracker(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    moment: str,
    act: Callable[[], object],
    words: str,
) -> None:
    monkeypatch.setitem(TRACKERS._members, "broken", Broken(moment, act))  # type: ignore[arg-type]
    monkeypatch.setenv("WANDB_API_KEY", "key-12345")
    run = trained(store, "broken", "tensorboard")
    assert str(run.tracking["broken"].problem).startswith(words)
    assert run.tracking["tensorboard"].problem is None
    assert len(in_tensorboard(run.tracking["tensorboard"])[0]) == len(POINTS)
    told = capfd.readouterr().err + repr(run)
    assert "broken is dropped" in told
    assert "pass-word" not in told and "key-12345" not in told
    if moment == "modules":  # later than that the short run may be over, and nobody reads along
        assert "Brokenboard keeps no more" in str(run.live_sentence)


def test_a_tracker_that_never_comes_back_is_left_behind(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setitem(TRACKERS._members, "broken", Broken("points", release.wait))  # type: ignore[arg-type]
    monkeypatch.setattr(tracking, "END_SECONDS", 0.1)
    assert trained(store, "broken").tracking["broken"].problem is None
    release.set()


def test_a_tracker_that_nobody_knows_stops_no_run(store: Store) -> None:
    assert "There is no tracker named" in str(trained(store, "ledger").tracking["ledger"].problem)


def test_a_server_that_cannot_be_reached_is_told_without_its_password(
    store: Store, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:pass-word@127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")
    run = trained(store, "mlflow")
    assert str(run.tracking["mlflow"].problem).startswith("It said:")
    assert "pass-word" not in capfd.readouterr().err + repr(run)


def test_a_job_that_was_killed_goes_on_in_the_same_place(store: Store, home: Path) -> None:
    dataset = store.datasets.add(a_dataset())
    store.start_training(dataset, TrainingRecipe(), name="Tickets", trackers=["tensorboard"])
    first = claim(store)
    code = f"import tests.contracts.a_killed_job as job; job.run({first.id}, {first.attempt})"
    killed = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_DIR, capture_output=True, text=True)
    assert killed.returncode == -9, killed.stderr
    place = store.runs.get(first.run_id or 0).tracking["tensorboard"]
    [events] = Path(place.where).iterdir()
    events.write_bytes(events.read_bytes()[:-5])  # the kill came in the middle of writing
    n_kept = len(in_tensorboard(place)[0])
    assert 0 < n_kept < len(POINTS)

    store.jobs.requeue(first.id, first.attempt)
    second = claim(store)
    assert run_job(second.id, second.attempt, Registry("job kind", Steps())) == 0
    assert store.runs.get(first.run_id or 0).tracking["tensorboard"] == place
    assert values(in_tensorboard(place)[0]) == {(p.name, p.step): p.value for p in POINTS}
    assert [path.name for path in Path(place.where).parent.iterdir()] == [place.handle]


def test_a_cancelled_job_that_starts_again_starts_a_new_record(store: Store) -> None:
    dataset = store.datasets.add(a_dataset())
    store.start_training(dataset, TrainingRecipe(), name="Tickets", trackers=["tensorboard"])
    job = claim(store)
    with pytest.raises(Cancelled), JobContext(store, load(), job, {Stage.TRAINING: 1}) as context:
        context.point(POINTS[0])
        raise Cancelled
    store.jobs.mark_cancelled(job.id, job.attempt)
    place = store.runs.get(job.run_id or 0).tracking["tensorboard"]
    points, about = in_tensorboard(place)
    assert points == [(PRACTICE_LOSS, 1, 0.5)]
    assert "| status | cancelled |" in about

    store.jobs.resume(job.id)
    assert store.runs.get(job.run_id or 0).tracking == {}
    again = claim(store)
    assert run_job(again.id, again.attempt, Registry("job kind", Steps())) == 0
    assert store.runs.get(job.run_id or 0).tracking["tensorboard"].handle == f"{place.handle} (2)"
