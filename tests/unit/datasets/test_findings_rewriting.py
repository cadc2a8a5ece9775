"""What the repairs rewrite is found exactly: personal data, markup, footers; and look-alike names have one form."""

import numpy as np
import pyarrow as pa
import pytest

from core.datasets.comparing import label_form
from core.datasets.markup import (
    has_footer,
    has_markup,
    rows_with_footer,
    rows_with_markup,
    strip_footer,
    strip_markup,
)
from core.datasets.personal_data import KINDS, find_kinds, mask, rows_with

PERSONAL = [
    ("email", "Write to anna.lee+shop@mail.example.com, please"),
    ("email", "邮箱是zhang_san@163.com谢谢"),
    ("phone", "Call +44 20 7946 0958 now"),
    ("phone", "+1 (415) 555-2671"),
    ("phone", "call 415-555-2671 or (415) 555-2671"),
    ("phone", "我的电话13812345678，快点"),
    ("phone", "手机：138-1234-5678"),
    ("phone", "手机１３８１２３４５６７８"),
    ("phone", "座机010-62345678"),
    ("phone", "+8613812345678"),
    ("phone", "Tel 07700 900123"),
    ("card", "card 4111 1111 1111 1111 was charged"),
    ("card", "卡号6222021234567890128"),
    ("card", "amex 378282246310005"),
    ("id_number", "身份证11010519491231002X"),
    ("id_number", "身份证号110105199003072338，请查"),
    ("id_number", "旧证 110105491231002"),
    ("id_number", "SSN 078-05-1120"),
    ("id_number", "NINO AB 12 34 56 C"),
    ("id_number", "A123456789"),
    ("id_number", "HKID A123456(3)"),
    ("id_number", "DNI 12345678Z"),
    ("id_number", "CF RSSMRA85T10A562S"),
    ("id_number", "900101-1234567"),
]
HARMLESS = [
    "Order 20240105123456 has not arrived",
    "order number 1234567890",
    "id 110105199003072331",  # wrong check character
    "id 110105194913310021",  # no such month
    "card 4111 1111 1111 1112",  # fails Luhn
    "It cost 1,234,567.89 on 2024-01-05 at 12:30:45",
    "version 1.13812345678.2",
    "@home and me@work",
    "ratio 000-12-3456",
    "12345678A",  # wrong Spanish letter
    "ISBN 978-3-16-148410-0",
    "from 2019-2020 to 2021-2022",
    "快递单号 773138123456789",
    "",
]


@pytest.mark.parametrize(("kind", "text"), PERSONAL)
def test_personal_data_is_found_and_masked(kind, text):
    assert kind in find_kinds(text)
    masked = mask(text, KINDS)
    assert f"[{kind}]" in masked
    assert not find_kinds(masked)
    assert mask(text, [other for other in KINDS if other != kind]).count(f"[{kind}]") == 0


@pytest.mark.parametrize("text", HARMLESS)
def test_other_numbers_are_no_personal_data(text):
    assert find_kinds(text) == set()
    assert mask(text, KINDS) == text


def test_only_the_personal_part_is_replaced():
    assert mask("a@b.com or 13812345678?", ["phone"]) == "a@b.com or [phone]?"
    assert mask("号码：１３８１２３４５６７８。", ["phone"]) == "号码：[phone]。"


def test_rows_with_personal_data_are_those_that_hold_some():
    texts = [text for _, text in PERSONAL] + HARMLESS
    used = np.ones(len(texts), dtype=bool)
    used[0] = False
    found = rows_with(pa.chunked_array([texts[:5], texts[5:]], pa.large_string()), used)
    for kind in KINDS:
        expected = [kind in find_kinds(text) for text in texts]
        expected[0] = False
        assert found[kind].tolist() == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<p>Where is <b>my</b> parcel?</p><br/>Thanks", "Where is my parcel?\nThanks"),
        ("Tom &amp; Jerry&nbsp;5 &lt; 6", "Tom & Jerry 5 < 6"),
        ('<a href="http://x.example">the page</a> is down<script>alert(1)</script>', "the page is down"),
        ("<!-- note -->很<i>好</i>", "很好"),
    ],
)
def test_markup_is_stripped_to_its_words(text, words):
    assert has_markup(text)
    assert strip_markup(text) == words


@pytest.mark.parametrize(
    "text",
    ["a < b and b > c", "I <3 you", "R&D and Q&A", "<name> is missing", "<script>alert(1)</script><img src=x>", ""],
)
def test_signs_that_are_no_markup_stay(text):
    assert not has_markup(text)


MAIL = "The box was damaged.\nPlease refund.\n"
FOOTERS = [
    "\nOn Mon, 5 Jan 2026 at 10:12, Shop <help@shop.example> wrote:\n> How can we help?",
    "-----Original Message-----\nFrom: Shop\nHello",
    "\n-- \nAnna Lee\nSales",
    "Sent from my iPhone",
    "发自我的iPhone",
    "------------------ 原始邮件 ------------------\n发件人: 店铺",
    "在 2026年1月5日，店铺 写道：\n> 您好",
    "发件人：店铺\n发送时间：2026年1月5日\n收件人：我",
    "From: Shop\nSent: Monday\nTo: me\nHello",
    "This e-mail and any attachments are confidential and may be privileged.",
]


@pytest.mark.parametrize("footer", FOOTERS)
def test_what_a_mail_program_added_is_cut_off(footer):
    assert has_footer(MAIL + footer)
    assert strip_footer(MAIL + footer) == MAIL.rstrip()


@pytest.mark.parametrize(
    "text", [*FOOTERS[1:4], MAIL, "On Monday I wrote: where is it?", "From: me to you", "a -- b", "5 > 4", ""]
)
def test_own_words_are_never_cut(text):
    assert not has_footer(text)


def test_rows_with_markup_and_footers_are_those_that_hold_some():
    texts = ["<p>Hello</p>", MAIL + FOOTERS[0], "plain", MAIL + FOOTERS[3], "x &amp; y", "> only quoted"]
    column, used = pa.chunked_array([texts], pa.large_string()), np.array([True] * 4 + [False] * 2)
    assert rows_with_markup(column, used).tolist() == [True, False, False, False, False, False]
    assert rows_with_footer(column, used).tolist() == [False, True, False, True, False, False]


@pytest.mark.parametrize(
    "names",
    [
        ("Refund", "refund", "REFUND ", "Ｒefund", "Re\u200bfund"),
        ("card arrival", "Card  Arrival", "card_arrival", "card-arrival", "CardArrival"),
        ("退款", "退 款", "退款\u3000", "\ufeff退款"),
        ("café", "cafe\u0301"),
        ("1", "1.0", "01", "１", "+1", "1.00"),
        ("True", "TRUE", "Yes", "y", "是"),
        ("no", "False", "否"),
        ("-0", "0"),
    ],
)
def test_look_alike_names_have_one_form(names):
    assert len({label_form(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C", "C++"),
        ("1", "10"),
        ("1", "-1"),
        ("1.5", "15"),
        ("1 2", "12"),
        ("1-2", "12"),
        ("cafe", "café"),
        ("退款", "退货"),
        ("yes", "no"),
        ("A", "B"),
        ("👨\u200d👩\u200d👧", "👨👩👧"),
    ],
)
def test_different_names_have_different_forms(one, other):
    assert label_form(one) != label_form(other)
