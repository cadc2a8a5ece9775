"""The picture of a dataset: true of its rows, the same every time, and kept once it is drawn."""

import math
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.datasets import profile_child
from core.datasets.profile import picture_of, telling_words
from core.datasets.profile_child import PICTURE, kept_picture
from core.datasets.rows import ROWS, SCHEMA
from core.datasets.terms import terms_of_texts
from core.errors import NotFound

ENGLISH = [
    ("please refund my payment for order {n}", "refund"),
    ("I want a refund of the money, number {n}", "refund"),
    ("where is my parcel {n}, the courier is late", "delivery"),
    ("the parcel {n} was left with the courier", "delivery"),
]
CHINESE = [
    ("我要申请退款{n}，什么时候到账", "退款"),
    ("退款{n}还没有到账", "退款"),
    ("快递{n}怎么还没有送到", "物流"),
    ("快递员{n}态度不好", "物流"),
]


def write(folder: Path, pairs: list[tuple[str, str]], aside: list[str] | None = None) -> Path:
    rows = [
        {"row": n, "file": "practice", "text": text, "label": label, "split": "practice", "set_aside": ""}
        for n, (text, label) in enumerate(pairs, start=2)
    ]
    rows += [
        {"row": 10_000 + n, "file": "practice", "text": text, "label": "x", "split": "", "set_aside": "duplicate"}
        for n, text in enumerate(aside or [])
    ]
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), folder / ROWS)
    return folder


def many(patterns: list[tuple[str, str]], n_each: int = 30) -> list[tuple[str, str]]:
    return [(text.format(n=n), label) for n in range(n_each) for text, label in patterns]


def test_lengths_count_every_row_in_use_and_none_that_is_set_aside(tmp_path):
    pairs = [("a" * n, "x") for n in (3, 5, 7, 2_001)]
    lengths = picture_of(write(tmp_path / "d", pairs, ["z" * 9_000]), language="en", seed=1).lengths
    assert sum(lengths.counts) == 4
    assert (lengths.longest, lengths.limit, lengths.n_cut) == (2_001, 2_000, 1)
    assert lengths.median == 6
    assert len(lengths.starts) == len(lengths.counts)


@pytest.mark.parametrize("longest", [1, 2, 39, 40, 41, 1_000])
def test_every_length_has_its_bin(tmp_path, longest):
    pairs = [("a" * n, "x") for n in range(1, longest + 1)]
    lengths = picture_of(write(tmp_path / "d", pairs), language="en", seed=1).lengths
    assert sum(lengths.counts) == longest
    assert lengths.starts[0] == 0
    assert len(lengths.starts) <= 42


@pytest.mark.parametrize(
    ("patterns", "language", "expected"),
    [
        (ENGLISH, "en", {"refund": "refund", "delivery": "parcel"}),
        (CHINESE, "zh", {"退款": "退款", "物流": "快递"}),
    ],
)
def test_the_most_telling_words_are_those_a_person_would_name(tmp_path, patterns, language, expected):
    picture = picture_of(write(tmp_path / "d", many(patterns)), language=language, seed=1)
    words = {one.label: [word.word for word in one.words] for one in picture.words}
    assert set(words) == set(expected)
    for label, word in expected.items():
        assert word in words[label]
    assert next(iter(picture.languages)) == language
    of_refund = picture.words[0].words[0]
    assert of_refund.ratio > of_refund.ratio_elsewhere


def test_words_that_stand_everywhere_tell_nothing(tmp_path):
    picture = picture_of(write(tmp_path / "d", many(ENGLISH)), language="en", seed=1)
    told = {word.word for one in picture.words for word in one.words}
    assert not told & {"the", "my", "is", "where is"}


def test_log_odds_are_those_of_the_paper():
    """Two categories and three terms, worked out by hand with a prior of 500 spread by the terms' shares."""
    terms = [{"a", "b"}] * 6 + [{"c", "b"}] * 4
    labels = [("a",)] * 6 + [("b",)] * 4
    found = telling_words(terms, labels, ["a"])["a"]
    total, prior = {"a": 6, "b": 10, "c": 4}, {}
    for name, count in total.items():
        prior[name] = 500 * count / 20
    here, there = 6 + prior["a"], 0 + prior["a"]
    delta = math.log(here / (12 + 500 - here)) - math.log(there / (8 + 500 - there))
    z = delta / math.sqrt(1 / here + 1 / there)
    assert z < 1.96  # so few texts say nothing
    assert found == ()
    often = telling_words(terms * 100, labels * 100, ["a"])["a"]
    assert often[0].word == "a"
    assert (often[0].ratio, often[0].ratio_elsewhere) == (1.0, 0.0)


def test_a_piece_of_a_longer_run_is_not_shown_beside_it():
    texts = ["信用卡被拒"] * 20 + ["余额不足"] * 20
    terms = terms_of_texts(texts, least=3)
    assert "信用卡" in terms[0]
    words = [word.word for word in telling_words(terms * 20, ([("a",)] * 20 + [("b",)] * 20) * 20, ["a"])["a"]]
    assert words
    assert not any(one != other and one in other for one in words for other in words)


def test_rare_terms_and_grammar_are_no_terms():
    terms = terms_of_texts(["refund of the money", "refund of money", "refund money now please", "的时候了"], least=3)
    assert terms[0] == {"refund", "money"}
    assert terms[3] == set()


def test_one_category_and_blank_texts_have_a_picture_without_words(tmp_path):
    assert picture_of(write(tmp_path / "one", [("a b c", "x")] * 5), language="en", seed=1).words == ()
    assert picture_of(write(tmp_path / "none", []), language="other", seed=1).n_texts == 0
    two = picture_of(write(tmp_path / "two", [("!!!", "x"), ("???", "y")]), language="other", seed=1)
    assert [one.words for one in two.words] == [(), ()]


def test_a_sample_is_drawn_by_the_seed(tmp_path, monkeypatch):
    monkeypatch.setattr("core.datasets.profile.N_WORD_TEXTS", 60)
    monkeypatch.setattr("core.datasets.profile.N_LANGUAGE_TEXTS", 20)
    folder = write(tmp_path / "d", many(ENGLISH))
    first = picture_of(folder, language="en", seed=3)
    assert picture_of(folder, language="en", seed=3) == first
    assert first.n_language_texts == 20
    assert sum(one.n_texts for one in first.words) <= 2 * 60


def test_a_picture_is_drawn_in_a_child_once_and_kept(tmp_path, monkeypatch):
    folder = write(tmp_path / "d", many(CHINESE))
    first = kept_picture(folder, language="zh", seed=1)
    assert (folder / PICTURE).is_file()
    monkeypatch.setattr(profile_child, "ask", None)  # nothing is asked again
    start = time.perf_counter()
    assert kept_picture(folder, language="zh", seed=1) == first
    assert time.perf_counter() - start < 0.5


def test_a_damaged_picture_is_drawn_again(tmp_path):
    folder = write(tmp_path / "d", many(ENGLISH))
    (folder / PICTURE).write_text('{"n_texts": 1')
    assert kept_picture(folder, language="en", seed=1).n_texts == 120


def test_rows_that_are_gone_have_no_picture(tmp_path):
    with pytest.raises(NotFound):
        kept_picture(tmp_path / "nothing", language="en", seed=1)
