"""The whole job on the tiny base model: what is kept, what is told, and that a killed job ends with the same bundle."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.domain.job import Stage, Wish
from core.domain.message import Message
from core.domain.recipe import TrainingRecipe
from core.domain.run import CHECKUP_LOSS, PRACTICE_LOSS, MetricPoint, Score
from core.files import folder_aside, is_whole, sha256_of
from core.prediction.predictor import Predictor
from core.training.answers import CHECKUP, load_answers
from core.training.checkpoints import Checkpoints
from core.training.choosing import choose
from core.training.familiarity import load_practice
from core.training.pipeline import train_model
from core.training.types import Cancelled, TrainingResult
from tests.unit.training.tiny import tiny_data, tiny_recipe


class Killed(BaseException):
    """Stands for the end of the process."""


@dataclass
class Ear:
    """A reporter that remembers, and dies where it is told to."""

    dies_at: tuple[Stage, float] | None = None
    dies_at_step: int | None = None
    points: list[MetricPoint] = field(default_factory=list)
    stages: list[tuple[Stage, float, tuple[float, float] | None]] = field(default_factory=list)
    drafts: list[Score] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    n_steps: int | None = None

    def point(self, point: MetricPoint) -> None:
        self.points.append(point)
        if self.dies_at_step is not None and point.step >= self.dies_at_step:
            raise Killed

    def stage(self, stage: Stage, fraction: float, seconds_left: tuple[float, float] | None) -> None:
        self.stages.append((stage, fraction, seconds_left))
        if self.dies_at and stage is self.dies_at[0] and fraction >= self.dies_at[1]:
            raise Killed

    def draft(self, score: Score) -> None:
        self.drafts.append(score)

    def say(self, sentence: Message) -> None:
        self.said.append(str(sentence))

    def environment(self, values: Mapping[str, Any]) -> None:
        self.values = dict(values)

    def planned(self, n_steps: int) -> None:
        self.n_steps = n_steps


@dataclass
class Job:
    """One job's folders; `run` may be called again, as the worker does after a crash."""

    base_dir: Path
    folder: Path
    recipe: TrainingRecipe
    cache_dir: Path
    ear: Ear = field(default_factory=Ear)

    @property
    def bundle_dir(self) -> Path:
        return self.folder / "bundle"

    def run(self, wish: Wish = Wish.NONE) -> TrainingResult:
        with folder_aside(self.bundle_dir) as aside:
            return train_model(
                tiny_data(),
                self.recipe.changed({"base_model": str(self.base_dir)}),
                base_models_dir=self.cache_dir,
                work_dir=self.folder / "work",
                bundle_dir=aside,
                reporter=self.ear,
                should_stop=lambda: wish,
            )

    def right(self) -> float:
        predictor, exam = Predictor.load(self.bundle_dir), tiny_data().exam
        answers = predictor.predict_proba(exam.texts).argmax(axis=1)
        return float((answers == np.array(exam.targets)).mean())

    def hashes(self) -> dict[str, str]:
        """Of every file of the bundle but the exported graph, which holds the exporter's own notes."""
        files = [p for p in self.bundle_dir.rglob("*") if p.is_file() and p.suffix not in (".onnx",)]
        return {p.relative_to(self.bundle_dir).as_posix(): sha256_of(p) for p in files if p.name != "manifest.json"}


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("base_models")


@pytest.fixture
def job(base_dir: Path, cache_dir: Path, tmp_path: Path) -> Job:
    return Job(base_dir, tmp_path / "job", tiny_recipe(), cache_dir)


def test_quick_publishes_the_draft_alone(job: Job) -> None:
    job.recipe = tiny_recipe(technique="draft")
    result = job.run()
    assert (result.kept, result.n_steps, result.best_step, result.stopped) == ("draft", 0, None, "")
    assert is_whole(job.bundle_dir)
    assert not (job.bundle_dir / "fine_tuned").exists()
    practice = load_practice(job.bundle_dir)
    assert practice is not None and len(practice.vectors) == len(tiny_data().practice.texts)
    assert job.right() >= 0.9
    assert job.ear.drafts == [result.draft_score]
    kept = load_answers(job.bundle_dir, CHECKUP)
    assert kept is not None and kept.targets.tolist() == tiny_data().checkup.targets
    published = Predictor.load(job.bundle_dir).mixed_proba(tiny_data().checkup.texts)
    assert np.abs(kept.proba - published).max() > 1e-3, (
        "the published draft knows the check-up; its answers are not kept"
    )
    assert result.draft_score.n == 30
    stages = list(dict.fromkeys(stage for stage, _, _ in job.ear.stages))
    assert stages == [Stage.PREPARING, Stage.DRAFTING]
    assert set(result.seconds) == {"preparing", "drafting"}


