"""Any page of a dataset's rows: the answer is that of a plain look at every row, however it is found."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets import row_view
from core.datasets.comparing import compared
from core.datasets.row_query import find_page, find_rows, label_names, reasons
from core.datasets.rows import FINDING_ROWS, ROWS, SCHEMA, write_finding_rows
from core.datasets.text_search import involved, needle_of, pattern_of
from core.domain.rows import RowFilter, RowOrder
from core.errors import NotFound

LABELS = ("refund", "Delivery", "退款", "")
REASON = {"": "blank_label"}


def rows_of(n: int) -> list[dict[str, str | int]]:
    """Two thirds practice, one third exam; every fourth row has no category and is set aside for it."""
    rows: list[dict[str, str | int]] = []
    for i in range(n):
        label = LABELS[i % len(LABELS)]
        file = "practice" if i < 2 * n // 3 else "exam"
        split = "" if not label else ("exam" if file == "exam" else "practice")
        rows.append(
            {
                "row": i + 2 if file == "practice" else i + 2 - 2 * n // 3,
                "file": file,
                "text": f"Message number {i} " + "x" * (i % 7),
                "label": label,
                "split": split,
                "set_aside": REASON.get(label, ""),
            }
        )
    return rows


def write(folder: Path, rows: list[dict[str, str | int]], rows_in_group: int = 100) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), folder / ROWS, row_group_size=rows_in_group)
    return folder


@pytest.fixture
def dataset_dir(tmp_path: Path) -> Path:
    return write(tmp_path / "datasets" / "d", rows_of(300))


def naive(rows: list[dict[str, str | int]], wanted: RowFilter) -> list[tuple[str | int, str | int]]:
    return [
        (row["file"], row["row"])
        for row in rows
        if (not wanted.labels or row["label"] in wanted.labels)
        and (not wanted.file or row["file"] == wanted.file)
        and (not wanted.split or row["split"] == wanted.split)
        and (not wanted.reason or row["set_aside"] == wanted.reason)
        and (wanted.used is None or (row["set_aside"] == "") == wanted.used)
        and (wanted.rows is None or (row["file"], row["row"]) in wanted.rows)
        and wanted.text.lower() in str(row["text"]).lower()
    ]


@pytest.mark.parametrize(
    "wanted",
    [
        RowFilter(),
        RowFilter(labels=("refund",)),
        RowFilter(labels=("refund", "退款"), file="exam"),
        RowFilter(labels=("no such category",)),
        RowFilter(split="exam"),
        RowFilter(reason="blank_label"),
        RowFilter(used=False, file="practice"),
        RowFilter(used=True, text="NUMBER 1"),
        RowFilter(rows=(("practice", 2), ("exam", 3), ("exam", 99_999))),
        RowFilter(text="number 29", labels=("Delivery",)),
        RowFilter(file="nothing"),
    ],
)
def test_a_filter_finds_the_rows_that_meet_it_and_counts_them_exactly(dataset_dir, wanted):
    expected = naive(rows_of(300), wanted)
    page = find_page(dataset_dir, wanted, size=1000)
    assert [(row.file, row.row) for row in page.rows] == expected
    assert page.n_found == len(expected)
    assert len(find_rows(dataset_dir, wanted, limit=5)) == min(5, len(expected))


def test_pages_cover_every_row_once_and_a_page_too_far_is_the_last(dataset_dir):
    pages = [find_page(dataset_dir, RowFilter(), number=number, size=70) for number in range(1, 6)]
    assert [len(page.rows) for page in pages] == [70, 70, 70, 70, 20]
    assert len({(row.file, row.row) for page in pages for row in page.rows}) == 300
    assert find_page(dataset_dir, RowFilter(), number=99, size=70) == pages[-1]
    assert find_page(dataset_dir, RowFilter(text="nowhere"), number=3).n_pages == 1


@pytest.mark.parametrize(
    ("order", "key"),
    [
        (RowOrder.LENGTH, lambda row: len(row.text)),
        (RowOrder.LABEL, lambda row: (row.label.casefold(), row.label)),
    ],
)
@pytest.mark.parametrize("descending", [False, True])
def test_rows_come_in_the_order_asked_for_and_ties_as_in_the_file(dataset_dir, order, key, descending):
    plain = find_page(dataset_dir, RowFilter(), size=300).rows
    sorted_rows = find_page(dataset_dir, RowFilter(), order=order, descending=descending, size=300).rows
    assert list(sorted_rows) == sorted(plain, key=key, reverse=descending)


def test_descending_rows_are_the_file_from_its_end(dataset_dir):
    page = find_page(dataset_dir, RowFilter(), descending=True, size=3)
    assert page.rows[0].text.startswith("Message number 299")


def test_a_finding_has_all_its_rows_not_only_the_listed_ones(dataset_dir):
    many = np.arange(2, 180, dtype=np.int32)
    few = np.array([3, 5], dtype=np.int32)
    write_finding_rows(dataset_dir, {("long_text", "practice"): many, ("long_text", "exam"): few})
    assert (dataset_dir / FINDING_ROWS).is_file()
    assert find_page(dataset_dir, RowFilter(finding="long_text", file="practice")).n_found == len(many)
    assert find_page(dataset_dir, RowFilter(finding="long_text", file="exam")).n_found == 2
    assert find_page(dataset_dir, RowFilter(finding="long_text")).n_found == len(many) + 2
    assert find_page(dataset_dir, RowFilter(finding="no_such_finding")).n_found == 0


def test_names_are_those_that_stand_in_some_row(dataset_dir):
    assert label_names(dataset_dir) == ("refund", "Delivery", "退款")
    assert reasons(dataset_dir) == ("blank_label",)


TEXTS = [
    "Ｈｅｌｌｏ，　World",
    "hello world",
    "a\tb\nc",
    "price 5.00$ (net)",
    "too long…",
    "cafe\u0301 au lait",
    "café",
    "ﬁnal ﬂow",
    "ｶﾞｽ 料金",
    "ガス",
    "각각",
    "각",
    "STRASSE ß",
    "Σίσυφος",
    "İstanbul",
    "a\u200bb",
    "[regex].*",
    "退款，请！",
    "",
    "   ",
]


@pytest.mark.parametrize(
    "typed",
    ["hello, world", "HELLO", "b c", "5.00$", "(", ".*", "…", "...", "é", "e", "cafe", "fi", "ガス", "ス", "각",
     "strasse", "ß", "σ", "i", "ab", "退款,请!", "，", "ｗｏｒｌｄ", "  world  "],
)  # fmt: skip
def test_capitals_width_and_spaces_do_not_matter_and_nothing_is_a_pattern(tmp_path, typed):
    rows = [
        {"row": n, "file": "practice", "text": text, "label": "x", "split": "practice", "set_aside": ""}
        for n, text in enumerate(TEXTS, start=2)
    ]
    folder = write(tmp_path / "datasets" / "d", rows)
    needle = compared(pa.array([typed], pa.large_string()))[0].as_py()
    forms = compared(pa.array(TEXTS, pa.large_string())).to_pylist()
    expected = [text for text, form in zip(TEXTS, forms, strict=True) if needle in form]
    found = [row.text for row in find_page(folder, RowFilter(text=typed)).rows]
    assert found == expected


odd = st.sampled_from([*"aAeEéＡａﬁ…①㈱ｶﾞｽ́̈ßſKΩ각ᄀ가 \t\u3000\u200b.[\\^-]", "\U0001d400"])
texts = st.text(st.one_of(odd, st.characters(exclude_categories=["Cs"])), max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.lists(texts, min_size=1, max_size=6), texts)
def test_a_search_finds_what_comparing_the_rewritten_texts_would(found_in, typed):
    """The pattern decides for all texts that are not involved; those are compared as they are rewritten."""
    needle = needle_of(typed)
    if not needle:
        return
    array = pa.array(found_in, pa.large_string())
    forms = compared(array).to_pylist()
    by_pattern = pa.compute.match_substring_regex(array, pattern_of(needle)).to_pylist()
    for text, form, apart, found in zip(found_in, forms, involved(array).to_pylist(), by_pattern, strict=True):
        if not apart:
            assert found == (needle in form), (text, typed)


def test_a_damaged_view_is_made_again(dataset_dir):
    before = find_page(dataset_dir, RowFilter(text="number 7"))
    row_view._open.cache_clear()
    (dataset_dir / row_view.FOLDER / row_view.CODES).write_bytes(b"half written")
    assert find_page(dataset_dir, RowFilter(text="number 7")) == before


def test_a_dataset_that_was_built_again_is_looked_at_anew(dataset_dir):
    assert find_page(dataset_dir, RowFilter()).n_found == 300
    for path in sorted(dataset_dir.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    write(dataset_dir, rows_of(30))
    assert find_page(dataset_dir, RowFilter()).n_found == 30


def test_a_dataset_without_rows_has_an_empty_page(tmp_path):
    folder = write(tmp_path / "datasets" / "d", [])
    page = find_page(folder, RowFilter(text="a"))
    assert (page.n_found, page.number, page.n_pages, page.rows) == (0, 1, 1, ())


def test_a_page_shows_the_beginning_of_a_huge_text_and_a_search_looks_at_all_of_it(tmp_path):
    huge = "x" * 3_000_000 + " end of 退款"
    row = {"row": 2, "file": "practice", "text": huge, "label": "a", "split": "practice", "set_aside": ""}
    folder = write(tmp_path / "datasets" / "d", [row])
    assert len(find_page(folder, RowFilter(text="end of 退款")).rows[0].text) == 2_000
    assert find_rows(folder, RowFilter())["text"].to_pylist() == [huge]


def test_rows_that_are_gone_are_said_to_be_gone(tmp_path):
    with pytest.raises(NotFound):
        find_page(tmp_path / "nothing", RowFilter())


def test_chunks_of_a_big_view_are_taken_in_any_order(tmp_path, monkeypatch):
    monkeypatch.setattr(row_view, "BATCH_ROWS", 7)
    folder = write(tmp_path / "datasets" / "d", rows_of(40), rows_in_group=10)
    longest = find_page(folder, RowFilter(), order=RowOrder.LENGTH, descending=True, size=40).rows
    assert [len(row.text) for row in longest] == sorted((len(str(row["text"])) for row in rows_of(40)), reverse=True)
    assert {(row.file, row.row, row.text) for row in longest} == {
        (row["file"], row["row"], row["text"]) for row in rows_of(40)
    }
