"""Studies as a person meets them: planned, started once, worked off as a job, found again, gone with their model."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from core.domain.job import JobFailure, JobStatus, Wish
from core.domain.message import Message, msg
from core.domain.model import ModelVersion
from core.errors import NotFound, NotPossible, UserError
from core.settings import Settings
from core.studies import STUDIES, StudyContext, Subject
from core.workspace import Workspace
from tests.study_seeds import studied_model, work_off

pytestmark = pytest.mark.usefixtures("in_this_process")


@dataclass(frozen=True, slots=True, kw_only=True)
class CountOptions:
    word: str = "money"
    times: int = 1
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    n: int
    options: CountOptions


class CountStudy:
    """How many exam texts hold a word."""

    name = "count"
    title = msg("Delete")
    help = msg("Delete")
    options = CountOptions
    result = Count
    n_computed = 0

    def refusal(self, subject: Subject) -> Message | None:
        return msg("No exam.") if not subject.report.score.n else None

    def seconds(self, subject: Subject, options: CountOptions, machine: object) -> float:
        return 10.0

    def run(self, context: StudyContext, options: CountOptions) -> Count:
        def holds() -> np.ndarray:
            self.n_computed += 1
            return np.array([options.word in text for text in context.exam()["text"]])

        found = context.kept("holds", holds)
        context.part(0.5, 1.0).progress(0.5)
        if options.word == "crash":
            raise RuntimeError("a mistake of ours")
        return Count(n=options.times * int(found.sum()), options=options)

    def sentences(self, result: Count) -> list[Message]:
        return [msg("{n}", n=result.n)]


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> CountStudy:
    one = CountStudy()
    monkeypatch.setitem(STUDIES._members, "count", one)
    return one


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("TUNEDESK_HOME", str(tmp_path / "home"))
    workspace = Workspace.open(Settings(home=tmp_path / "home"))
    yield workspace
    workspace.close()


@pytest.fixture
def model(workspace: Workspace, study: CountStudy) -> ModelVersion:
    return studied_model(workspace)


def test_a_study_is_started_once_and_found_again(workspace: Workspace, model: ModelVersion) -> None:
    assert workspace.study(model.id, "count") is None
    job = workspace.start_study(model.id, "count", times="2", columns="a, b")
    assert workspace.start_study(model.id, "count").id == job.id
    assert workspace.study_job(model.id, "count").id == job.id
    with pytest.raises(NotPossible, match="Cancel it instead"):
        workspace._store.jobs.set_wish(job.id, Wish.STOP)
    done = work_off(workspace)
    assert (done.status, done.percent, done.error) == (JobStatus.DONE, 100.0, None)
    record = workspace.study(model.id, "count")
    n = sum("money" in text for text in workspace.exam_rows(model.id)["text"])
    assert n > 0
    assert record.result == Count(n=2 * n, options=CountOptions(times=2, columns=("a", "b")))
    assert [one.name for one in workspace.studies(model.id)] == ["count"]
    assert workspace.start_study(model.id, "count").id != job.id


def test_what_a_study_took_corrects_what_is_foreseen(workspace: Workspace, model: ModelVersion) -> None:
    guessed = workspace.study_plan(model.id, "count")
    assert 0 < guessed.low_seconds < guessed.high_seconds
    workspace.start_study(model.id, "count")
    work_off(workspace)
    assert workspace.study_plan(model.id, "count").high_seconds < guessed.low_seconds


def test_what_was_computed_outlives_a_crash(workspace: Workspace, model: ModelVersion, study: CountStudy) -> None:
    workspace.start_study(model.id, "count")
    store = workspace._store
    job = store.jobs.claim()
    context = StudyContext(
        subject=None,  # type: ignore[arg-type]
        model_dir=workspace.settings.models_dir / str(model.id),
        dataset_dir=Path(),
        base_models_dir=Path(),
        uploads_dir=Path(),
        tables_dir=Path(),
        work_dir=workspace.settings.jobs_dir / str(job.id) / "work",
    )
    study.run(context, CountOptions())  # and then the lights went out
    crash = JobFailure(code="crashed", message=msg("It crashed."))
    store.jobs.after_crash(job.id, job.attempt, crash)
    assert work_off(workspace).status is JobStatus.DONE
    assert study.n_computed == 1


def test_a_cancelled_study_leaves_nothing(workspace: Workspace, model: ModelVersion) -> None:
    job = workspace.start_study(model.id, "count")
    workspace._store.jobs.claim()
    workspace.cancel(job.id)
    workspace._store.jobs.requeue(job.id, 1)
    assert work_off(workspace).status is JobStatus.CANCELLED
    assert workspace.studies(model.id) == []


def test_a_mistake_of_ours_fails_the_job_and_keeps_the_former_result(workspace: Workspace, model: ModelVersion) -> None:
    workspace.start_study(model.id, "count")
    work_off(workspace)
    workspace.start_study(model.id, "count", word="crash")
    failed = work_off(workspace)
    assert failed.status is JobStatus.FAILED and failed.error.code == "bug"
    assert workspace.study(model.id, "count").options["word"] == "money"


def test_deleting_a_model_ends_and_forgets_its_studies(workspace: Workspace, model: ModelVersion) -> None:
    workspace.start_study(model.id, "count")
    work_off(workspace)
    job = workspace.start_study(model.id, "count")
    workspace.delete_model(model.id)
    assert workspace.job(job.id).status is JobStatus.CANCELLED
    with pytest.raises(NotFound):
        workspace.studies(model.id)


def test_a_study_that_this_version_does_not_know_is_passed_over(
    workspace: Workspace, model: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.start_study(model.id, "count")
    work_off(workspace)
    monkeypatch.delitem(STUDIES._members, "count")
    assert workspace.studies(model.id) == []
    with pytest.raises(NotFound, match="learning_curve"):
        workspace.study(model.id, "count")


@pytest.mark.parametrize(
    ("options", "problem"),
    [({"colour": "blue"}, "no option “colour”"), ({"times": "many"}, "times = many"), ({"name": "x"}, "“name”")],
)
def test_what_cannot_be_asked_is_refused_in_words(
    workspace: Workspace, model: ModelVersion, options: dict[str, str], problem: str
) -> None:
    with pytest.raises(UserError, match=problem):
        workspace.start_study(model.id, "count", **options)


def test_a_model_that_cannot_be_studied_is_told_why(
    workspace: Workspace, model: ModelVersion, study: CountStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study, "refusal", lambda subject: msg("No exam."), raising=False)
    assert workspace.study_plan(model.id, "count").refusal == msg("No exam.")
    with pytest.raises(NotPossible, match="No exam"):
        workspace.start_study(model.id, "count")
    assert replace(workspace.study_plan(model.id, "count"), refusal=None).high_seconds == 0
