"""Planted kinds of messages are found, chance is not, and three thousand rows take less than a second."""

import random
import time

import numpy as np
import pytest

from core.evaluation.slices import SliceKind, find_slices, n_significant, tail_of

WORDS = [
    "order",
    "parcel",
    "refund",
    "money",
    "invoice",
    "card",
    "delivery",
    "address",
    "phone",
    "account",
    "login",
    "late",
    "broken",
    "colour",
    "size",
]


def exam(n: int, seed: int = 0) -> list[str]:
    draw = random.Random(seed)
    return [" ".join(draw.sample(WORDS, draw.randint(3, 12))) for _ in range(n)]


def right_but(wrong: np.ndarray, share: float, seed: int = 0) -> np.ndarray:
    """9 of 10 are right, of the rows in `wrong` only `share`."""
    draw = np.random.default_rng(seed).random(len(wrong))
    return np.where(wrong, draw < share, draw < 0.9)


def test_a_column_a_word_and_a_language_with_more_mistakes_are_found() -> None:
    texts = exam(900)
    source = ["app" if i % 9 == 0 else "mail" for i in range(900)]
    has_word = np.array(["invoice" in text for text in texts])
    languages = ["zh" if i % 13 == 0 else "en" for i in range(900)]
    is_bad = (np.array(source) == "app") | (np.array(languages) == "zh")
    found = find_slices(texts, right_but(is_bad, 0.4), {"source": source, "id": list(map(str, range(900)))}, languages)
    assert {(one.kind, one.column, one.value) for one in found} == {
        (SliceKind.COLUMN, "source", "app"),
        (SliceKind.LANGUAGE, "", "zh"),
    }
    app = next(one for one in found if one.kind is SliceKind.COLUMN)
    assert app.rows == tuple(range(0, 900, 9)) and app.n == 100
    assert app.right == pytest.approx(0.4, abs=0.1) and app.right_elsewhere > 0.8
    found = find_slices(texts, right_but(has_word, 0.5), {}, [""] * 900)
    assert (found[0].kind, found[0].value) == (SliceKind.WORD, "invoice")


def test_short_texts_and_chinese_words_are_found() -> None:
    texts = ["退款什么时候到账" if i % 6 == 0 else "请问这个包裹今天能不能送到我家里来呢" for i in range(300)]
    found = find_slices(texts, right_but(np.arange(300) % 6 == 0, 0.3), {}, ["zh"] * 300)
    assert len(found) == 1 and found[0].n == 50  # its words and its length are the same rows
    assert found[0].kind is SliceKind.WORD or found[0].value == "8"


def test_chance_alone_is_hardly_ever_told() -> None:
    told = [
        len(find_slices(exam(400, seed), right_but(np.zeros(400, dtype=bool), 0, seed), {"day": [str(i % 7) for i in range(400)]}, [""] * 400))
        for seed in range(40)
    ]  # fmt: skip
    assert sum(count > 0 for count in told) <= 4


@pytest.mark.parametrize("n", [0, 5, 15])
def test_small_exams_tell_nothing(n: int) -> None:
    assert find_slices(exam(n), np.zeros(n, dtype=bool), {}, [""] * n) == []


def test_the_tail_is_that_of_fishers_exact_test() -> None:
    # by hand: 2 of 3 wrong among the first 3 of 6 rows, 3 of 6 wrong in all: (3*3 + 1) / 20
    assert tail_of(2, 3, 3, 6) == pytest.approx(0.5)
    assert tail_of(0, 3, 3, 6) == pytest.approx(1.0)
    assert tail_of(3, 3, 3, 6) == pytest.approx(1 / 20)


def test_the_correction_takes_the_largest_that_passes() -> None:
    assert n_significant([0.01, 0.03, 0.035, 0.9]) == 3  # 0.03 > 0.025, yet 0.035 <= 0.0375
    assert n_significant([0.2, 0.3]) == 0
    assert n_significant([]) == 0


def test_three_thousand_rows_are_fast() -> None:
    texts = exam(3000)
    right = right_but(np.arange(3000) % 10 == 0, 0.4)
    started = time.thread_time()
    find_slices(texts, right, {"source": [str(i % 10) for i in range(3000)]}, ["en"] * 3000)
    assert time.thread_time() - started < 1.0
