"""Several categories at once: the draft, the mix, the thresholds, and whole runs on the tiny base model."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.domain.combinations import EXTRAS, conflicts
from core.domain.several import SeveralScore
from core.domain.task import AnswerKind
from core.errors import UserError
from core.prediction.predictor import Predictor
from core.prediction.several import answer_several, thresholds_of
from core.tasks.several_categories import several_score
from core.training import pipeline
from core.training.answers import CHECKUP, load_answers
from core.training.bundle import Choice
from core.training.calibration import logistic
from core.training.draft import Draft
from core.training.drafting import drawn
from core.training.pipeline import train_model
from core.training.several_choice import (
    choose_several,
    choose_thresholds,
    fit_temperature_each,
    log_loss_each,
    several_draft_choice,
    sharpen_each,
)
from core.training.several_draft import fit_several_draft, platt, rarest_category
from core.training.types import Examples
from tests.unit.training.several_rows import several_data, several_examples
from tests.unit.training.test_pipeline import Ear
from tests.unit.training.tiny import LABELS, tiny_recipe


def noisy(targets: np.ndarray, noise: float, seed: int) -> np.ndarray:
    """Calibrated probabilities that tell these targets the less, the greater the noise."""
    logits = (2 * targets - 1) / noise**2 * 2 + np.random.default_rng(seed).normal(size=targets.shape) * 2 / noise
    return logistic(logits)


def test_the_draft_learns_each_category_by_itself_and_is_the_same_once_saved(tmp_path):
    known, asked = several_examples(150, 0), several_examples(80, 1)
    blank = np.zeros((230, 4), dtype=np.float32)  # vectors that tell nothing: the words do
    draft = fit_several_draft(known.texts, known.array, blank[:150], seed=0, language="en")
    answers = draft.predict_proba(asked.texts, blank[:80])
    assert several_score(answers >= 0.5, asked.array).macro_f1 > 0.9
    draft.save(tmp_path)
    assert np.array_equal(Draft.load(tmp_path).predict_proba(asked.texts, blank[:80]), answers)


def test_a_category_that_no_row_has_or_that_all_have_is_answered_so():
    known = several_examples(60, 0)
    targets = known.array.copy()
    targets[:, 0], targets[:, 2] = 1.0, 0.0
    vectors = np.zeros((60, 4), dtype=np.float32)
    proba = fit_several_draft(known.texts, targets, vectors, seed=0, language="en").predict_proba(known.texts, vectors)
    assert proba[:, 0].min() > 0.8 and proba[:, 2].max() < 0.2


def test_scores_become_probabilities_and_rare_categories_borrow_from_all():
    rng = np.random.default_rng(0)
    has = rng.random((2000, 3)) < (0.3, 0.3, 0.002)
    scores = np.where(has, 1.0, -1.0) + rng.normal(size=has.shape)
    slope, shift = platt(scores, has)
    proba = logistic(slope * scores + shift)
    assert np.allclose(proba.mean(axis=0)[:2], has.mean(axis=0)[:2], atol=0.01)
    assert 0.3 * slope[0] < slope[2] < 3 * slope[0]


def test_the_mix_is_the_likeliest_one():
    targets = np.random.default_rng(0).integers(0, 2, (300, 3)).astype(np.float32)
    draft, tuned = noisy(targets, 1.2, 1), noisy(targets, 1.2, 2)
    choice = choose_several(draft, tuned, targets)
    losses = [log_loss_each(w * draft + (1 - w) * tuned, targets) for w in np.arange(21) / 20]
    assert choice.kept == "mix" and choice.draft_weight == pytest.approx(int(np.argmin(losses)) / 20)
    assert choose_several(draft, noisy(targets, 0.3, 3), targets).kept == "fine_tuned"
    assert choose_several(noisy(targets, 0.3, 3), draft, targets).kept == "draft"


def test_a_temperature_undoes_what_sharpened_the_answers():
    targets = np.random.default_rng(0).integers(0, 2, (2000, 2)).astype(np.float32)
    proba = noisy(targets, 1.5, 1)
    assert fit_temperature_each(sharpen_each(proba, 0.5), targets) == pytest.approx(2.0, rel=0.15)
    assert fit_temperature_each(np.zeros((0, 2)), np.zeros((0, 2))) == 1.0


def test_a_category_gets_the_threshold_that_suits_it_unless_it_has_few_rows():
    rng = np.random.default_rng(0)
    suits = (0.5, 0.5, 0.5, 0.1, 0.9)
    has = (rng.random((4000, 5)) < (0.5, 0.5, 0.5, 0.1, 0.0)).astype(np.float32)
    has[:2, 4] = 1
    proba = np.where(has > 0, rng.uniform(suits, 1.0, has.shape), rng.uniform(0, suits, has.shape))
    common, own = choose_thresholds(proba, has)
    assert own[0] == pytest.approx(0.5, abs=0.03) and own[3] < 0.3
    assert own[4] < 0.8, "its two rows would have it at 0.9; all categories together say less"
    assert min(own) <= common <= max(own)
    assert choose_thresholds(np.zeros((0, 2)), np.zeros((0, 2))) == (0.5, (0.5, 0.5))


def test_of_very_many_rows_those_of_rare_categories_are_all_drawn(monkeypatch):
    monkeypatch.setattr("core.training.drafting.MOST_ROWS", 100)
    targets = np.zeros((1000, 3), dtype=np.float32)
    targets[:, 0] = 1
    targets[:5, 2] = 1
    assert list(rarest_category(targets)[[0, 5]]) == [2, 0]
    rows = drawn(Examples(texts=["a"] * 1000, targets=targets), seed=0)
    assert set(range(5)) <= set(rows.tolist()) and 100 <= len(rows) <= 110


#: all that may join a run, in recipes without conflicts
RECIPES = [
    {"extras": ("word_noise", "self_distillation", "multi_dropout", "fgm", "layer_decay", "l2_start", "ema")},
    {"extras": ("synonyms", "typos", "mixup", "freelb", "gradual_unfreezing", "mixout", "soup")},
    {"technique": "lora", "extras": ("pgd",)},
]


def test_what_needs_one_category_a_text_is_refused_with_its_reason_and_all_else_is_tried_here():
    tried = {name for settings in RECIPES for name in settings["extras"]}
    for name in set(EXTRAS) - tried:
        with pytest.raises(UserError, match="exactly one category a text"):
            tiny_recipe(task="several_categories", extras=(name,))
    for settings in ({"search_minutes": 5}, {"folds": 3}, {"pseudo_labels": "on"}, {"class_weights": "balanced"}):
        with pytest.raises(UserError):
            tiny_recipe(task="several_categories", **settings)
    assert not conflicts(tiny_recipe(task="several_categories"))


@pytest.mark.parametrize("settings", RECIPES, ids=lambda settings: settings["extras"][0])
def test_techniques_and_extras_learn_several_categories(base_dir: Path, tmp_path: Path, settings) -> None:
    result, _ear = trained(base_dir, tmp_path, epochs=1, **settings)
    assert result.n_steps > 0 and result.stopped == ""


def trained(base_dir: Path, folder: Path, **changes):
    ear = Ear()
    (folder / "bundle").mkdir()
    result = train_model(
        several_data(),
        tiny_recipe(task="several_categories", base_model=str(base_dir), **changes),
        base_models_dir=folder / "base_models",
        work_dir=folder / "work",
        bundle_dir=folder / "bundle",
        reporter=ear,
        should_stop=lambda: "",
    )
    return result, ear


def test_a_whole_run_gives_a_bundle_that_answers_with_its_thresholds(
    base_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def both(draft: np.ndarray, tuned: np.ndarray, targets: np.ndarray) -> Choice:
        """The tiny texts are too easy: the draft alone would be kept."""
        return replace(choose_several(tuned, tuned, targets), kept="mix", draft_weight=0.1)

    monkeypatch.setitem(pipeline._CHOOSERS, AnswerKind.CATEGORIES, (both, several_draft_choice))
    result, ear = trained(base_dir, tmp_path, epochs=12, seed=2)
    assert isinstance(ear.drafts[0], SeveralScore) and ear.drafts[0].n == 60 and result.kept == "mix"
    assert any("F1" in sentence for sentence in ear.said)
    about = json.loads((tmp_path / "bundle" / "model.json").read_text())
    assert set(about["thresholds"]) == set(LABELS)
    kept = load_answers(tmp_path / "bundle", CHECKUP)
    assert kept is not None and kept.proba.shape == kept.targets.shape == (60, 3)
    (tmp_path / "bundle" / "manifest.json").write_text("{}")
    predictor, data = Predictor.load(tmp_path / "bundle"), several_data()
    answers = answer_several(predictor, data.exam.texts)
    assert several_score(answers.chosen, data.exam.array).macro_f1 > 0.9
    assert np.array_equal(answers.chosen, answers.proba >= thresholds_of(predictor))
    checked = predictor.mixed_proba(data.checkup.texts)
    assert np.abs(checked - kept.proba).max() < 1e-3, "what serves answers as what was chosen by"
