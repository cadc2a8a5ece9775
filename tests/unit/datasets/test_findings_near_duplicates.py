"""Texts that are almost the same are found without comparing all pairs; numbers make a difference."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets.near_duplicates import near_groups

EN = "I have been waiting for my new card since last week, what can I do now"
ZH = "这个商品的质量非常好，物流也很快，下次还会再来购买"


def groups(*texts: str, used: list[bool] | None = None) -> list[int]:
    column = pa.chunked_array([list(texts)], pa.large_string())
    return near_groups(column, np.array(used if used else [True] * len(texts))).tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (EN, EN.upper() + "!!"),
        (EN, EN.replace("waiting", "wating")),
        (EN, EN.replace("waiting", "wiating")),
        (EN, EN.replace("card", "crad").replace(",", "")),
        (EN, "Good morning, " + EN + ". Thank you very much!"),
        (EN, EN.replace("what can I do now", "what I can do now")),
        (EN, EN.replace("last week", "last  week please")),
        (EN, EN.replace("new card", "né w card")),
        ("Where is my parcel?", "hello where is my parcel"),
        ("lost card", "lost card."),
        (ZH, "您好，" + ZH + "谢谢"),
        (ZH, ZH.replace("物流", "勿流")),
        (ZH, ZH.replace("，", " ").replace("也很快", "很快也")),
        (ZH, ZH.replace("再来", "来")),
        ("订单 12 的快递怎么还没有送到我的手里", "订单 １２ 的快递怎么还没有送到我手里"),
    ],
)
def test_near_texts_share_a_group(one, other):
    assert groups(one, "Something else entirely", other) == [0, -1, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Where is the delivery of order number 17?", "Where is the delivery of order number 18?"),
        ("The delivery was late and the box was damaged #0", "The delivery was late and the box was damaged #1"),
        ("How do I cancel my card?", "How do I freeze my card?"),
        ("味道不错", "味道很错"),
        ("服务态度好", "服务态度不好"),
        ("high prices", "hi prices"),
        ("good", "food"),
        ("C++", "C#"),
        ("!!", "??"),
        ("", ""),
        ("I love it", "I do not love it"),
    ],
)
def test_different_texts_share_none(one, other):
    assert groups(one, other) == [-1, -1]


def test_equal_texts_alone_are_no_group_but_follow_theirs():
    assert groups("A text of words", "a text of words") == [-1, -1]
    assert groups("A text of words", "Other things", "A text of words", "a text of wordss") == [0, -1, 0, 0]


def test_chains_are_one_group_and_unused_rows_are_in_none():
    chain = [EN, EN + " and", EN + " and then", "Unrelated words about nothing at all"]
    assert groups(*chain) == [0, 0, 0, -1]
    assert groups(*chain, used=[True, False, False, True]) == [-1, -1, -1, -1]


def test_no_rows_and_huge_texts_are_fine():
    assert groups() == []
    assert groups("x" * 100_000, "x" * 100_000 + "y", "word") == [0, 0, -1]


def test_a_template_with_many_fillings_ends_soon_and_finds_the_slip():
    texts = [f"Please tell me where the {a}{b}{a} that I ordered has gone" for a in "abcdefghij" for b in "klmnopqrst"]
    found = groups(
        *texts, "The weather is lovely in the mountains today", "The weather is lovley in the mountains today"
    )
    assert found[-1] == found[-2] == len(texts)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="abcdefghij klmnop", min_size=12, max_size=120), st.data())
def test_one_slip_of_the_hand_is_always_found(text, data):
    if len(text.replace(" ", "")) < 10:
        return
    place = data.draw(st.integers(0, len(text) - 1))
    slipped = text[:place] + data.draw(st.sampled_from(["", "z", text[place] * 2])) + text[place + 1 :]
    if slipped.split() != text.split():
        assert groups(text, slipped) == [0, 0]
