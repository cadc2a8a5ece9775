"""Cancel, resume, stop and keep the best, and scoring through crashes: with the real child and a real small model."""

import dataclasses
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.domain.job import Job, JobStatus, Stage
from core.domain.recipe import TrainingRecipe
from core.domain.run import CHECKUP_LOSS
from core.workspace import Workspace
from tests.faults.conftest import MINUTES, copy_base_models, open_workspace, work

pytestmark = pytest.mark.timeout(2 * MINUTES * 60)


def wait_until(workspace: Workspace, job_id: int, reached: Callable[[Job], bool]) -> Job:
    deadline = time.monotonic() + MINUTES * 60
    while not reached(job := workspace.job(job_id)):
        assert time.monotonic() < deadline, f"{job}\n{workspace.job_log(job_id)}"
        time.sleep(0.02)
    return job


def test_cancel_then_resume_then_stop_and_keep_the_best(
    tmp_path: Path, recipe: TrainingRecipe, undisturbed: Workspace
) -> None:
    long_recipe = dataclasses.replace(recipe, epochs=100, gradient_accumulation=1, batch_size=2)
    workspace, job_id = open_workspace(tmp_path, long_recipe)
    copy_base_models(undisturbed, tmp_path)
    run_id = workspace.job(job_id).run_id

    def has_check_ups(job: Job) -> bool:
        points = workspace.metric_points(run_id)[1]
        return job.stage is Stage.TRAINING and sum(point.name == CHECKUP_LOSS for point in points) >= 2

    def ended(job: Job) -> bool:
        return not job.status.is_active

    with ThreadPoolExecutor(1) as pool:
        worker = pool.submit(work, tmp_path, "nobody")
        wait_until(workspace, job_id, has_check_ups)
        before = time.monotonic()
        workspace.cancel(job_id)
        assert wait_until(workspace, job_id, ended).status is JobStatus.CANCELLED
        assert time.monotonic() - before < 10
        assert worker.result() == 0
        assert not (tmp_path / "jobs" / str(job_id) / "work").exists()
        assert workspace.run(run_id).status is JobStatus.CANCELLED

        assert workspace.resume(job_id).status is JobStatus.QUEUED
        assert workspace.metric_points(run_id)[1] == []
        worker = pool.submit(work, tmp_path, "nobody")
        wait_until(workspace, job_id, has_check_ups)
        workspace.stop(job_id)
        job = wait_until(workspace, job_id, ended)
        assert worker.result() == 0
    assert (job.status, job.attempt) == (JobStatus.DONE, 2), workspace.job_log(job_id)
    run = workspace.run(run_id)
    last_step = max(point.step for point in workspace.metric_points(run_id)[1])
    assert last_step < run.n_steps
    assert run.score is not None and run.draft is not None and run.best_step <= last_step
    assert [model.run_id for model in workspace.models()] == [run_id]
    assert workspace.predict(job.model_id, ["my card is locked"])[0].label in workspace.model(job.model_id).labels


def test_a_file_is_scored_once_through_crashes(undisturbed: Workspace) -> None:
    [model] = undisturbed.models()
    texts = [f"please help with card {i}" for i in range(30)]
    path = undisturbed.settings.home / "unseen.csv"
    path.write_text("\n".join(["id,message", *(f"{i},{text}" for i, text in enumerate(texts))]), encoding="utf-8")
    with path.open("rb") as file:
        upload = undisturbed.receive_upload(file, path.name)
    job = undisturbed.start_scoring(model.id, upload, suffix=".csv")
    assert undisturbed.start_scoring(model.id, upload, suffix=".csv").id == job.id
    assert work(undisturbed.settings.home, "child") == 0
    job = undisturbed.job(job.id)
    assert (job.status, job.attempt) == (JobStatus.DONE, 3), undisturbed.job_log(job.id)
    assert (job.result["n_rows"], job.result["n_scored"]) == (30, 30)
    scored, name = undisturbed.scored_file(job.id)
    lines = scored.read_text(encoding="utf-8-sig").splitlines()
    assert name == "unseen-scored.csv"
    assert [line.split(",")[:2] for line in lines[1:]] == [[str(i), text] for i, text in enumerate(texts)]
    assert list(scored.parent.glob(".aside-*")) == []


def test_an_unfit_base_model_fails_in_words_and_the_queue_goes_on(tmp_path: Path, recipe: TrainingRecipe) -> None:
    workspace, job_id = open_workspace(
        tmp_path / "home", dataclasses.replace(recipe, base_model=str(tmp_path / "no-such-folder"))
    )
    assert work(tmp_path / "home", "nobody") == 0
    job = workspace.job(job_id)
    assert (job.status, job.error.code) == (JobStatus.FAILED, "weights_unavailable")
    assert "no-such-folder" in str(job.error.message)
    assert "Traceback" in workspace.job_log(job_id)
    assert workspace.run(job.run_id).status is JobStatus.FAILED