def test_balanced_tells_all_and_what_it_publishes_answers(job: Job) -> None:
    result = job.run()
    assert result.kept in ("draft", "fine_tuned", "mix")
    assert job.right() >= 0.9
    assert job.ear.n_steps == result.n_steps == 72
    if result.kept != "draft":
        kept, published = load_answers(job.bundle_dir, CHECKUP), Predictor.load(job.bundle_dir)
        assert kept is not None
        np.testing.assert_allclose(kept.proba, published.mixed_proba(tiny_data().checkup.texts), atol=1e-3)
    names = {point.name for point in job.ear.points}
    assert {PRACTICE_LOSS, CHECKUP_LOSS} <= names
    assert job.ear.values["device"] == "cpu" and job.ear.values["precision"] == "fp32"
    assert job.ear.values["peak_memory_bytes"] > 1e7
    assert any("check-up examples" in sentence for sentence in job.ear.said)
    training = [(fraction, left) for stage, fraction, left in job.ear.stages if stage is Stage.TRAINING]
    assert [f for f, _ in training] == sorted(f for f, _ in training)
    assert all(left is not None and 0 < left[0] < left[1] for _, left in training)


@pytest.mark.parametrize(("technique", "extras"), [("full", ()), ("lora", ()), ("adapters", ("r_drop", "ema"))])
def test_killed_job_ends_with_the_bundle_of_one_that_was_not(
    technique: str,
    extras: tuple[str, ...],
    base_dir: Path,
    cache_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = tiny_recipe(technique=technique, extras=extras, epochs=3)
    whole = Job(base_dir, tmp_path / "whole", recipe, cache_dir)
    expected = whole.run()
    monkeypatch.setattr(Checkpoints, "is_due", lambda self, n_bytes: True)
    deaths = [
        Ear(dies_at=(Stage.DRAFTING, 0.1)),
        Ear(dies_at=(Stage.TOKENIZING, 0.0)),
        Ear(dies_at_step=5),
        Ear(dies_at_step=20),
        Ear(dies_at=(Stage.TRAINING, 0.96)),
    ]
    for ear in deaths:
        with pytest.raises(Killed):
            Job(base_dir, tmp_path / "killed", recipe, cache_dir, ear).run()
    killed = Job(base_dir, tmp_path / "killed", recipe, cache_dir)
    result = killed.run()
    assert (result.kept, result.threshold, result.best_step) == (expected.kept, expected.threshold, expected.best_step)
    assert killed.hashes() == whole.hashes()
    assert not list((tmp_path / "killed").rglob(".aside-*"))


def test_fine_tuning_that_loses_is_said_and_the_draft_kept(job: Job) -> None:
    job.recipe = tiny_recipe(epochs=1, learning_rate=1e-6)
    result = job.run()
    assert result.kept == "draft"
    assert any("the quick one is kept" in sentence for sentence in job.ear.said)
    assert job.right() >= 0.9


def test_stop_before_training_keeps_the_draft(job: Job) -> None:
    result = job.run(Wish.STOP)
    assert (result.kept, result.stopped) == ("draft", "by_person")
    assert job.right() >= 0.9


def test_cancel_leaves_no_bundle(job: Job) -> None:
    with pytest.raises(Cancelled):
        job.run(Wish.CANCEL)
    assert not job.bundle_dir.exists()


def proba(rows: list[list[float]]) -> np.ndarray:
    return np.array(rows)


def test_mix_is_kept_where_it_is_right_more_often() -> None:
    targets = np.array([0, 0, 1, 1] * 10)
    draft = proba([[0.9, 0.1], [0.4, 0.6], [0.1, 0.9], [0.1, 0.9]] * 10)
    tuned = proba([[0.9, 0.1], [0.9, 0.1], [0.55, 0.45], [0.1, 0.9]] * 10)
    choice = choose(draft, tuned, targets)
    assert choice.kept == "mix"
    assert 0 < choice.draft_weight < 1


@pytest.mark.parametrize(("better", "kept", "weight"), [("draft", "draft", 1.0), ("tuned", "fine_tuned", 0.0)])
def test_one_that_is_always_right_is_kept_alone(better: str, kept: str, weight: float) -> None:
    targets = np.array([0, 1] * 20)
    good, bad = np.eye(2)[targets] * 0.98 + 0.01, np.eye(2)[1 - targets] * 0.98 + 0.01
    draft, tuned = (good, bad) if better == "draft" else (bad, good)
    choice = choose(draft, tuned, targets)
    assert (choice.kept, choice.draft_weight) == (kept, weight)


def test_few_examples_do_not_choose_between_two_that_are_alike() -> None:
    targets = np.array([0, 1] * 8)
    draft = np.eye(2)[targets] * 0.8 + 0.1
    tuned = draft.copy()
    tuned[:2] = tuned[:2, ::-1]  # two wrong answers more
    choice = choose(draft, tuned, targets)
    assert choice.kept == "mix" and 0.5 < choice.draft_weight < 1.0
    many = choose(np.tile(draft, (10, 1)), np.tile(tuned, (10, 1)), np.tile(targets, 10))
    assert (many.kept, many.draft_weight) == ("draft", 1.0)
