"""What every technique that changes weights must hold."""

from pathlib import Path

import numpy as np
import pytest

from core.domain.run import CHECKUP_ACCURACY, PRACTICE_LOSS, MetricPoint
from core.techniques import TECHNIQUES, Technique
from core.training.loop import answer_logits
from core.training.model import load_classifier, save_classifier
from tests.unit.training.tiny import CPU, TinyRun, build_base, same_tensors, tiny_recipe

TUNING = [technique for technique in TECHNIQUES if technique.changes_weights]


class Killed(Exception):
    """Stands for the end of the process."""


@pytest.fixture(scope="module")
def base_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_base(tmp_path_factory.mktemp("techniques") / "tiny-bert")


@pytest.fixture(params=TUNING, ids=lambda technique: technique.name)
def technique(request: pytest.FixtureRequest) -> Technique:
    found: Technique = request.param
    return found


def a_run(base_dir: Path, technique: Technique, folder: Path, **changes: int) -> TinyRun:
    return TinyRun(base_dir, tiny_recipe(technique=technique.name, **changes), technique, folder)


def test_loss_falls_and_check_up_is_answered(base_dir: Path, technique: Technique, tmp_path: Path) -> None:
    run = a_run(base_dir, technique, tmp_path)
    run.train()
    losses = run.heard.curve(PRACTICE_LOSS)
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])
    assert max(run.heard.curve(CHECKUP_ACCURACY)) > 0.4  # one in three by chance


def test_equal_recipes_give_equal_curves_and_weights(base_dir: Path, technique: Technique, tmp_path: Path) -> None:
    one, two = (a_run(base_dir, technique, tmp_path / name, epochs=2) for name in "ab")
    first, second = one.train(), two.train()
    assert one.heard.points == two.heard.points
    assert same_tensors(first.best, second.best)


def test_killed_run_goes_on_to_the_same_bytes(
    base_dir: Path, technique: Technique, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = a_run(base_dir, technique, tmp_path / "whole", epochs=2).train()

    def killed_at(step: int) -> TinyRun:
        run = a_run(base_dir, technique, tmp_path / "killed", epochs=2)
        monkeypatch.setattr(run.checkpoints, "is_due", lambda n_bytes: True)

        def report(point: MetricPoint) -> None:
            if point.step == step:
                raise Killed

        with pytest.raises(Killed):
            run.train(report=report)
        return run

    killed_at(9)
    killed_at(20)
    result = a_run(base_dir, technique, tmp_path / "killed", epochs=2).train()
    assert result.position.step == whole.position.step
    assert same_tensors(result.best, whole.best)


def test_saved_model_answers_as_the_trained_one(base_dir: Path, technique: Technique, tmp_path: Path) -> None:
    run = a_run(base_dir, technique, tmp_path / "run", epochs=2)
    finished = run.finished(run.train())
    expected = answer_logits(finished, run.checkup, 0, CPU)
    (tmp_path / "saved").mkdir()
    save_classifier(finished, tmp_path / "saved")
    loaded = load_classifier(tmp_path / "saved", pooling=run.recipe.pooling)
    assert np.array_equal(answer_logits(loaded, run.checkup, 0, CPU), expected)
    right = (expected.argmax(axis=1) == run.checkup.targets).mean()
    assert right == pytest.approx(max(run.heard.curve(CHECKUP_ACCURACY)))
    assert not any("lora" in name for name, _ in finished.named_parameters())


def test_names_help_and_titles_are_given(technique: Technique) -> None:
    assert technique.title.text and technique.help.text and technique.paper
    assert TECHNIQUES[technique.name] is technique


def test_draft_changes_nothing() -> None:
    assert not TECHNIQUES["draft"].changes_weights
