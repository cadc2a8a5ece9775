"""kill -9 of child and of worker in every phase: the job ends once, with the bytes of an undisturbed run."""

import hashlib
import json
import time
from pathlib import Path

import pandas as pd
import pytest

from core.domain.job import JobStatus
from core.domain.recipe import TrainingRecipe
from core.files import is_whole
from core.workspace import Workspace
from tests.faults.conftest import MINUTES, copy_base_models, open_workspace, work
from tests.faults.saboteur import PHASES


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def leftovers(home: Path) -> list[str]:
    """Whatever a crash could leave: files aside, work folders, models that are on no record."""
    names = [str(path.relative_to(home)) for path in home.rglob(".aside-*")]
    return names + [str(path.relative_to(home)) for path in (home / "jobs").glob("*/work")]


@pytest.mark.timeout(2 * MINUTES * 60)
@pytest.mark.parametrize("victim", ["child", "worker"])
def test_a_training_killed_in_every_phase_ends_once_with_the_weights_of_an_undisturbed_one(
    victim: str, tmp_path: Path, recipe: TrainingRecipe, undisturbed: Workspace
) -> None:
    workspace, job_id = open_workspace(tmp_path, recipe)
    copy_base_models(undisturbed, tmp_path)
    deaths = []
    deadline = time.monotonic() + MINUTES * 60
    while (job := workspace.job(job_id)).status.is_active or not deaths or deaths[-1] != 0:
        assert time.monotonic() < deadline, f"{job}\n{workspace.job_log(job_id)}"
        deaths.append(work(tmp_path, victim))
    log = workspace.job_log(job_id)
    assert [phase for phase in PHASES if f"dies now: {phase}" not in log] == [], log
    n_kills = 0 if victim == "child" else len(PHASES)
    assert deaths == [-9] * n_kills + [0]
    assert (job.status, job.error, job.attempt) == (JobStatus.DONE, None, len(PHASES))

    [model] = workspace.models()
    [expected] = undisturbed.models()
    ours, theirs = (w.settings.models_dir / str(m.id) for w, m in ((workspace, model), (undisturbed, expected)))
    assert (job.model_id, model.kept, model.labels) == (model.id, expected.kept, expected.labels)
    assert sha256(ours / "fine_tuned" / "model.safetensors") == sha256(theirs / "fine_tuned" / "model.safetensors")
    assert json.loads((ours / "model.json").read_text()) == json.loads((theirs / "model.json").read_text())
    pd.testing.assert_frame_equal(workspace.exam_rows(model.id), undisturbed.exam_rows(expected.id))
    run, other = workspace.run(model.run_id), undisturbed.run(expected.run_id)
    assert (run.status, run.score, run.draft, run.best_step) == (
        other.status,
        other.score,
        other.draft,
        other.best_step,
    )

    def curve(owner: Workspace, run_id: int) -> list[tuple[str, int, float]]:
        return sorted((p.name, p.step, p.value) for p in owner.metric_points(run_id)[1])

    assert curve(workspace, run.id) == curve(undisturbed, other.id)
    assert is_whole(ours)
    assert [path.name for path in workspace.settings.models_dir.iterdir()] == [str(model.id)]
    assert leftovers(tmp_path) == []
