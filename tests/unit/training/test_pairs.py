"""Few-example mode: which rows a step compares, what the base model learns from them, and when it is proposed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.domain.dataset import DatasetProfile
from core.domain.recipe import Preset, TrainingRecipe
from core.domain.run import PRACTICE_LOSS
from core.domain.task import SCORE, AnswerKind
from core.errors import UserError
from core.techniques import TECHNIQUES
from core.techniques.pairs import dealt
from core.training import pipeline
from core.training.batches import TokenizedExamples
from core.training.bundle import Choice
from core.training.choosing import draft_choice
from core.training.forecasting import forecast_parts, formula_parts
from core.training.head_start import _vectors, fit_head
from core.training.loop import answer_logits
from core.training.machine import Machine
from core.training.model import Classifier
from core.training.recommend import PAIR_FOLDS, PAIR_ROWS_PER_LABEL, recommend
from core.training.search.space import space_of
from tests.unit.training.test_pipeline import Killed
from tests.unit.training.test_searched import Job, SearchEar
from tests.unit.training.tiny import CPU, TinyRun, tiny_recipe

A_CPU = Machine(kind="cpu", name="A processor", n_cores=2, memory_bytes=8 << 30)
FEW = DatasetProfile(n_rows=320, n_labels=20, language="en", mean_chars=50, p95_chars=90, max_chars=120, imbalance=1.0)


def deal(targets: np.ndarray, n_steps: int, n_rows: int, per_label: int, seed: int = 0) -> list[np.ndarray]:
    return dealt(targets, n_steps, n_rows, per_label, np.random.default_rng(seed))


def test_every_step_holds_pairs_of_one_category_and_of_two() -> None:
    targets = np.repeat(np.arange(20), 8)
    for rows in deal(targets, 30, 16, 4):
        _, counts = np.unique(targets[rows], return_counts=True)
        assert counts.tolist() == [4, 4, 4, 4] and len(set(rows.tolist())) == 16
        first_half = np.unique(targets[rows[:8]], return_counts=True)[1]
        assert first_half.tolist() == [2, 2, 2, 2]


def test_categories_and_rows_take_turns_however_many_rows_a_category_has() -> None:
    targets = np.repeat(np.arange(4), [40, 8, 8, 1])
    steps = deal(targets, 40, 8, 4)
    labels = np.concatenate([np.unique(targets[rows]) for rows in steps])
    assert np.bincount(labels).tolist() == [20, 20, 20, 20]
    seen = np.bincount(np.concatenate(steps), minlength=len(targets))
    assert seen.tolist() == [2] * 40 + [10] * 16 + [20]


def test_few_categories_give_more_rows_each_and_small_data_all_of_theirs() -> None:
    two = np.repeat(np.arange(2), 50)
    assert np.bincount(two[deal(two, 1, 32, 4)[0]]).tolist() == [16, 16]
    small = np.repeat(np.arange(2), 8)
    assert sorted(deal(small, 1, 32, 4)[0].tolist()) == list(range(16))


def test_steps_depend_on_the_seed_alone() -> None:
    targets = np.repeat(np.arange(5), 9)
    once, again, other = deal(targets, 5, 8, 4), deal(targets, 5, 8, 4), deal(targets, 5, 8, 4, seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(once, other, strict=True))


def nearness(classifier: Classifier, examples: TokenizedExamples) -> float:
    """How much nearer texts of one category are than others, in cosine."""
    vectors = _vectors(classifier, examples, 0, CPU)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosine, same = vectors @ vectors.T, examples.targets[:, None] == examples.targets
    return float(cosine[same].mean() - cosine[~same].mean())


def test_texts_of_a_category_draw_together_and_the_head_is_the_linear_model_on_them(
    base_dir: Path, tmp_path: Path
) -> None:
    recipe = tiny_recipe(extras=("pairs",), epochs=12, batch_size=16, checks_per_epoch=1)
    run = TinyRun(base_dir, recipe, TECHNIQUES["full"], tmp_path)
    before = nearness(run.classifier(), run.checkup)
    finished = run.finished(run.train())
    assert nearness(finished, run.checkup) > before + 0.3
    losses = run.heard.curve(PRACTICE_LOSS)
    assert losses[-1] < 0.5 * losses[0]
    logits = answer_logits(finished, run.checkup, 0, CPU)
    assert (logits.argmax(axis=1) == run.checkup.targets).mean() >= 0.9
    fit_head(finished, run.practice, class_weights="auto", seed=recipe.seed, pad_id=0, device=CPU)
    assert np.allclose(answer_logits(finished, run.checkup, 0, CPU), logits, atol=1e-3)


def test_without_check_up_examples_the_head_is_fitted_at_the_end(base_dir: Path, tmp_path: Path) -> None:
    recipe = tiny_recipe(extras=("pairs",), epochs=12, batch_size=16, checks_per_epoch=1)
    run = TinyRun(base_dir, recipe, TECHNIQUES["full"], tmp_path)
    asked = run.checkup
    run.checkup = TokenizedExamples(ids=asked.ids[:0], offsets=asked.offsets[:1], targets=asked.targets[:0])
    logits = answer_logits(run.finished(run.train()), asked, 0, CPU)
    assert (logits.argmax(axis=1) == asked.targets).mean() >= 0.9


def test_a_job_in_pairs_is_cross_checked_learns_from_all_and_survives_a_kill(
    base_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_tuned = Choice(kept="fine_tuned", draft_weight=0.0, temperature=1.0, threshold=0.5)
    # the draft knows all of it too
    monkeypatch.setitem(pipeline._CHOOSERS, AnswerKind.CATEGORY, (lambda *_answers: kept_tuned, draft_choice))
    recipe = tiny_recipe(extras=("pairs",), epochs=8, batch_size=16, folds=2)
    whole = Job(base_dir, tmp_path / "whole", recipe, tmp_path / "cache")
    assert whole.run().n_steps == whole.ear.n_steps
    assert whole.right() >= 0.9
    assert whole.ear.n_steps == 8 * -(-120 // 16)  # practice and check-up
    assert not any("others have to beat them" in sentence for sentence in whole.ear.said)
    killed = Job(base_dir, tmp_path / "killed", recipe, tmp_path / "cache", SearchEar(dies_at_step=20))
    with pytest.raises(Killed):
        killed.run()
    killed.ear = SearchEar()
    killed.run()
    assert killed.hashes() == whole.hashes()


@pytest.mark.parametrize("extra", ["label_smoothing", "contrastive", "r_drop", "class_balanced"])
def test_extras_that_teach_answers_are_refused_beside_pairs(extra: str) -> None:
    with pytest.raises(UserError, match="loss of their own"):
        TrainingRecipe(extras=("pairs", extra))
    TrainingRecipe(extras=("pairs", "ema", "fgm"))


@pytest.mark.parametrize("preset", [Preset.BALANCED, Preset.BEST])
def test_few_rows_a_category_are_learned_in_pairs_and_the_reason_stands_there(preset: Preset) -> None:
    recipe, reasons, _ = recommend(FEW, preset, machine=A_CPU)
    assert recipe.extras == ("pairs",) and recipe.folds
    assert any("pairs of examples" in str(reason) for reason in reasons)
    assert sum("take turns as the check-up" in str(reason) for reason in reasons) == 1
    most = replace(FEW, n_rows=int(PAIR_ROWS_PER_LABEL * FEW.n_labels / 0.8))
    assert recommend(most, preset, machine=A_CPU)[0].extras == ("pairs",)
    more = replace(FEW, n_rows=most.n_rows + 10)
    recipe, reasons, _ = recommend(more, preset, machine=A_CPU)
    assert not recipe.extras and not any("pairs of examples" in str(reason) for reason in reasons)


def test_rows_of_an_exam_file_of_its_own_are_not_counted_for_practice() -> None:
    recipe, _, _ = recommend(replace(FEW, n_rows=FEW.n_rows + 5_000, n_own_exam=5_000), Preset.BALANCED, machine=A_CPU)
    assert recipe.extras == ("pairs",) and recipe.folds == PAIR_FOLDS
    assert not recommend(replace(FEW, n_rows=FEW.n_rows + 5_000), Preset.BALANCED, machine=A_CPU)[0].extras


def test_a_score_has_no_categories_to_make_pairs_of() -> None:
    recipe, _, _ = recommend(replace(FEW, n_rows=12, n_labels=1), Preset.BALANCED, machine=A_CPU, task=SCORE)
    assert not recipe.extras and not recipe.folds
    with pytest.raises(UserError, match="a score has none"):
        TrainingRecipe(task=SCORE, extras=("pairs",))


def test_few_categories_quick_and_base_models_that_write_learn_without_pairs() -> None:
    assert not recommend(replace(FEW, n_rows=32, n_labels=2), Preset.BALANCED, machine=A_CPU)[0].extras
    assert not recommend(FEW, Preset.QUICK, machine=A_CPU)[0].extras
    assert not recommend(FEW, Preset.BALANCED, machine=A_CPU, base_model="openai-community/gpt2")[0].extras


@pytest.mark.parametrize("n_labels", [10, 20, 77])
def test_time_grows_with_the_rows_and_never_with_their_square(n_labels: int) -> None:
    for per_label in (4, 8, 16):
        profile = replace(FEW, n_rows=per_label * n_labels, n_labels=n_labels)
        n_practice = 0.8 * profile.n_rows
        n_read = n_practice * recommend(profile, Preset.BALANCED, machine=A_CPU)[0].epochs
        assert 2 * n_practice <= n_read <= max(2.5 * n_practice, 500)


def test_the_forecast_counts_every_fold_and_the_fits_of_the_head(tmp_path: Path) -> None:
    recipe, _, _ = recommend(FEW, Preset.BALANCED, machine=A_CPU)
    plain = formula_parts(FEW, recipe.changed({"extras": ""}), A_CPU)
    assert formula_parts(FEW, recipe, A_CPU)["checks"] > plain["checks"]
    assert forecast_parts(FEW, recipe, A_CPU, tmp_path)["steps"] > 0


def test_a_search_from_pairs_tries_single_examples_from_a_fitted_head_too() -> None:
    recipe, _, _ = recommend(FEW, Preset.BEST, machine=A_CPU)
    space = space_of(recipe)
    assert space.recipe_of(space.own) == replace(recipe, head_start="fitted")
    assert {"pairs", "", "contrastive"} <= set(space.choices["extras"])
    tried = [space.recipe_of(values) for values in space.first()]
    assert [one.extras for one in tried[:3]] == [("pairs",), ("pairs",), ()]
