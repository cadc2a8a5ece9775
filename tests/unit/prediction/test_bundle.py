"""A real bundle answers the same whatever is asked beside it, from several threads, and is opened once."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.files import write_manifest
from core.prediction import cache
from core.prediction.cache import load_predictor

TEXTS = ["my money please", "我要退款", "the parcel", "", "when does it arrive " * 40, "thanks", "my money please"]


def test_answer_does_not_depend_on_what_is_asked_beside_it(tiny_predictor):
    together = tiny_predictor.predict_proba(TEXTS)
    alone = np.concatenate([tiny_predictor.predict_proba([text]) for text in TEXTS])
    assert together == pytest.approx(alone, abs=1e-5)
    assert together.sum(axis=1) == pytest.approx(np.ones(len(TEXTS)))
    assert together[0].tolist() == together[-1].tolist()


def test_both_members_take_part(tiny_predictor):
    (draft_weight, draft), (tuned_weight, tuned) = tiny_predictor._members
    assert (draft_weight, tuned_weight) == (0.6, 0.4)
    texts = TEXTS[:3]
    ours, theirs = draft.answers(texts, lambda n: None), tuned.answers(texts, lambda n: None)
    assert np.abs(ours - theirs).max() > 0.05
    mixed = (0.6 * ours + 0.4 * theirs) ** (1 / 0.8)
    assert tiny_predictor.predict_proba(texts) == pytest.approx(mixed / mixed.sum(axis=1, keepdims=True), abs=1e-6)


def test_threads_share_one_predictor(tiny_predictor):
    expected = tiny_predictor.predict_proba(TEXTS)
    with ThreadPoolExecutor(8) as pool:
        for proba in pool.map(lambda _i: tiny_predictor.predict_proba(TEXTS), range(40)):
            assert proba == pytest.approx(expected, abs=1e-6)


def test_two_models_stay_open_and_a_republished_one_is_read_again(tmp_path, bundle_dir, monkeypatch):
    monkeypatch.setattr(cache, "_open", type(cache._open)())
    first, second, third = (shutil.copytree(bundle_dir, tmp_path / name) for name in "123")
    opened = load_predictor(first)
    assert load_predictor(first) is opened
    load_predictor(second)
    assert load_predictor(first) is opened
    load_predictor(third)  # pushes out the second, which was used longest ago
    assert len(cache._open) == cache.MAX_MODELS
    assert load_predictor(first) is opened
    write_manifest(first)
    assert load_predictor(first) is not opened


def test_visitors_who_come_at_once_load_a_model_once(bundle_dir, monkeypatch):
    monkeypatch.setattr(cache, "_open", type(cache._open)())
    with ThreadPoolExecutor(8) as pool:
        assert len({id(one) for one in pool.map(load_predictor, [bundle_dir] * 8)}) == 1
