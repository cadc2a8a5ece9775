"""What every technique that changes weights must hold: alone, and a few together."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from core.domain import combinations
from core.domain.recipe import TrainingRecipe
from core.domain.run import (
    CHECKUP_ACCURACY,
    CHECKUP_LOSS,
    GRADIENT_NORM,
    LEARNING_RATE,
    PRACTICE_LOSS,
    MetricPoint,
)
from core.settings import PROJECT_DIR
from core.techniques import EXTRAS, TECHNIQUES, signal_titles
from core.training.loop import LoopResult, answer_logits
from core.training.model import load_classifier, save_classifier
from tests.unit.training.tiny import CPU, TinyRun, build_base, same_tensors, tiny_recipe

USUAL = {PRACTICE_LOSS, CHECKUP_LOSS, CHECKUP_ACCURACY, LEARNING_RATE, GRADIENT_NORM}
TUNING = [technique.name for technique in TECHNIQUES if technique.changes_weights]
TOGETHER = [
    ("full", ("word_noise", "label_smoothing", "r_drop", "contrastive", "multi_dropout", "fgm", "ema")),
    ("full", ("class_balanced", "focal_loss", "mixup", "layer_decay", "gradual_unfreezing", "mixout", "soup")),
    ("lora", ("r_drop", "fgm", "ema")),
]
CHOICES = [(name, ()) for name in TUNING] + [("full", (extra.name,)) for extra in EXTRAS] + TOGETHER


class Killed(Exception):
    """Stands for the end of the process."""


@dataclass
class Whole:
    """A run that was not disturbed; made once for all tests of a choice."""

    recipe: TrainingRecipe
    run: TinyRun
    result: LoopResult


@pytest.fixture(scope="module")
def base_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_base(tmp_path_factory.mktemp("techniques") / "tiny-bert")


@pytest.fixture(scope="module", params=CHOICES, ids=lambda choice: "+".join((choice[0], *choice[1])))
def whole(request: pytest.FixtureRequest, base_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    name, extras = request.param
    rate = 4e-3 * (1 if name == "full" else 3 if name != "ia3" else 10)
    recipe = tiny_recipe(technique=name, extras=extras, epochs=4, learning_rate=rate)
    run = a_run(base_dir, recipe, tmp_path_factory.mktemp("whole"))
    return Whole(recipe, run, run.train())


def a_run(base_dir: Path, recipe: TrainingRecipe, folder: Path) -> TinyRun:
    return TinyRun(base_dir, recipe, TECHNIQUES[recipe.technique], folder)


def test_loss_falls_and_check_up_is_answered(whole: Whole) -> None:
    losses = whole.run.heard.curve(PRACTICE_LOSS)
    assert np.mean(losses[-8:]) < 0.97 * np.mean(losses[:8])
    assert len(whole.run.heard.curve(CHECKUP_LOSS)) == 8


def test_own_signals_are_told_under_their_titles_as_often_as_the_practice_loss(whole: Whole) -> None:
    points = whole.run.heard.points
    steps = [point.step for point in points if point.name == PRACTICE_LOSS]
    assert {point.name for point in points} - USUAL == set(signal_titles(whole.recipe))
    for name in signal_titles(whole.recipe):
        told = [point for point in points if point.name == name]
        assert [point.step for point in told] == steps
        assert len({point.value for point in told}) > 1 and min(point.value for point in told) >= 0


def test_killed_twice_it_goes_on_to_the_very_same_bytes(
    whole: Whole, base_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in (7, 20, None):
        run = a_run(base_dir, whole.recipe, tmp_path)
        monkeypatch.setattr(run.checkpoints, "is_due", lambda n_bytes: True)

        def report(point: MetricPoint, heard: list[MetricPoint] = run.heard.points, last: int | None = step) -> None:
            heard.append(point)
            if point.step == last:
                raise Killed

        if step is None:
            result = run.train(report=report)
        else:
            with pytest.raises(Killed):
                run.train(report=report)
        assert set(run.heard.points) <= set(whole.run.heard.points)
    assert result.position.step == whole.result.position.step
    assert same_tensors(result.best, whole.result.best)
    assert same_tensors(a_run(base_dir, whole.recipe, tmp_path).train().best, result.best)  # as it lies on the disk


def test_saved_model_answers_as_the_trained_one(whole: Whole, tmp_path: Path) -> None:
    run = whole.run
    finished = run.finished(whole.result)
    expected = answer_logits(finished, run.checkup, 0, CPU)
    save_classifier(finished, tmp_path)
    loaded = load_classifier(tmp_path, pooling=run.recipe.pooling)
    assert np.array_equal(answer_logits(loaded, run.checkup, 0, CPU), expected)
    right = (expected.argmax(axis=1) == run.checkup.targets).mean()
    assert right == pytest.approx(whole.result.position.best_accuracy)
    assert not [name for name, _ in finished.named_parameters() if "lora" in name or "ia3" in name]


@pytest.mark.parametrize("member", [*TECHNIQUES, *EXTRAS], ids=lambda member: member.name)
def test_each_says_what_it_is_what_it_costs_and_where_it_comes_from(member: object) -> None:
    assert member.title.text and member.help.text and member.cost.text  # type: ignore[attr-defined]
    assert member.paper or member.name == "draft"  # type: ignore[attr-defined]


def test_the_documentation_lists_each_as_it_describes_itself() -> None:
    text = (PROJECT_DIR / "docs" / "techniques.md").read_text(encoding="utf-8")
    for member in (*TECHNIQUES, *EXTRAS):
        parts = (f"`{member.name}`", member.title.text, member.help.text, member.cost.text, member.paper or "–")
        assert f"| {' | '.join(parts)} |" in text
        for name, title in member.signal_titles:
            assert f"| `{name}` | {title.text} | " in text


def test_a_recipe_knows_the_members_of_both_registries() -> None:
    fields = TrainingRecipe.__dataclass_fields__
    assert set(fields["technique"].metadata["choices"]) == set(TECHNIQUES.names())
    assert EXTRAS.names() == fields["extras"].metadata["choices"] == combinations.EXTRAS
    owners = {name for field in fields.values() for name in field.metadata["of"]}
    assert owners <= {*TECHNIQUES.names(), *EXTRAS.names()}


def test_draft_changes_nothing() -> None:
    assert not TECHNIQUES["draft"].changes_weights
