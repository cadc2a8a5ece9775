"""The words that decide are named, long texts cost no more than a budget, and hints say what they were measured by."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.domain.explanation import Explanation
from core.domain.rows import TableRow
from core.explanation.explaining import N_NEIGHBOURS, explain
from core.explanation.occlusion import MAX_ASKED, budget_for, occlude
from core.explanation.words import words_of
from core.prediction.predictor import Predictor
from core.training.familiarity import PracticeRows

BUNDLE = Path(__file__).parents[2] / "golden" / "bundle_v1"


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor.load(BUNDLE)


def no_rows(positions: Sequence[int]) -> list[TableRow]:
    raise AssertionError("a bundle without practice rows asks for none")


class Keywords:
    """Sure of category 1 by as much as "money" and "refund" stand in a text; remembers how often it was asked."""

    def __init__(self) -> None:
        self.n_asked = 0

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.n_asked += len(texts)
        p = np.array([0.1 + 0.6 * ("money" in text) + 0.2 * ("refund" in text) for text in texts])
        return np.stack([1 - p, p], axis=1)


def spans_of(text: str):
    return words_of(text, lambda _text: [])


def test_each_word_is_left_out_once_where_the_text_is_short():
    ask, text = Keywords(), "my money please as a refund"
    spans, without = occlude(ask, text, spans_of(text))
    assert [text[start:end] for start, end in spans] == text.split()
    assert without[:, 1].tolist() == pytest.approx([0.9, 0.3, 0.9, 0.9, 0.9, 0.7])
    assert ask.n_asked == 1 + 6


@pytest.mark.parametrize("n_words", [60, 300, 2000])
def test_a_long_text_stays_in_its_budget_and_its_word_is_found(n_words):
    words = ["word"] * n_words
    words[n_words // 3] = "money"
    text, ask = " ".join(words), Keywords()
    spans, without = occlude(ask, text, spans_of(text))
    assert ask.n_asked <= 1 + budget_for(n_words) + MAX_ASKED // 2
    assert (spans[0][0], spans[-1][1]) == (0, len(text))  # nothing of the text is passed over
    start, end = spans[int(without[:, 1].argmin())]
    assert "money" in text[start:end]
    assert len(text[start:end].split()) <= max(1, n_words // 60)


def test_a_text_without_words_has_nothing_to_leave_out(predictor):
    explanation = explain(predictor, "?!", no_rows)
    assert explanation.words == ()
    assert explanation.strongest(explanation.prediction.label) == []


def test_the_deciding_word_speaks_for_the_answer_and_against_the_others(predictor):
    explanation = explain(predictor, "hello my money from monday", no_rows)
    assert explanation.prediction.label == "refund"
    assert explanation.strongest("refund", n=1)[0][0].text == "money"
    assert explanation.strongest("refund", against="delivery", n=1)[0][0].text == "money"
    assert explanation.effects("refund", "delivery") == pytest.approx(
        [-effect for effect in explanation.effects("delivery", "refund")]
    )
    assert explanation.neighbours is None  # the released bundle keeps no practice rows


def test_chinese_segments_are_named(predictor):
    explanation = explain(predictor, "您好我要退款谢谢", no_rows)
    assert explanation.prediction.label == "退款"
    assert explanation.strongest("退款", n=1)[0][0].text in ("退", "款")  # its tokenizer knows characters only


def test_nearest_rows_come_with_their_truth(predictor):
    texts = {4: "my money please", 7: "when does it arrive", 9: "hello from monday"}
    practice = PracticeRows.of(predictor.embed(list(texts.values())), list(texts), seed=0)

    def rows_of(numbers: Sequence[int]) -> list[TableRow]:
        return [
            TableRow(row=n, file="practice", text=texts[n], label="x", split="practice", set_aside="") for n in numbers
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(predictor._practice.__dict__, "rows", practice)
        explanation: Explanation = explain(predictor, "when does it arrive", rows_of)
    assert explanation.neighbours is not None and len(explanation.neighbours) == min(3, N_NEIGHBOURS)
    nearest = explanation.neighbours[0]
    assert (nearest.row, nearest.text) == (7, "when does it arrive")
    assert nearest.similarity == pytest.approx(1, abs=1e-3)
    similarities = [one.similarity for one in explanation.neighbours]
    assert similarities == sorted(similarities, reverse=True)
