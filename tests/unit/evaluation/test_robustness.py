"""Each way of writing otherwise, on texts of both languages, and what is counted of the answers."""

import numpy as np
import pytest

from core.datasets.han_scripts import in_other_script, to_simplified, to_traditional
from core.evaluation.robustness import BY_NAME, WAYS, changed_texts, result_of

ENGLISH = "The food was great. I can't wait to come back!"
CHINESE = "送餐很慢，味道也不好。服务员很热情！"


def changed(name: str, text: str) -> str:
    change = BY_NAME[name].change
    assert change is not None
    return change(text, np.random.default_rng(1))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("case", "refund", "REFUND"),
        ("case", "REFUND", "refund"),
        ("punctuation", ENGLISH, "The food was great I cant wait to come back"),
        ("punctuation", CHINESE, "送餐很慢 味道也不好 服务员很热情"),
        ("width", "2件A款", "２件Ａ款"),
        ("width", CHINESE, "送餐很慢,味道也不好.服务员很热情!"),
        ("script", "后面的头发干了", "後面的頭髮幹了"),
        ("script", "退貨", "退货"),
        ("truncation", ENGLISH, "The food was great. I"),
        ("truncation", "很慢很慢很慢", "很慢很"),
        ("order", ENGLISH, "I can't wait to come back! The food was great."),
        ("order", CHINESE, "服务员很热情！送餐很慢，味道也不好。"),
        ("boilerplate", "您好", "您好\n发自我的手机。本邮件含有保密信息，仅供收件人阅读。"),
        ("negation", "The food was great.", "The food was not great."),
        ("negation", "It isn't here and I won't pay.", "It is here and I won't pay."),
        ("negation", "I will not pay", "I will pay"),
        ("negation", "服务员很热情", "服务员不热情"),
        ("negation", "味道不好", "味道好"),
        ("negation", "我要退款", "我不要退款"),
    ],
)
def test_a_text_is_written_otherwise(name: str, text: str, expected: str) -> None:
    assert changed(name, text) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("case", "很慢"),
        ("order", "Only one."),
        ("truncation", "too short"),
        ("script", "refund"),
        ("negation", "Parcel?"),
    ],
)
def test_a_way_that_does_not_fit_leaves_the_text_as_it_is(name: str, text: str) -> None:
    assert changed(name, text) == text


def test_phrases_decide_which_letter_a_simplified_one_becomes() -> None:
    assert to_traditional("皇后在后面理发") == "皇后在後面理髮"
    assert to_simplified("皇后在後面理髮") == "皇后在后面理发"
    assert in_other_script("refund") == "refund"


def test_a_text_changes_by_seed_way_and_row_alone() -> None:
    texts, typos = ["please cancel my order and refund the money"] * 30, BY_NAME["typos"]
    assert typos.change is not None
    one = changed_texts(texts, range(30), typos, typos.change, 0)
    assert one == changed_texts(texts, range(30), typos, typos.change, 0)
    assert one[5:] == changed_texts(texts[5:], range(5, 30), typos, typos.change, 0)
    assert one != changed_texts(texts, range(30), typos, typos.change, 1)
    assert len(set(one)) > 10


def test_flips_are_counted_and_new_mistakes_shown_first() -> None:
    asked = {"rows": [2, 3, 4], "before": ["a", "b", "c"], "after": ["A", "B", "C"], "labels": ["x", "x", "y"]}
    found = result_of(BY_NAME["case"], **asked, answers_before=["y", "x", "y"], answers_after=["x", "y", "y"])
    assert (found.n, found.n_right_before, found.n_right_after, found.n_flipped) == (3, 2, 2, 2)
    assert [flip.row for flip in found.examples] == [3, 2]
    turned = result_of(BY_NAME["negation"], **asked, answers_before=["y", "x", "y"], answers_after=["x", "y", "y"])
    assert [flip.row for flip in turned.examples] == [4]


def test_every_way_that_names_a_technique_names_one_that_exists() -> None:
    from core.techniques import EXTRAS

    assert {way.technique for way in WAYS} - {""} <= set(EXTRAS.names())
