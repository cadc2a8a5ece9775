"""Texts beyond the model's limit, from tokens to the bundle that answers: read alike everywhere."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.base_models.encoder import FrozenEncoder
from core.base_models.long_texts import Reader
from core.domain.job import Wish
from core.domain.message import Message
from core.domain.run import PRACTICE_LOSS
from core.errors import UserError
from core.files import write_manifest
from core.prediction.predictor import Predictor
from core.tasks import TASKS
from core.techniques import TECHNIQUES
from core.training import batches, drafting, long_choice
from core.training.batches import TokenizedExamples, answer_passes, padded, passes_of, read_examples, windows_of
from core.training.draft import Draft
from core.training.familiarity import load_practice
from core.training.finetuning import FineTuner
from core.training.long_choice import choose_way, clearly_best, left_out_right
from core.training.loop import Outlets, answer_logits
from core.training.model import load_classifier
from core.training.pipeline import train_model
from core.training.trunk import compute_trunk
from core.training.types import Examples, TrainingData
from tests.unit.training.test_pipeline import Ear
from tests.unit.training.tiny import CPU, FILLERS, LABELS, TinyRun, examples, same_tensors, tiny_data, tiny_recipe

LENGTH = 16


def long_examples(n: int, seed: int) -> Examples:
    """Texts of about 34 words that tell their category in the last few."""
    short = examples(n, seed)
    draw = np.random.default_rng(seed)
    texts = [" ".join([*draw.choice(FILLERS, 24), text]) for text in short.texts]
    return Examples(texts=texts, targets=short.targets)


def long_data() -> TrainingData:
    return replace(tiny_data(), practice=long_examples(90, 1), checkup=long_examples(30, 2), exam=long_examples(30, 3))


def windowed(base_dir: Path, part: Examples) -> TokenizedExamples:
    return read_examples(Reader.load(base_dir, LENGTH, "windows"), part.texts, part.targets)


def a_run(base_dir: Path, folder: Path, **changes: object) -> TinyRun:
    recipe = tiny_recipe(max_length=LENGTH, long_texts="windows", **changes)  # type: ignore[arg-type]
    run = TinyRun(base_dir, recipe, TECHNIQUES["full"], folder)
    run.practice, run.checkup = windowed(base_dir, long_examples(90, 1)), windowed(base_dir, long_examples(30, 2))
    run.seen = batches.seen_ids([run.practice, run.checkup], 0)
    return run


def test_a_text_in_windows_is_answered_by_the_mean_of_them(base_dir: Path, tmp_path: Path) -> None:
    run = a_run(base_dir, tmp_path)
    classifier = run.classifier().eval()
    logits = answer_logits(classifier, run.checkup, 0, CPU)
    ids = run.checkup.ids[: run.checkup.offsets[1]]
    assert len(ids) % LENGTH == 0 and len(ids) > LENGTH
    rows = torch.from_numpy(ids.astype(np.int64)).view(-1, LENGTH)
    with torch.inference_mode():
        one_by_one = classifier(rows, torch.ones_like(rows)).mean(0)
    np.testing.assert_allclose(logits[0], one_by_one.numpy(), atol=1e-5)


def test_every_window_is_in_one_pass_with_the_others_of_its_text(base_dir: Path) -> None:
    read = windowed(base_dir, Examples(texts=[*long_examples(9, 1).texts, "card"], targets=[0] * 10))
    for rows in answer_passes(read):
        windows = windows_of(read, rows)
        ids, mask = padded(read, rows, 0)
        assert windows.counts is not None and windows.counts.sum() == len(ids) == len(windows.lengths)
        assert mask.sum() == read.lengths[rows].sum()
    (alone,) = passes_of(np.array([9]), read.lengths, 8, 64)
    assert windows_of(read, alone).counts is None


@pytest.mark.parametrize(
    "extras", [("r_drop", "self_distillation", "contrastive", "multi_dropout", "fgm"), ("mixup", "pgd", "ema")]
)
def test_extras_teach_texts_in_windows(base_dir: Path, tmp_path: Path, extras: tuple[str, ...]) -> None:
    run = a_run(base_dir, tmp_path, epochs=1, extras=extras)
    result = run.train()
    assert (result.position.step, result.position.stopped) == (result.n_steps, "") and result.best
    assert np.isfinite(run.heard.curve(PRACTICE_LOSS)).all()


def test_word_noise_does_not_go_with_windows() -> None:
    with pytest.raises(UserError, match="windows no longer fit"):
        tiny_recipe(long_texts="windows", extras=("word_noise",))


def test_frozen_layers_read_windows_once_with_the_same_result(exact_dir: Path, tmp_path: Path) -> None:
    run = a_run(exact_dir, tmp_path / "run", frozen_layers=1)
    classifier = run.classifier().eval()
    plain = answer_logits(classifier, run.checkup, 0, CPU)
    parts = [run.practice, run.checkup]
    cached = compute_trunk(classifier.backbone, parts, work_dir=tmp_path, fingerprint="a")
    classifier.trunk = cached
    np.testing.assert_allclose(answer_logits(classifier, cached.examples(parts)[1], 0, CPU), plain, atol=1e-5)


@pytest.mark.parametrize(("way", "format"), [("start_and_end", 2), ("windows", 2)])
def test_a_bundle_reads_long_texts_as_training_did(base_dir: Path, tmp_path: Path, way: str, format: int) -> None:
    bundle_dir = tmp_path / "bundle"
    bundle_dir.mkdir()
    data, ear = long_data(), Ear()
    recipe = tiny_recipe(base_model=str(base_dir), max_length=LENGTH, long_texts=way)
    train_model(
        data,
        recipe,
        base_models_dir=tmp_path / "models",
        work_dir=tmp_path / "work",
        bundle_dir=bundle_dir,
        reporter=ear,
        should_stop=lambda: Wish.NONE,
    )
    write_manifest(bundle_dir)
    predictor = Predictor.load(bundle_dir)
    assert (predictor.about["format"], predictor.about["long_texts"]) == (format, way)
    assert float((predictor.predict_proba(data.exam.texts).argmax(axis=1) == np.array(data.exam.targets)).mean()) > 0.8
    if way == "windows" and (bundle_dir / "fine_tuned").exists():
        classifier = load_classifier(bundle_dir / "fine_tuned", pooling=recipe.pooling)
        expected = TASKS["text_classification"].probabilities(
            answer_logits(classifier, windowed(base_dir, data.exam), 0, CPU)
        )
        member = next(m for _weight, m in predictor._members if type(m).__name__ == "FineTunedMember")
        np.testing.assert_allclose(member.predict_proba(data.exam.texts, lambda n: None), expected, atol=1e-4)


def test_the_way_that_answers_most_is_chosen_and_told(base_dir: Path, tmp_path: Path) -> None:
    encoder_dir = FrozenEncoder.prepare(base_dir, tmp_path)
    seen: list[float] = []
    choice = choose_way(
        long_data().practice,
        encoder_dir,
        max_length=LENGTH,
        seed=0,
        work_dir=tmp_path,
        should_stop=lambda: False,
        progress=seen.append,
    )
    assert choice.way == "start_and_end" and choice.share == 1.0 and choice.n_asked == 90
    assert choice.n_right["start_and_end"] > choice.n_right["start"] + 20
    assert "Their start and end are read" in str(choice.told) and seen[-1] == 1.0
    kept = choose_way(
        Examples(texts=[], targets=[]),
        encoder_dir,
        max_length=LENGTH,
        seed=0,
        work_dir=tmp_path,
        should_stop=lambda: False,
        progress=seen.append,
    )
    assert kept == choice  # an attempt after a crash does not try again


@pytest.mark.parametrize(
    ("practice", "told"),
    [(tiny_data().practice, long_choice.HARDLY_ANY), (long_examples(20, 1), long_choice.TOO_FEW)],
    ids=["hardly any", "too few to try"],
)
def test_a_few_long_texts_are_cut_without_a_trial(
    base_dir: Path, tmp_path: Path, practice: Examples, told: Message
) -> None:
    choice = choose_way(
        practice,
        FrozenEncoder.prepare(base_dir, tmp_path),
        max_length=LENGTH,
        seed=0,
        work_dir=tmp_path,
        should_stop=lambda: False,
        progress=lambda share: None,
    )
    assert choice.way == "start" and choice.told == told


def test_chance_does_not_change_what_is_read() -> None:
    right = {"start": np.arange(100) < 60, "start_and_end": np.arange(100) % 10 < 6, "windows": np.arange(100) < 61}
    assert clearly_best(right) == "start"
    assert clearly_best(right | {"windows": np.arange(100) < 70}) == "windows"


def test_left_out_answers_are_those_of_models_that_do_not_know_the_text() -> None:
    draw = np.random.default_rng(0)
    vectors, targets = draw.normal(size=(24, 4)), np.arange(24) % 3
    vectors[:, 0] += targets
    x, wanted = np.hstack([vectors, np.ones((24, 1))]), np.eye(3)[targets]

    def without(row: int, strength: float) -> int:
        known = np.arange(24) != row
        kernel = x[known] @ x[known].T + strength * np.eye(23)
        return int((x[row] @ x[known].T @ np.linalg.solve(kernel, wanted[known])).argmax())

    counts = [sum(without(row, strength) == targets[row] for row in range(24)) for strength in long_choice.STRENGTHS]
    assert left_out_right(vectors, targets).sum() == max(counts)


def test_ids_of_many_texts_lie_in_a_file(base_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def tokens() -> TokenizedExamples:
        tuner = FineTuner(
            tiny_data(),
            tiny_recipe(epochs=1),
            TASKS["text_classification"],
            TECHNIQUES["full"],
            base_dir=base_dir,
            base_models_dir=tmp_path,
            work_dir=tmp_path / f"work-{batches.CHARS_IN_MEMORY}",
        )
        found = tuner.tokenize()
        results.append(tuner.train(found, Outlets(), lambda values: None).best)
        return found.practice

    results: list[dict[str, torch.Tensor]] = []
    in_memory = tokens()
    monkeypatch.setattr(batches, "CHARS_IN_MEMORY", 100)
    monkeypatch.setattr(batches, "TEXTS_WRITTEN_TOGETHER", 7)
    monkeypatch.setattr(batches, "IDS_LOOKED_AT_ONCE", 50)
    mapped = tokens()
    assert isinstance(mapped.ids, np.memmap) and not isinstance(in_memory.ids, np.memmap)
    assert np.array_equal(mapped.ids, in_memory.ids) and np.array_equal(mapped.offsets, in_memory.offsets)
    assert same_tensors(*results)


def test_the_draft_learns_from_a_share_of_very_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "MOST_ROWS", 100)
    targets = [0] * 900 + [1] * 90 + [2] * 5
    practice = Examples(texts=[str(i) for i in range(995)], targets=targets)
    rows = drafting.drawn(practice, seed=3)
    assert np.bincount(practice.array[rows]).tolist() == [91, 20, 5]
    assert len(set(rows)) == len(rows) and np.array_equal(rows, drafting.drawn(practice, seed=3))
    assert drafting.drawn(Examples(texts=["a", "b"], targets=[0, 1]), seed=3).tolist() == [0, 1]
    numbers = Examples(texts=practice.texts, targets=np.linspace(0.0, 1.0, 995))
    assert len(drafting.drawn(numbers, seed=3)) == 100


def test_a_bundle_compares_new_texts_with_the_rows_that_the_draft_read(
    base_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "MOST_ROWS", 30)
    monkeypatch.setattr(drafting, "LEAST_PER_LABEL", 1)
    (tmp_path / "bundle").mkdir()
    ear, data = Ear(), tiny_data()
    data = replace(data, practice=replace(data.practice, rows=tuple(range(2, 92))))
    train_model(
        data,
        tiny_recipe(base_model=str(base_dir), technique="draft"),
        base_models_dir=tmp_path / "models",
        work_dir=tmp_path / "work",
        bundle_dir=tmp_path / "bundle",
        reporter=ear,
        should_stop=lambda: Wish.NONE,
    )
    kept = load_practice(tmp_path / "bundle")
    assert kept is not None and len(kept.rows) == 30 and "30 of 90" in ear.said[0]
    encoder = FrozenEncoder.load(tmp_path / "bundle" / "encoder")
    vectors = encoder.embed([data.practice.texts[row - 2] for row in kept.rows])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    np.testing.assert_allclose(kept.vectors, vectors, atol=2e-3)


def test_numbers_are_right_where_they_are_near() -> None:
    draw = np.random.default_rng(0)
    numbers = draw.normal(size=60)
    telling = np.column_stack([numbers, draw.normal(size=60)])
    assert left_out_right(telling, numbers).mean() > 0.95 > left_out_right(draw.normal(size=(60, 2)), numbers).mean()


def test_a_draft_keeps_what_it_reads_of_long_texts(tmp_path: Path) -> None:
    texts = [f"{'x ' * 600}{LABELS[i % 3]} {i}" for i in range(60)]
    vectors, y = np.zeros((60, 4), dtype=np.float32), [i % 3 for i in range(60)]
    right = {}
    for way in ("start", "start_and_end"):
        Draft.fit(texts, y, vectors, n_labels=3, seed=0, language="en", long_texts=way).save(tmp_path / way)
        draft = Draft.load(tmp_path / way)
        assert draft.long_texts == way
        right[way] = (draft.predict_proba(texts, vectors).argmax(axis=1) == y).mean()
    assert right["start"] < 0.5 and right["start_and_end"] == 1.0


def test_a_run_settles_what_its_recipe_leaves_to_a_measurement(base_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    ear = Ear()
    recipe = tiny_recipe(base_model=str(base_dir), max_length=LENGTH, long_texts="measured", technique="draft")
    train_model(
        long_data(),
        recipe,
        base_models_dir=tmp_path / "models",
        work_dir=tmp_path / "work",
        bundle_dir=tmp_path / "bundle",
        reporter=ear,
        should_stop=lambda: Wish.NONE,
    )
    about = json.loads((tmp_path / "bundle" / "model.json").read_text())
    assert about["long_texts"] == ear.values["long_texts"] == "start_and_end"
    assert Draft.load(tmp_path / "bundle" / "draft").long_texts == "start_and_end"
    assert ear.values["long_texts_right_windows"].endswith(" of 90") and "Their start and end are read" in ear.said[0]
