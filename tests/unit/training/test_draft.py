import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.training.draft import Draft, Interrupted, stratified_folds
from core.training.tfidf import TfidfBlock, analyzers_for, normalize

TOPICS = ["card lost", "refund money", "login password", "parcel late", "price rise", "app crash", "coupon code"]
TOPICS_ZH = ["银行卡丢了", "我要退款", "密码忘了", "包裹还没到", "价格太高", "应用打不开", "优惠券用不了"]


def _rows(n_labels: int, n_each: int, seed: int = 0, language: str = "en") -> tuple[list[str], np.ndarray, np.ndarray]:
    """Texts whose words give the category away, with embeddings that hint at it."""
    rng = np.random.default_rng(seed)
    topics = TOPICS_ZH if language == "zh" else TOPICS
    y = np.repeat(np.arange(n_labels), n_each)
    texts = [f"{topics[t % len(topics)]} {t if n_labels > len(topics) else ''} {rng.integers(1000)}" for t in y]
    centres = np.random.default_rng(5).normal(size=(n_labels, 32))
    vectors = centres[y] + rng.normal(size=(len(y), 32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return texts, y, vectors.astype(np.float32)


def _fit(n_labels: int, n_each: int, language: str = "en", **options) -> Draft:
    texts, y, vectors = _rows(n_labels, n_each, language=language)
    return Draft.fit(texts, y, vectors, n_labels=n_labels, seed=0, language=language, **options)


@pytest.mark.parametrize(
    ("n_labels", "n_each", "language"), [(2, 2, "en"), (2, 40, "zh"), (5, 2, "zh"), (7, 30, "en"), (300, 3, "en")]
)
def test_draft_learns_and_gives_probabilities(n_labels: int, n_each: int, language: str) -> None:
    draft = _fit(n_labels, n_each, language)
    texts, y, vectors = _rows(n_labels, n_each, seed=1, language=language)
    proba = draft.predict_proba(texts, vectors)
    assert proba.shape == (len(texts), n_labels)
    assert proba.dtype == np.float64
    assert np.allclose(proba.sum(1), 1)
    assert (proba.argmax(1) == y).mean() > 0.8


def test_probabilities_are_calibrated_where_half_of_the_answers_are_a_coin_toss() -> None:
    rng = np.random.default_rng(0)
    texts, y, vectors = _rows(2, 300)
    flipped = rng.random(len(y)) < 0.25
    noisy = np.where(flipped, 1 - y, y)
    draft = Draft.fit(texts, noisy, vectors, n_labels=2, seed=0, language="en")
    fresh_texts, fresh_y, fresh_vectors = _rows(2, 300, seed=1)
    proba = draft.predict_proba(fresh_texts, fresh_vectors)
    assert (proba.argmax(1) == fresh_y).mean() > 0.9
    assert proba.max(1).mean() == pytest.approx(0.75, abs=0.1)


def test_saved_draft_answers_the_same(tmp_path: Path) -> None:
    draft = _fit(7, 10)
    texts, _, vectors = _rows(7, 10, seed=1)
    draft.save(tmp_path)
    assert {p.suffix for p in tmp_path.iterdir()} == {".json", ".safetensors"}
    assert np.array_equal(Draft.load(tmp_path).predict_proba(texts, vectors), draft.predict_proba(texts, vectors))


def test_equal_seeds_give_equal_drafts() -> None:
    first, second = _fit(7, 10), _fit(7, 10)
    assert np.array_equal(first.coef, second.coef)
    assert first.temperature == second.temperature


def test_loading_and_predicting_needs_neither_torch_nor_sklearn(tmp_path: Path) -> None:
    _fit(3, 10).save(tmp_path)
    code = (
        "import sys, numpy; from pathlib import Path; from core.training.draft import Draft;"
        f"Draft.load(Path({str(tmp_path)!r})).predict_proba(['card'], numpy.zeros((1, 32), 'float32'));"
        "assert not {'torch', 'transformers', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_category_without_rows_is_never_the_answer() -> None:
    texts, y, vectors = _rows(3, 20)
    draft = Draft.fit(texts, y, vectors, n_labels=5, seed=0, language="en")
    assert draft.predict_proba(texts, vectors).argmax(1).max() <= 2


def test_category_weights_move_the_answers() -> None:
    rng = np.random.default_rng(0)
    y = np.array([0] * 190 + [1] * 10)
    vectors = rng.normal(size=(200, 8)).astype(np.float32) + 0.4 * y[:, None].astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = ["same words"] * 200

    def n_rare(weight: list[float] | None) -> int:
        draft = Draft.fit(texts, y, vectors, n_labels=2, seed=0, language="en", class_weight=weight)
        return int((draft.predict_proba(texts, vectors).argmax(1) == 1).sum())

    assert n_rare([1.0, 19.0]) > n_rare(None)


def test_stopping_is_heard() -> None:
    with pytest.raises(Interrupted):
        _fit(3, 10, should_stop=lambda: True)


def test_folds_deal_out_every_category() -> None:
    y = np.repeat([0, 1, 2], [40, 8, 2])
    fold = stratified_folds(y, 4, seed=0)
    assert np.bincount(fold[y == 0]).tolist() == [10] * 4
    assert np.bincount(fold[y == 1]).tolist() == [2] * 4
    assert len(set(fold[y == 2])) == 2


def test_terms_are_seen_through_width_case_and_space() -> None:
    assert normalize("ＡＰＰ  打不开\n") == "app 打不开"


def test_tfidf_of_a_tiny_corpus_is_the_formula() -> None:
    block = TfidfBlock.fit(["a b", "a c"], "word_1_2", min_df=1, max_terms=10)
    assert block.terms == ("a", "a b", "a c", "b", "c")
    common, rare = 1.0, np.log(3 / 2) + 1
    row = np.array([common, rare, 0, rare, 0]) / np.sqrt(common + 2 * rare**2)
    assert np.allclose(block.transform(["a b"]).toarray()[0], row, atol=1e-6)
    assert block.transform(["z", ""]).nnz == 0


def test_only_frequent_terms_are_kept() -> None:
    block = TfidfBlock.fit(["a b", "a c", "a b"], "word_1_2", min_df=2, max_terms=2)
    assert block.terms == ("a", "a b")


def test_chinese_is_read_by_characters() -> None:
    assert analyzers_for("zh") == ("char_1_4",)
    assert "退款" in TfidfBlock.fit(["我要退款"], "char_1_4", min_df=1, max_terms=100).terms
