"""From texts without categories to a base model of one's own: the verbs, the job, and what can be done with it."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.base_models.advice import advice_for
from core.base_models.encoder import FrozenEncoder
from core.base_models.own import root_of
from core.base_models.sources import about, fetch
from core.datasets.unlabeled import readable_texts, unlabeled_texts
from core.domain.dataset import Dataset, Split
from core.domain.job import Job, JobKind, JobStatus, Wish
from core.domain.recipe import TrainingRecipe
from core.errors import NotFound, NotPossible, WeightsUnavailable
from core.files import is_whole
from core.jobs.child import run_job
from core.settings import Settings
from core.training.model import training_classifier
from core.workspace import Workspace
from tests.unit.training.tiny import build_base, examples

pytestmark = pytest.mark.usefixtures("in_this_process")
TEXTS = list(dict.fromkeys(examples(500, 7).texts))[:120]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own")


@pytest.fixture(scope="module")
def base(home: Path) -> str:
    return str(build_base(home / "Tiny BERT"))


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("TUNEDESK_HOME", str(home / "home"))
    workspace = Workspace.open(Settings(home=home / "home"))
    yield workspace
    workspace.close()


def upload(workspace: Workspace, texts: list[str]):  # type: ignore[no-untyped-def]
    return workspace.receive_upload(io.BytesIO(("message\n" + "\n".join(texts) + "\n").encode()), "texts.csv")


def do(workspace: Workspace) -> Job:
    """The next job of the queue, in this process."""
    job = workspace._store.jobs.claim()
    assert job is not None
    assert run_job(job.id, job.attempt) == 0
    return workspace.job(job.id)


@pytest.fixture
def own(workspace: Workspace, base: str) -> Job:
    """Made once; the second call finds the finished job."""
    done = [job for job in workspace.jobs(JobKind.PRETRAIN) if job.status is JobStatus.DONE]
    if done:
        return done[0]
    file = upload(workspace, TEXTS)
    plan = workspace.pretraining_plan(base, upload=file, epochs=2)
    assert (plan.n_texts, plan.settings.epochs) == (120, 2)
    assert 0 < plan.low_seconds < plan.high_seconds
    job = workspace.start_pretraining(base, "  Tiny,  read our tickets ", upload=file, epochs=2)
    assert workspace.start_pretraining(base, "Tiny, read our tickets", upload=file, epochs=2).id == job.id
    return do(workspace)


def test_the_job_tells_what_came_of_it(workspace: Workspace, own: Job) -> None:
    assert (own.status, own.title, own.error) == (JobStatus.DONE, "Tiny, read our tickets", None)
    result = own.result
    assert result["n_texts"] == 120 and result["after"]["loss"] < result["before"]["loss"]
    (model, *others) = workspace.base_models()
    assert model.name == result["base_model"] and not any(other.pretrained for other in others)
    assert (model.title, model.installed, model.is_downloaded) == ("Tiny, read our tickets", True, False)
    assert model.pretrained is not None
    assert model.pretrained.n_texts == 120 and model.pretrained.parent_title == "Tiny BERT"
    assert model.n_parameters > 0 and model.n_bytes > 10_000


def test_it_is_an_ordinary_folder_that_trains_and_reads(workspace: Workspace, own: Job, base: str) -> None:
    name, cache = own.result["base_model"], workspace.settings.base_models_dir
    folder = fetch(name, cache)
    assert is_whole(folder) and folder.parent == cache
    assert about(folder).name == name
    assert root_of(name) == base and advice_for(name) == advice_for(base)
    vectors = FrozenEncoder.load(FrozenEncoder.prepare(folder, cache)).embed(["where is my card", "login"])
    assert vectors.shape == (2, 32)
    from core.techniques import TECHNIQUES

    recipe = TrainingRecipe(base_model=name)
    import numpy as np

    classifier = training_classifier(folder, recipe, TECHNIQUES["full"], 2, np.arange(20))
    assert classifier.packs
    assert json.loads((folder / "config.json").read_text())["model_type"] == "bert"


def test_one_that_is_needed_stays_and_others_can_go(workspace: Workspace, own: Job, base: str) -> None:
    name, cache = own.result["base_model"], workspace.settings.base_models_dir
    waiting = workspace.start_pretraining(name, "Once more", upload=upload(workspace, TEXTS), epochs=1)
    with pytest.raises(NotPossible, match="starts from this base model"):
        workspace.delete_base_model(name)
    workspace.cancel(waiting.id)
    with pytest.raises(NotFound):
        workspace.delete_base_model("minilm-l6-en")
    FrozenEncoder.prepare(fetch(name, cache), cache)
    workspace.delete_base_model(name)
    assert not list(cache.glob("own-*"))
    assert all(model.name != name for model in workspace.base_models())
    with pytest.raises(WeightsUnavailable, match="no longer here"):
        fetch(name, cache)


def test_without_anything_to_read_or_a_name_it_is_refused(workspace: Workspace, base: str) -> None:
    with pytest.raises(NotPossible, match="nothing to read"):
        workspace.pretraining_plan(base)
    with pytest.raises(NotPossible, match="needs a name"):
        workspace.start_pretraining(base, "  ", upload=upload(workspace, TEXTS))


def test_a_running_one_may_be_told_to_stop(workspace: Workspace, base: str) -> None:
    job = workspace.start_pretraining(base, "Stopped", upload=upload(workspace, TEXTS), epochs=3)
    claimed = workspace._store.jobs.claim()
    assert claimed is not None and claimed.id == job.id
    assert workspace.stop(job.id).wish is Wish.STOP
    assert run_job(claimed.id, claimed.attempt) == 0
    ended = workspace.job(job.id)
    assert (ended.status, ended.result["stopped"], ended.result["base_model"]) == (JobStatus.DONE, True, None)


@pytest.fixture
def tickets(workspace: Workspace) -> Dataset:
    rows = [
        (f"please help me with case number {i} about my {word}", word) for i in range(20) for word in ("card", "loan")
    ]
    rows += [(f"where does one ask about fee {i}", "") for i in range(12)]
    text = "message,category\n" + "".join(f"{text},{label}\n" for text, label in rows)
    return workspace.add_dataset(workspace.receive_upload(io.BytesIO(text.encode()), "tickets.csv"))


def test_rows_without_a_category_are_counted_and_read(workspace: Workspace, tickets: Dataset) -> None:
    assert tickets.profile.n_unlabeled == 12
    rows = workspace.dataset_rows(tickets.id, set_aside=None)
    exam = rows.loc[rows["split"] == Split.EXAM.value, "text"].tolist()
    others = ["entirely new words", exam[0].upper(), f"{exam[1]}!", "entirely new words", " "]
    read = readable_texts(rows, others)
    practice = set(rows.loc[rows["split"] == Split.PRACTICE.value, "text"])
    unlabeled = [f"where does one ask about fee {i}" for i in range(12)]
    assert unlabeled_texts(rows) == unlabeled
    assert set(read) == practice | set(unlabeled) | {"entirely new words"}
    assert len(read) == len(set(read))
