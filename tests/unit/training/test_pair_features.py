"""What the draft sees of a pair of texts."""

import json

import numpy as np
import pytest

from core.base_models.pair_vectors import halves_of, vectors_of
from core.errors import UserError
from core.training.draft import Draft
from core.training.number_draft import fit_number_draft
from core.training.pair_features import N_FEW, N_OVERLAPS, overlaps, pair_features

PAIRS = ["where is it ⇄ where is it", "refund 12 ⇄ refund 13", "退款什么时候到 ⇄ 退款到了吗"]


def embed(texts):
    vectors = np.array([np.random.default_rng(len(text)).normal(size=5) for text in texts], dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_a_pair_is_one_vector_from_which_both_come_back() -> None:
    vectors = vectors_of(embed, PAIRS, pairs=True)
    assert vectors.shape == (3, 10) and np.allclose(np.linalg.norm(vectors, axis=1), 1)
    first, second = halves_of(vectors)
    assert np.allclose(first, embed([pair.split(" ⇄ ")[0] for pair in PAIRS]), atol=1e-6)
    assert np.allclose(first[0], second[0])
    assert vectors_of(embed, PAIRS, pairs=False).shape == (3, 5)


def test_overlaps_tell_same_from_other_and_numbers_from_words() -> None:
    same, numbers, chinese = (overlaps(*pair.split(" ⇄ ")) for pair in PAIRS)
    assert same == (1.0,) * N_OVERLAPS
    assert numbers[5] == 0.0 and numbers[0] == pytest.approx(1 / 3)
    assert 0 < chinese[3] < 1, "Chinese has no spaces: its letters overlap"
    assert overlaps("", "") == (1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0)


def test_features_are_the_same_whichever_pairs_stand_beside() -> None:
    vectors = vectors_of(embed, PAIRS, pairs=True)
    together = pair_features(PAIRS, vectors)
    assert together.shape == (3, 10 + N_FEW)
    assert np.allclose(together[1:2], pair_features(PAIRS[1:2], vectors[1:2]))
    assert pair_features([], vectors[:0]).shape == (0, 10 + N_FEW)


@pytest.mark.parametrize("task", ["text_pair", "pair_score"])
def test_a_saved_draft_of_pairs_answers_as_before(task: str, tmp_path) -> None:
    pairs = [f"where is {word} ⇄ {other} is where" for word in "abcdefgh" for other in "abcdefgh"]
    vectors = vectors_of(embed, pairs, pairs=True)
    is_same = np.array([pair[9] == pair[13] for pair in pairs])
    options = {"seed": 0, "language": "en", "pairs": True}
    if task == "text_pair":
        draft = Draft.fit(pairs, is_same.astype(np.int64), vectors, n_labels=2, **options)
    else:
        draft = fit_number_draft(pairs, is_same.astype(np.float32), vectors, **options)
    draft.save(tmp_path)
    answers = draft.predict_proba(pairs, vectors)
    assert np.array_equal(Draft.load(tmp_path).predict_proba(pairs, vectors), answers)
    assert answers[is_same, -1].min() > answers[~is_same, -1].max()
    saved = tmp_path / "draft.json"
    saved.write_text(json.dumps(json.loads(saved.read_text()) | {"pair_features": 99}))
    with pytest.raises(UserError, match="compares pairs in a way"):
        Draft.load(tmp_path)
