"""Answers are mixed, sharpened and put back in order, whatever the members are."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.job import Wish
from core.errors import UserError
from core.files import write_manifest
from core.prediction.batches import TOKEN_BUDGET, token_batches
from core.prediction.predictor import Predictor
from core.training.types import Cancelled

ABOUT = {"task": "text_classification", "labels": ["short", "long"], "threshold": 0.7, "temperature": 1.0}


class ByLength:
    """Says "long" with probability length / 10, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answers(self, texts: Sequence[str], tick) -> np.ndarray:
        self.asked += texts
        for _text in texts:
            tick(1)
        long = np.array([len(text) / 10 for text in texts])
        return np.stack([1 - long, long], axis=1)


class Always:
    def answers(self, texts: Sequence[str], tick) -> np.ndarray:
        tick(len(texts))
        return np.tile([1.0, 0.0], (len(texts), 1))


def test_answers_come_in_the_order_asked_and_equal_texts_are_computed_once():
    member = ByLength()
    proba = Predictor(ABOUT, [(1.0, member)]).predict_proba(["aaa", "a", "aaa", "aaaaaaaaa"])
    assert proba[:, 1].tolist() == pytest.approx([0.3, 0.1, 0.3, 0.9])
    assert member.asked == ["aaa", "a", "aaaaaaaaa"]


def test_members_are_mixed_by_weight_then_sharpened():
    predictor = Predictor(ABOUT | {"temperature": 0.5}, [(0.25, Always()), (0.75, ByLength())])
    mixed = np.array([0.25 + 0.75 * 0.4, 0.75 * 0.6])
    assert predictor.predict_proba(["aaaaaa"])[0] == pytest.approx(mixed**2 / (mixed**2).sum())


def test_prediction_is_sure_from_the_threshold_on():
    sure, unsure = Predictor(ABOUT, [(1.0, ByLength())]).predict(["aaaaaaa", "aaaaaa"])
    assert (sure.label, sure.probability, sure.sure) == ("long", pytest.approx(0.7), True)
    assert (unsure.label, unsure.sure) == ("long", False)
    assert list(unsure.probabilities) == ["long", "short"]


def test_nothing_asked_nothing_answered():
    assert Predictor(ABOUT, [(1.0, ByLength())]).predict([]) == []


def test_progress_covers_all_members_and_a_wish_ends_the_work():
    told: list[float] = []
    predictor = Predictor(ABOUT, [(0.5, ByLength()), (0.5, Always())])
    predictor.predict_proba(["a", "aa"], progress=told.append)
    assert told == [0.25, 0.5, 1.0]
    wishes = iter([Wish.NONE, Wish.CANCEL])
    with pytest.raises(Cancelled):
        predictor.predict_proba(["a", "aa"], should_stop=lambda: next(wishes))


@given(st.lists(st.integers(0, 3000), max_size=200))
def test_batches_cover_every_text_once_and_stay_in_the_budget(lengths):
    batches = list(token_batches(lengths))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= TOKEN_BUDGET
    longest = [max(lengths[i] for i in batch) for batch in batches]
    assert longest == sorted(longest, reverse=True)


def test_bundle_of_a_newer_format_is_refused(tmp_path):
    (tmp_path / "model.json").write_text(json.dumps({"format": 3}))
    write_manifest(tmp_path)
    with pytest.raises(UserError, match="format 3") as caught:
        Predictor.load(tmp_path)
    assert caught.value.hint


def test_bundle_with_a_member_from_the_future_is_refused(tmp_path):
    about = {"format": 1, **ABOUT, "members": [{"kind": "oracle", "weight": 1.0}]}
    (tmp_path / "model.json").write_text(json.dumps(about))
    write_manifest(tmp_path)
    with pytest.raises(UserError, match="oracle"):
        Predictor.load(tmp_path)


def test_folder_that_is_no_whole_bundle_is_refused(tmp_path):
    with pytest.raises(UserError, match="missing or damaged"):
        Predictor.load(tmp_path)
    (tmp_path / "model.json").write_text(json.dumps({"format": 1}))
    with pytest.raises(UserError, match="missing or damaged"):  # no manifest
        Predictor.load(tmp_path)
