"""Texts that nobody sorted join practice only where the draft's sure answers are right, and never too many of a kind."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.domain.job import Wish
from core.files import folder_aside
from core.training import pseudo_labels
from core.training.pipeline import train_model
from core.training.pseudo_labels import confident_threshold, surest
from core.training.types import TrainingData, TrainingResult
from tests.unit.training.test_pipeline import Ear
from tests.unit.training.tiny import LABELS, WORDS, examples, tiny_data, tiny_recipe


def answers(confidences: list[float], right: list[bool]) -> tuple[np.ndarray, np.ndarray]:
    proba = np.array([[c, 1 - c] for c in confidences])
    return proba, np.array([0 if is_right else 1 for is_right in right])


def test_threshold_is_the_lowest_one_with_nearly_all_right() -> None:
    sure, unsure = [0.99] * 40, [0.6] * 40
    proba, targets = answers([*sure, *unsure], [True] * 40 + [True, False] * 20)
    assert confident_threshold(proba, targets) == 0.99
    proba, targets = answers([*sure, *unsure], [True] * 80)
    assert confident_threshold(proba, targets) == 0.6  # 80 of 80, and 10 more as sure as they claim to be


@pytest.mark.parametrize(
    ("confidences", "right"),
    [
        ([0.99] * 40, [True, False] * 20),  # sure and often wrong
        ([0.5] * 8, [True] * 8),  # never sure
        ([0.999] * 4, [True] * 4),  # too few to judge
        ([], []),
    ],
)
def test_no_threshold_where_sure_answers_cannot_be_trusted(confidences: list[float], right: list[bool]) -> None:
    proba, targets = answers(confidences, right)
    assert confident_threshold(proba.reshape(-1, 2), targets) is None


def test_of_each_category_the_surest_join_up_to_what_practice_holds() -> None:
    proba = np.array([[0.97, 0.03], [0.99, 0.01], [0.5, 0.5], [0.98, 0.02], [0.02, 0.98]])
    assert surest(proba, 0.9, np.array([0, 0, 1])) == [1, 3, 4]
    assert surest(proba, 0.9, np.array([0, 0, 0])) == [0, 1, 3]  # practice never saw the other one


def unlabeled_data(n: int) -> TrainingData:
    return replace(tiny_data(), unlabeled=tuple(dict.fromkeys(examples(n, 9).texts)))


def run(base_dir: Path, folder: Path, data: TrainingData, ear: Ear, *, pseudo: str = "on") -> TrainingResult:
    with folder_aside(folder / "bundle") as aside:
        return train_model(
            data,
            tiny_recipe(epochs=2, base_model=str(base_dir), pseudo_labels=pseudo),
            base_models_dir=folder.parent / "base_models",
            work_dir=folder / "work",
            bundle_dir=aside,
            reporter=ear,
            should_stop=lambda: Wish.NONE,
        )


def test_sure_texts_join_practice_and_the_run_says_how_many(base_dir: Path, tmp_path: Path) -> None:
    data, ear = unlabeled_data(240), Ear()
    result = run(base_dir, tmp_path / "job", data, ear)
    n = ear.values["pseudo_labels"]
    assert pseudo_labels.MIN_ACCEPTED <= n <= len(data.practice.texts)
    assert ear.values["unlabeled_asked"] == len(data.unlabeled)
    assert any(sentence.startswith(f"{n} of {len(data.unlabeled)} texts") for sentence in ear.said)
    assert ear.n_steps == 2 * -(-(90 + n) // 8) == result.n_steps
    found = pseudo_labels.accept(
        data, None, None, seed=0, encoder_dir=tmp_path, work_dir=tmp_path / "job" / "work",
        should_cancel=lambda: False, progress=lambda share: None,
    )  # fmt: skip
    joined = found.joined(data).practice
    words = {word: i for i, label in enumerate(LABELS) for word in WORDS[label]}
    truth = [next(words[w] for w in text.split() if w in words) for text in joined.texts[90:]]
    assert np.mean(np.array(truth) == joined.targets[90:]) >= 0.9


def test_too_few_texts_are_left_out_and_said(base_dir: Path, tmp_path: Path) -> None:
    ear = Ear()
    run(base_dir, tmp_path / "job", unlabeled_data(12), ear)
    assert ear.values["pseudo_labels"] == 0
    assert any("left out" in sentence for sentence in ear.said)
    assert ear.n_steps == 2 * -(-90 // 8)


def test_off_they_are_not_looked_at(base_dir: Path, tmp_path: Path) -> None:
    ear = Ear()
    run(base_dir, tmp_path / "job", unlabeled_data(240), ear, pseudo="off")
    assert "pseudo_labels" not in ear.values and ear.n_steps == 2 * -(-90 // 8)
