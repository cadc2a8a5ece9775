"""Learning numbers: the draft, the mix, the promised range, and a whole run from a table to answers."""

import numpy as np
import pytest

from core.training.draft import Draft
from core.training.number_choice import COVERED, choose_number, conformal_half_width
from core.training.number_draft import fit_number_draft

WORDS = ["awful", "poor", "fine", "good", "superb"]


def rows(n: int, seed: int = 0) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Texts whose word tells the number, and vectors that hint at it."""
    rng = np.random.default_rng(seed)
    place = np.arange(n) % 5
    numbers = place - 2.0
    vectors = rng.normal(size=(n, 16))
    vectors[:, 0] += numbers
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [f"a {WORDS[k]} thing number {rng.integers(1000)}" for k in place]
    return texts, (numbers / numbers.std()).astype(np.float32), vectors.astype(np.float32)


def test_the_draft_learns_numbers_and_is_the_same_once_saved(tmp_path):
    texts, y, vectors = rows(200)
    draft = fit_number_draft(texts, y, vectors, seed=0, language="en")
    asked, truth, asked_vectors = rows(50, seed=1)
    answers = draft.predict_proba(asked, asked_vectors)
    assert answers.shape == (50, 1) and np.abs(answers[:, 0] - truth).mean() < 0.3
    draft.save(tmp_path)
    assert np.array_equal(Draft.load(tmp_path).predict_proba(asked, asked_vectors), answers)


def test_the_mix_is_the_one_that_errs_least():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=400)
    draft, tuned = (truth + rng.normal(size=400))[:, None], (truth + rng.normal(size=400))[:, None]
    choice = choose_number(draft, tuned, truth)
    errors = [np.square(w * draft[:, 0] + (1 - w) * tuned[:, 0] - truth).mean() for w in np.arange(21) / 20]
    assert choice.kept == "mix"
    assert choice.draft_weight == pytest.approx(int(np.argmin(errors)) / 20)


@pytest.mark.parametrize(("better", "kept"), [("draft", "draft"), ("tuned", "fine_tuned")])
def test_one_that_is_perfect_is_kept_alone(better, kept):
    truth = np.linspace(-1, 1, 20)
    noisy = truth[:, None] + np.where(np.arange(20) % 2, 0.5, -0.5)[:, None]
    models = {"draft": noisy, "tuned": noisy, better: truth[:, None]}
    assert choose_number(models["draft"], models["tuned"], truth).kept == kept


def test_the_promised_range_holds_for_as_many_new_texts_as_promised():
    rng = np.random.default_rng(3)
    held = []
    for _ in range(200):
        errors = rng.standard_t(3, size=100)
        half_width = conformal_half_width(errors[:50], np.zeros(50))
        held.append((np.abs(errors[50:]) <= half_width).mean())
    assert COVERED - 0.02 <= np.mean(held) <= COVERED + 0.03


def test_few_rows_promise_their_greatest_distance():
    assert conformal_half_width(np.array([1.0, -3.0]), np.zeros(2)) == 3.0
    assert conformal_half_width(np.zeros(0), np.zeros(0)) == 0.0
