"""Train: a base model reads texts first; its start, its live state, what came of it, and the way to it from Runs."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.base_models.own import RECORD
from core.domain.dataset import Dataset
from core.domain.job import Job, JobKind, Stage, Wish
from core.domain.model import BaseModel
from core.domain.plain import to_plain
from core.domain.pretraining import Guesses, Pretrained
from core.store.store import Store
from core.workspace import Workspace
from tests.pages import training_seeds as seeds
from tests.pages.conftest import OpenPage
from tests.pages.test_runs import all_text

BEFORE, AFTER = Guesses(ratio=0.18, loss=4.0, n=900), Guesses(ratio=0.31, loss=3.1, n=900)
FIGURES = {"n_texts": 2380, "before": to_plain(BEFORE), "after": to_plain(AFTER)}
OWN = "own:minilm-l6-en:read-our-tickets-0123456789ab"


@pytest.fixture
def store(workspace: Workspace) -> Store:
    return Store.open(workspace.settings.database_path)


@pytest.fixture
def data(store: Store) -> Dataset:
    return seeds.add_dataset(store)


def reading(workspace: Workspace, store: Store, data: Dataset) -> Job:
    """A job that has told its first guesses."""
    workspace.start_pretraining("minilm-l6-en", "Read our tickets", dataset_id=data.id)
    job = store.jobs.claim()
    assert job is not None
    store.jobs.progress(
        job.id, job.attempt, stage=Stage.TRAINING, percent=40, seconds_left=(60, 90), step=9, result=FIGURES
    )
    return store.jobs.get(job.id)


def add_own(workspace: Workspace) -> BaseModel:
    parent = workspace.base_model("minilm-l6-en")
    known = Pretrained(
        parent=parent.name, parent_title=parent.title, n_texts=2380, before=BEFORE, after=AFTER,
        created_at=datetime.now(UTC),
    )  # fmt: skip
    model = replace(parent, name=OWN, title="Read our tickets", installed=True, pretrained=known)
    folder = workspace.settings.base_models_dir / "own-read-our-tickets-0123456789ab"
    folder.mkdir(parents=True)
    (folder / RECORD).write_text(json.dumps(to_plain(model)))
    return model


def test_it_says_what_is_read_how_long_it_takes_and_starts(
    workspace: Workspace, data: Dataset, open_page: OpenPage
) -> None:
    test = open_page("train", dataset=data.id)
    text = all_text(test)
    assert "2,380 practice texts" in text and "never read" in text and "read 10 times" in text
    test.text_input(key=f"pretraining_name_{data.id}").set_value("MiniLM, read our tickets").run()
    test.button(key="pretraining_start").click().run()
    assert not test.exception
    [job] = workspace.jobs(JobKind.PRETRAIN)
    assert (job.title, job.payload["dataset_id"]) == ("MiniLM, read our tickets", data.id)
    assert test.query_params["job"] == str(job.id)


def test_a_file_with_more_texts_is_counted(workspace: Workspace, data: Dataset, open_page: OpenPage) -> None:
    rows = "message\n" + "".join(f"what about the fee of case {i}\n" for i in range(40))
    upload = workspace.receive_upload(io.BytesIO(rows.encode()), "more.csv")
    test = open_page("train", dataset=data.id, texts=upload.sha256)
    assert "40 texts of more" in all_text(test)
    test.button(key="pretraining_no_file").click().run()
    assert "texts" not in test.query_params and "40 texts" not in all_text(test)


def test_while_it_reads_the_guesses_are_told_and_it_can_be_stopped(
    workspace: Workspace, store: Store, data: Dataset, open_page: OpenPage
) -> None:
    job = reading(workspace, store, data)
    test = open_page("train", dataset=data.id)
    assert "Of 100 hidden words it guesses 31; before it was 18." in all_text(test)
    assert "31" in all_text(open_page("train", lang="zh_CN", dataset=data.id))
    test.button(key=f"pretraining_stop_{job.id}").click().run()
    assert workspace.job(job.id).wish is Wish.STOP


def test_afterwards_a_training_can_start_from_it_and_it_can_be_deleted(
    workspace: Workspace, store: Store, data: Dataset, open_page: OpenPage
) -> None:
    job, model = reading(workspace, store, data), add_own(workspace)
    store.jobs.finish(job.id, job.attempt, result=FIGURES | {"base_model": model.name, "stopped": False})
    test = open_page("train", dataset=data.id, job=str(job.id))
    test.button(key=f"pretraining_take_{job.id}").click().run()
    assert not test.exception
    assert "that has read 2,380 texts of yours" in all_text(test)
    assert test.selectbox(key=f"train_base_model_{data.id}").value == OWN
    test.button(key="delete_base_model").click().run()
    assert not test.exception
    assert all(other.name != OWN for other in workspace.base_models())


def test_without_gain_it_says_that_nothing_was_made(
    workspace: Workspace, store: Store, data: Dataset, open_page: OpenPage
) -> None:
    job = reading(workspace, store, data)
    store.jobs.finish(job.id, job.attempt, result=FIGURES | {"base_model": None, "stopped": False})
    assert "no base model was made" in all_text(open_page("train", dataset=data.id, job=str(job.id)))


def test_runs_lists_a_reading_and_leads_to_it(
    workspace: Workspace, store: Store, data: Dataset, open_page: OpenPage
) -> None:
    seeds.queue_run(store, data)
    job = workspace.start_pretraining("minilm-l6-en", "Read our tickets", dataset_id=data.id)
    test = open_page("runs")
    assert "Base models reading your texts" in all_text(test)
    assert test.button(key=f"open_job_{job.id}").label == "Read our tickets"
    assert "Let the base model read" in str([e.label for e in open_page("runs", job=str(job.id)).expander])
