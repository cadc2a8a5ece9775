"""Advice in the terminal: what to try next after a run, and which of two models is better."""

import json
from pathlib import Path

import pytest

from core.domain.run import CHECKUP_ACCURACY, CHECKUP_LOSS, PRACTICE_LOSS, MetricPoint
from core.settings import load
from core.terminal import main as terminal
from core.terminal.parser import build_parser
from core.terminal.training import wanted_training
from core.workspace import Workspace
from tests.pages import training_seeds as seeds


def test_a_run_is_shown_with_what_to_try_next_and_the_command_that_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUNEDESK_HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    workspace = Workspace.open(load())
    data = seeds.add_dataset(workspace._store)
    points = [
        MetricPoint(name=name, step=step, value=value)
        for step, values in (
            (60, (0.8, 0.5, 0.9)),
            (120, (0.4, 0.4, 0.92)),
            (180, (0.2, 0.5, 0.9)),
            (240, (0.1, 0.6, 0.9)),
        )
        for name, value in zip((PRACTICE_LOSS, CHECKUP_LOSS, CHECKUP_ACCURACY), values, strict=True)
    ]
    job = seeds.done_run(workspace._store, data, points=points, epochs=4)
    assert terminal.main(["runs", "show", str(job.run_id), "--json"]) == 0
    steps = json.loads(capsys.readouterr().out)["next_steps"]
    assert [step["code"] for step in steps] == ["fewer_passes", "pull_to_start", "best"]
    assert steps[0]["command"] == f"python -m core train --run {job.run_id} --set epochs=2"
    assert terminal.main(["runs", "show", str(job.run_id)]) == 0
    assert f"python -m core train --dataset {data.id} --preset best" in capsys.readouterr().out
    assert terminal.main(["train", "--run", str(job.run_id), "--preset", "best"]) == 1
    args = build_parser().parse_args(["train", "--run", str(job.run_id), "--set", "epochs=2"])
    dataset, recipe = wanted_training(workspace, args)
    assert (dataset.id, recipe) == (data.id, workspace.run(job.run_id or 0).recipe.changed({"epochs": 2}))
    workspace.close()


def test_two_models_are_compared_in_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUNEDESK_HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    workspace = Workspace.open(load())
    data = seeds.add_dataset(workspace._store)
    for seed, name, wrong in ((1, "Old", range(9)), (2, "New", range(8, 10))):
        seeds.leave_exam(workspace, seeds.done_run(workspace._store, data, name, seed=seed), n=40, wrong=wrong)
    seeds.done_run(workspace._store, data, "Without files", seed=3)
    assert terminal.main(["models", "compare", "1", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n"], found["n_first_right"], found["n_second_right"], len(found["changed"])) == (40, 31, 38, 9)
    assert found["is_real"] is True and "New" in found["verdict"]
    assert terminal.main(["models", "compare", "1", "2"]) == 0
    assert "now right" in capsys.readouterr().out
    assert terminal.main(["models", "compare", "1", "3"]) == 1
    assert terminal.main(["models", "compare", "2", "2"]) == 0
    assert "Both are right on 38 of the 40" in capsys.readouterr().out
    workspace.rename_run(1, "New")
    assert terminal.main(["models", "compare", "1", "2"]) == 0
    assert "“New (#2)” is right" in capsys.readouterr().out
    workspace.close()
