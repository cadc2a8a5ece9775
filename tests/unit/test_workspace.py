"""The verbs, on a real folder with a real database. What trains is tested in tests/faults and tests/e2e."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.dataset import Dataset, Split
from core.domain.job import JobStatus
from core.domain.recipe import Preset
from core.errors import BadData, NotFound, NotPossible
from core.settings import Settings, load
from core.workspace import Workspace
from tests.unit.domain.test_run import RUN

pytestmark = pytest.mark.usefixtures("in_this_process")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.open(Settings(home=tmp_path / "home"))
    yield workspace
    workspace.close()


@pytest.fixture
def tickets(workspace: Workspace) -> Dataset:
    rows = [
        (f"please help me with case number {i} about my {word}", word) for i in range(20) for word in ("card", "loan")
    ]
    return add(workspace, rows)


def add(workspace: Workspace, rows: list[tuple[str, str]], name: str = "tickets.csv") -> Dataset:
    text = "message,category\n" + "".join(f"{text},{label}\n" for text, label in rows)
    return workspace.add_dataset(workspace.receive_upload(io.BytesIO(text.encode()), name))


def test_same_content_is_the_same_dataset(workspace: Workspace, tickets: Dataset) -> None:
    rows = workspace.dataset_rows(tickets.id)
    again = add(workspace, [(r.text, r.label) for r in rows.itertuples()])
    assert again.id == tickets.id
    assert len(workspace.datasets()) == 1


def test_rows_are_found_by_split_label_and_number(workspace: Workspace, tickets: Dataset) -> None:
    exam = workspace.dataset_rows(tickets.id, split=Split.EXAM)
    assert len(exam) == tickets.split_sizes["exam"]
    assert set(workspace.dataset_rows(tickets.id, label="loan")["label"]) == {"loan"}
    assert workspace.dataset_rows(tickets.id, row_numbers=[2, 4])["row"].tolist() == [2, 4]


def test_what_was_set_aside_is_listed_and_downloadable(workspace: Workspace) -> None:
    rows = [(f"the card was swallowed by {place}", "card") for place in ("the machine", "my dog", "a fish")]
    rows += [(f"a loan for {thing} please", "loan") for thing in ("a house", "my car", "new shoes")]
    dataset = add(workspace, [*rows, *rows[:4], ("", "card")])
    aside = workspace.dataset_rows(dataset.id, set_aside=True)
    assert len(aside) == dataset.n_set_aside == 5
    assert len(workspace.set_aside_csv(dataset.id).decode("utf-8-sig").splitlines()) == 1 + 5


def test_plan_follows_the_dial_and_the_overrides(workspace: Workspace, tickets: Dataset) -> None:
    quick = workspace.plan(tickets.id, Preset.QUICK)
    best = workspace.plan(tickets.id, Preset.BEST, overrides={"seed": "7"})
    assert quick.recipe.technique == "draft"
    assert best.recipe.technique != "draft"
    assert best.recipe.seed == 7
    assert 0 < quick.forecast.low_seconds < quick.forecast.high_seconds <= best.forecast.high_seconds
    assert sum(workspace.plan(tickets.id, preset).recommended for preset in Preset) == 1


def test_starting_the_same_thing_twice_makes_one_job(workspace: Workspace, tickets: Dataset) -> None:
    recipe = workspace.plan(tickets.id, Preset.QUICK).recipe
    first = workspace.start_training(tickets.id, recipe)
    assert workspace.start_training(tickets.id, recipe) == first
    other = workspace.start_training(tickets.id, recipe.changed({"seed": 1}))
    assert (first.queue_position, other.queue_position) == (1, 2)
    assert len(workspace.runs()) == 2


def test_a_start_says_where_it_is_recorded_else_the_environment_does(
    workspace: Workspace, tickets: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = workspace.plan(tickets.id, Preset.QUICK).recipe
    monkeypatch.setenv("TUNEDESK_TRACKERS", " mlflow, tensorboard,mlflow,")
    workspace.settings = load()

    def start(seed: int, trackers: list[str] | None) -> object:
        return workspace.start_training(tickets.id, recipe.changed({"seed": seed}), trackers=trackers).payload

    assert start(1, None) == {"dataset_id": tickets.id, "trackers": ["mlflow", "tensorboard"]}
    assert start(2, ["wandb", "wandb"]) == {"dataset_id": tickets.id, "trackers": ["wandb"]}
    assert start(3, []) == {"dataset_id": tickets.id}
    with pytest.raises(NotFound, match="There is no tracker named"):
        start(4, ["ledger"])


def test_data_that_cannot_be_learned_from_is_refused_with_its_findings(workspace: Workspace) -> None:
    dataset = add(workspace, [(f"text number {i} about the card", "card") for i in range(20)])
    assert [f.code for f in dataset.blocking_findings] == ["single_label"]
    with pytest.raises(BadData, match="Training cannot start"):
        workspace.start_training(dataset.id, workspace.plan(dataset.id).recipe)
    assert workspace.jobs() == []


def test_queued_job_is_cancelled_at_once_and_can_be_resumed(workspace: Workspace, tickets: Dataset) -> None:
    job = workspace.start_training(tickets.id, workspace.plan(tickets.id).recipe)
    assert workspace.cancel(job.id).status is JobStatus.CANCELLED
    with pytest.raises(NotPossible):
        workspace.cancel(job.id)
    assert workspace.resume(job.id).status is JobStatus.QUEUED


def test_dataset_under_a_run_cannot_be_deleted(workspace: Workspace, tickets: Dataset) -> None:
    job = workspace.start_training(tickets.id, workspace.plan(tickets.id).recipe)
    with pytest.raises(NotPossible, match="1 training run rests on this data set"):
        workspace.delete_dataset(tickets.id)
    with pytest.raises(NotPossible):
        workspace.delete_run(job.run_id or 0)
    workspace.cancel(job.id)
    workspace.delete_run(job.run_id or 0)
    workspace.delete_dataset(tickets.id)
    assert workspace.datasets() == []
    assert list(workspace.settings.uploads_dir.iterdir()) == []
    with pytest.raises(NotFound):
        workspace.dataset(tickets.id)


def test_renaming_a_run_needs_a_name(workspace: Workspace, tickets: Dataset) -> None:
    job = workspace.start_training(tickets.id, workspace.plan(tickets.id).recipe)
    assert workspace.rename_run(job.run_id or 0, "  March   tickets ").name == "March tickets"
    with pytest.raises(NotPossible):
        workspace.rename_run(job.run_id or 0, "   ")


def test_upload_can_be_found_again_by_its_hash(workspace: Workspace) -> None:
    upload = workspace.receive_upload(io.BytesIO(b"text,label\na,b\n"), "工单.csv")
    assert workspace.upload(upload.sha256) == upload
    with pytest.raises(NotFound):
        workspace.upload("../../etc/passwd")


def test_every_sample_opens_without_a_blocking_finding(workspace: Workspace) -> None:
    samples = workspace.samples()
    assert {s.language for s in samples} >= {"en", "zh"}
    for sample in samples:
        dataset = workspace.open_sample(sample.name)
        assert dataset.blocking_findings == ()
        assert (dataset.profile.language, len(dataset.labels)) == (sample.language, sample.n_labels)
    with pytest.raises(NotFound, match="Known names"):
        workspace.open_sample("nothing")


def test_doctor_finds_this_machine_well(workspace: Workspace) -> None:
    report = workspace.doctor()
    assert report["database"]["integrity"] == "ok"
    assert report["packages"]["torch"]
    assert not [p for p in report["problems"] if "disk" not in p]
    assert {m["name"] for m in report["base_models"] if m["installed"]} >= {"minilm-l6-en", "e5-small-zh-en"}


def test_doctor_tells_how_good_the_minutes_foreseen_were(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert workspace.forecast_errors() == {"n_runs": 0, "median_error": None, "n_within_range": 0}
    whole = {"seconds": {"drafting": 80.0, "starting": 20.0}}
    runs = [replace(RUN, environment={"forecast_seconds": span}, **whole) for span in ([80, 160], [90, 110], [10, 50])]
    monkeypatch.setattr(workspace, "runs", lambda: [*runs, replace(RUN, environment={})])
    assert workspace.forecast_errors() == {"n_runs": 3, "median_error": 0.2, "n_within_range": 2}
    assert workspace.doctor()["forecasts"]["n_runs"] == 3
