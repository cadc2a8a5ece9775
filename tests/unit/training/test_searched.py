"""Runs with a search on the tiny base model: what is published, and that a killed search goes on where it was."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch

from core.domain.job import Stage, Wish
from core.domain.recipe import TrainingRecipe
from core.domain.search import SearchRecord, TrialEnd
from core.domain.task import AnswerKind
from core.files import folder_aside, sha256_of
from core.prediction.predictor import Predictor
from core.techniques import TECHNIQUES
from core.training import pipeline
from core.training.answers import CHECKUP, load_answers
from core.training.batches import subset
from core.training.bundle import Choice
from core.training.checkpoints import Checkpoints
from core.training.choosing import draft_choice
from core.training.head_start import fit_head
from core.training.loop import answer_logits
from core.training.pipeline import train_model
from core.training.search import searching
from core.training.types import Cancelled, TrainingResult
from tests.unit.training.test_pipeline import Ear, Killed
from tests.unit.training.tiny import CPU, TinyRun, tiny_data, tiny_recipe


@dataclass
class SearchEar(Ear):
    dies_after_trials: int | None = None
    searches: list[SearchRecord] = field(default_factory=list)

    def search(self, record: SearchRecord) -> None:
        self.searches.append(record)
        if self.dies_after_trials is not None and len(record.trials) >= self.dies_after_trials:
            raise Killed


@dataclass
class Job:
    base_dir: Path
    folder: Path
    recipe: TrainingRecipe
    cache_dir: Path
    ear: SearchEar = field(default_factory=SearchEar)

    def run(self, should_stop: Callable[[], Wish] = lambda: Wish.NONE) -> TrainingResult:
        with folder_aside(self.folder / "bundle") as aside:
            return train_model(
                tiny_data(),
                self.recipe.changed({"base_model": str(self.base_dir)}),
                base_models_dir=self.cache_dir,
                work_dir=self.folder / "work",
                bundle_dir=aside,
                reporter=self.ear,
                should_stop=should_stop,
                clock=lambda: 0.0,
            )

    @property
    def record(self) -> SearchRecord:
        return self.ear.searches[-1]

    def right(self) -> float:
        predictor, exam = Predictor.load(self.folder / "bundle"), tiny_data().exam
        return float((predictor.predict_proba(exam.texts).argmax(axis=1) == np.array(exam.targets)).mean())

    def hashes(self) -> dict[str, str]:
        files = [p for p in (self.folder / "bundle").rglob("*") if p.is_file() and p.suffix != ".onnx"]
        return {p.name: sha256_of(p) for p in files if p.name != "manifest.json"}


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("base_models")


def recipe(**changes: int) -> TrainingRecipe:
    return tiny_recipe(epochs=1, learning_rate=4e-3, checks_per_epoch=2, **changes)


@pytest.mark.parametrize("folds", [0, 2])
def test_a_killed_search_repeats_no_trial_and_ends_with_the_bundle_of_one_that_was_not(
    folds: int, base_dir: Path, cache_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MAX_TRIALS", 2)
    wanted = recipe(search_minutes=1, folds=folds)
    whole = Job(base_dir, tmp_path / "whole", wanted, cache_dir)
    expected = whole.run()
    trials = whole.record.trials
    assert len(trials) == 2 and trials[0].end is TrialEnd.FINISHED and whole.record.folds == folds
    monkeypatch.setattr(Checkpoints, "is_due", lambda self, n_bytes: True)
    deaths = [
        SearchEar(dies_at=(Stage.SEARCHING, 0.0)),
        SearchEar(dies_after_trials=1),
        SearchEar(dies_at=(Stage.TRAINING, 0.0)),
    ]
    for ear in deaths:
        with pytest.raises(Killed):
            Job(base_dir, tmp_path / "killed", wanted, cache_dir, ear).run()
    killed = Job(base_dir, tmp_path / "killed", wanted, cache_dir)
    result = killed.run()
    assert [trial.settings for trial in killed.record.trials] == [trial.settings for trial in trials]
    assert [trial.scores for trial in killed.record.trials] == [trial.scores for trial in trials]
    assert (result.kept, result.threshold, result.best_step) == (expected.kept, expected.threshold, expected.best_step)
    assert killed.hashes() == whole.hashes()
    assert not list((tmp_path / "killed").rglob(".aside-*"))


def test_a_cross_check_without_minutes_judges_all_examples_and_learns_from_all(
    base_dir: Path, cache_dir: Path, tmp_path: Path
) -> None:
    job = Job(base_dir, tmp_path / "job", tiny_recipe(epochs=6, folds=2), cache_dir)
    result = job.run()
    [trial] = job.record.trials
    assert (trial.n_asked, trial.end) == (120, TrialEnd.FINISHED)  # practice and check-up: all but the exam
    kept, data = load_answers(job.folder / "bundle", CHECKUP), tiny_data()
    assert kept is not None and kept.targets.tolist() == [*data.practice.targets, *data.checkup.targets]
    assert job.right() >= 0.9
    if result.kept != "draft":
        assert job.ear.n_steps == result.n_steps == 6 * 15  # 120 examples, 8 a step


def test_a_stop_keeps_what_the_search_has_and_a_cancel_keeps_nothing(
    base_dir: Path, cache_dir: Path, tmp_path: Path
) -> None:
    """Stopped while the first trial learns: its own best check-up, or the draft, is published."""
    for folds in (0, 2):
        job = Job(base_dir, tmp_path / f"stopped-{folds}", recipe(search_minutes=1, folds=folds), cache_dir)
        stages = job.ear.stages
        job.run(lambda stages=stages: Wish.STOP if stages[-1][0] is Stage.SEARCHING else Wish.NONE)  # type: ignore[misc]
        assert [trial.end for trial in job.record.trials] == [TrialEnd.STOPPED]
        assert job.right() >= 0.9
    cancelled = Job(base_dir, tmp_path / "cancelled", recipe(search_minutes=1), cache_dir)
    stages = cancelled.ear.stages
    with pytest.raises(Cancelled):
        cancelled.run(lambda: Wish.CANCEL if stages[-1][0] is Stage.SEARCHING else Wish.NONE)
    assert not (cancelled.folder / "bundle").exists()


def test_a_stop_after_the_search_publishes_the_part_of_the_trial_that_is_there(
    base_dir: Path, cache_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_mix = Choice(kept="fine_tuned", draft_weight=0.0, temperature=1.0, threshold=0.5)
    monkeypatch.setitem(pipeline._CHOOSERS, AnswerKind.CATEGORY, (lambda *_answers: kept_mix, draft_choice))
    job = Job(base_dir, tmp_path / "job", tiny_recipe(epochs=6, folds=2), cache_dir)
    stages = job.ear.stages
    result = job.run(lambda: Wish.STOP if stages[-1][0] is Stage.TRAINING else Wish.NONE)
    assert (result.kept, result.n_steps) == ("fine_tuned", 6 * 8)  # half of 120 examples, 8 a step
    assert job.right() > 0.5  # it knows less than one that learned from all


def test_a_fitted_head_knows_something_before_the_first_step(base_dir: Path, tmp_path: Path) -> None:
    run = TinyRun(base_dir, tiny_recipe(), TECHNIQUES["full"], tmp_path)
    heads = []
    for _ in range(2):
        classifier = run.classifier()
        before = answer_logits(classifier, run.practice, 0, CPU).argmax(axis=1) == run.practice.targets
        fit_head(classifier, run.practice, class_weights="auto", seed=0, pad_id=0, device=CPU)
        after = answer_logits(classifier, run.practice, 0, CPU).argmax(axis=1) == run.practice.targets
        assert after.mean() > max(0.6, before.mean())
        heads.append(classifier.head.weight.detach().clone())
    assert torch.equal(*heads)


def test_a_fitted_head_of_two_categories_and_of_one_that_has_no_rows(base_dir: Path, tmp_path: Path) -> None:
    run = TinyRun(base_dir, tiny_recipe(), TECHNIQUES["full"], tmp_path)
    known = subset(run.practice, np.flatnonzero(run.practice.targets != 2))
    classifier = run.classifier()
    fit_head(classifier, known, class_weights="none", seed=0, pad_id=0, device=CPU)
    answers = answer_logits(classifier, known, 0, CPU).argmax(axis=1)
    assert (answers == known.targets).mean() > 0.6 and not (answers == 2).any()
