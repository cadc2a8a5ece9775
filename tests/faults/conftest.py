import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.domain.recipe import TrainingRecipe
from core.settings import PROJECT_DIR, Settings
from core.workspace import Workspace
from tests.unit.training.tiny import FILLERS, build_base

MINUTES = 10  #: of patience with a busy machine; a quiet one needs one


def make_table(path: Path, n: int = 160) -> Path:
    """Texts whose category depends on a pair of words and on neither alone.

    No linear model on words can learn that, so the draft loses to fine-tuning, whose weights the tests compare.
    """
    draw = random.Random(1)
    lines = ["message,topic"]
    for _ in range(n):
        first, second = draw.randrange(2), draw.randrange(2)
        pair = [("card", "password")[first], ("refund", "locked")[second]]
        draw.shuffle(pair)
        fillers = draw.choices(FILLERS, k=3)
        words = [fillers[0], pair[0], fillers[1], pair[1], fillers[2]]
        lines.append(f"{' '.join(words)},{'same' if first == second else 'different'}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def work(home: Path, victim: str) -> int:
    """Let a worker work until it is killed or has nothing to do. Returns its exit code."""
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.a_worker", victim],
        cwd=PROJECT_DIR,
        env={**os.environ, "TUNEDESK_HOME": str(home), "OMP_NUM_THREADS": "1"},
        stderr=subprocess.DEVNULL,
        timeout=MINUTES * 60,
        check=False,
    ).returncode


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_base(tmp_path_factory.mktemp("faults") / "tiny-bert")


@pytest.fixture(scope="session")
def recipe(tiny_base: Path) -> TrainingRecipe:
    return TrainingRecipe(
        base_model=str(tiny_base),
        epochs=8,
        batch_size=8,
        learning_rate=3e-3,
        max_length=32,
        precision="fp32",
        dropout=0.0,
        device="cpu",
        patience=0,
    )


def open_workspace(home: Path, recipe: TrainingRecipe) -> tuple[Workspace, int]:
    """A workspace with one training in the queue."""
    home.mkdir(parents=True, exist_ok=True)
    workspace = Workspace.open(Settings(home=home))
    path = make_table(home / "table.csv")
    with path.open("rb") as file:
        upload = workspace.receive_upload(file, path.name)
    path.unlink()
    dataset = workspace.add_dataset(upload, text_column="message", label_column="topic")
    return workspace, workspace.start_training(dataset.id, recipe).id


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, recipe: TrainingRecipe) -> Workspace:
    """The same training, done by a worker that nobody disturbed."""
    home = tmp_path_factory.mktemp("undisturbed")
    workspace, job_id = open_workspace(home, recipe)
    assert work(home, "nobody") == 0
    assert workspace.job(job_id).status == "done", workspace.job_log(job_id)
    assert workspace.models()[0].kept != "draft", "no fine-tuned weights to compare"
    return workspace


def copy_base_models(source: Workspace, home: Path) -> None:
    """Spare a second export of the same base model."""
    shutil.copytree(source.settings.base_models_dir, home / "base_models")
