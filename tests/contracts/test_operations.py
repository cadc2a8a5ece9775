"""What every repair promises, whichever it is. A new member needs one line in EXAMPLES."""

import contextlib
import copy
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.datasets.label_reading import LabelSource
from core.datasets.operations import OPERATIONS, apply_operations, check_operations, exported, replayable, title_of
from core.datasets.operations.base import Context, FileTable, WorkingTable, refs_of
from core.datasets.rows import REASONS
from core.domain.dataset import TableFormat
from core.domain.plain import from_plain, to_plain
from core.domain.repair import Effect, Operation
from core.errors import BadData
from core.i18n import say

Rows = list[tuple[str, str]]
LONG = "the parcel that I ordered in the spring has not come and nobody at the counter knows where it went"
LONGER = LONG.replace("spring", "springs")
FRENCH = "je voudrais savoir quand mon colis va arriver chez moi"
CLEAN: Rows = [
    ("where is it now", "question"),
    ("thanks a lot", "praise"),
    ("can I pay", "question"),
    ("so good", "praise"),
]
UPLOAD = {"sha256": "ab" * 32, "filename": "more.csv", "n_bytes": 9}


@dataclass(frozen=True, kw_only=True)
class Example:
    """`params` on a table of `rows` have `effect` and leave `after`; None is a row out of use."""

    params: dict[str, Any]
    rows: Rows
    effect: Effect
    after: list[tuple[str, str] | None]
    wrong: list[dict[str, Any]] = field(default_factory=list)
    again: Effect = field(default_factory=Effect)  #: of a second time


def changed(n: int) -> Effect:
    return Effect(n_changed=n)


def removed(n: int) -> Effect:
    return Effect(n_removed=n)


def refs(*rows: int, texts: tuple[str, ...]) -> dict[str, Any]:
    return refs_of("practice", rows, texts)


WRONG_REFS: list[dict[str, Any]] = [
    {},
    {"rows": []},
    {"rows": {"file": "practice", "rows": [2], "keys": []}},
    {"rows": {"file": "practice", "rows": ["2"], "keys": ["0" * 12]}},
    {"rows": {"file": "practice", "rows": [2], "keys": ["../../etc/pa"]}},
    {"rows": {"file": "practice", "rows": [2**70], "keys": ["0" * 12]}},
    {"rows": {"file": "practice", "rows": [2], "keys": ["0" * 12], "by": "luck"}},
]
WRONG_LABELS: list[dict[str, Any]] = [{}, {"labels": "refund"}, {"labels": []}, {"labels": [1]}, {"labels": None}]

EXAMPLES: dict[str, Example] = {
    "merge_labels": Example(
        params={"labels": ["退款 #2", "refund"], "into": " money "},
        rows=[("a", "refund"), ("b", "退款 #2"), ("c", "delivery"), ("d", "")],
        effect=changed(2),
        after=[("a", "money"), ("b", "money"), ("c", "delivery"), ("d", "")],
        wrong=[*({**one, "into": "x"} for one in WRONG_LABELS), {"labels": ["a"]}, {"labels": ["a"], "into": "  "}],
    ),
    "append": Example(
        params={"upload": UPLOAD, "format": to_plain(TableFormat())},
        rows=[("a", "refund"), ("b", "delivery")],
        effect=Effect(n_added=2),
        after=[("a", "refund"), ("b", "delivery"), ("more", "refund"), ("even more", "new")],
        wrong=[{}, {"upload": {}, "format": {}}, {"upload": {**UPLOAD, "sha256": "../x"}, "format": {}}],
        again=Effect(n_added=2),
    ),
    "drop_labels": Example(
        params={"labels": ["spam", "nobody has this"]},
        rows=[("a", "spam"), ("b", "refund"), ("c", "spam")],
        effect=removed(2),
        after=[None, ("b", "refund"), None],
        wrong=WRONG_LABELS,
    ),
    "blank_as_none": Example(
        params={}, rows=[("a", ""), ("b", "refund")], effect=removed(1), after=[None, ("b", "refund")]
    ),
    "leave_out_labels": Example(
        params={"labels": ["spam"]},
        rows=[("a", "spam"), ("b", "refund")],
        effect=removed(1),
        after=[None, ("b", "refund")],
        wrong=WRONG_LABELS,
    ),
    "drop_rows": Example(
        params={"rows": refs(3, 900, texts=("b", "gone"))},
        rows=[("a", "x"), ("b", "x"), ("c", "x")],
        effect=removed(1),
        after=[("a", "x"), None, ("c", "x")],
        wrong=WRONG_REFS,
    ),
    "none_of_these": Example(
        params={"rows": refs(2, 4, texts=("a", "c"))},
        rows=[("a", "x"), ("b", "x"), ("c", "")],
        effect=removed(2),
        after=[None, ("b", "x"), None],
        wrong=[*WRONG_REFS, {"labels": "x"}],
    ),
    "set_label": Example(
        params={"label": "new one ", "rows": refs(2, 3, texts=("a", "b"))},
        rows=[("a", "x"), ("b", "new one"), ("a", "x")],
        effect=changed(1),
        after=[("a", "new one"), ("b", "new one"), ("a", "x")],
        wrong=[*({"label": "x", **one} for one in WRONG_REFS), {"label": " ", "rows": refs(2, texts=("a",))}],
    ),
    "resolve_conflicts": Example(
        params={"keep": "majority"},
        rows=[("Hello", "x"), ("hello ", "y"), ("HELLO", "y"), ("so so", "q"), ("so so", "p"), ("", "x"), ("", "y")],
        effect=changed(2),
        after=[("Hello", "y"), ("hello ", "y"), ("HELLO", "y"), ("so so", "q"), ("so so", "q"), ("", "x"), ("", "y")],
        wrong=[{}, {"keep": "best"}, {"keep": ["majority"]}],
    ),
    "drop_near_duplicates": Example(
        params={},
        rows=[(LONG, "x"), ("something else entirely", "x"), (LONGER, "x")],
        effect=removed(1),
        after=[(LONG, "x"), ("something else entirely", "x"), None],
    ),
    "mask_personal_data": Example(
        params={"kinds": ["email"]},
        rows=[("write to jo@example.com today", "x"), ("write to nobody", "x")],
        effect=changed(1),
        after=[("write to [email] today", "x"), ("write to nobody", "x")],
        wrong=[{}, {"kinds": []}, {"kinds": ["names"]}, {"kinds": "email"}],
    ),
    "strip_markup": Example(
        params={},
        rows=[("<p>it is <b>late</b></p>", "x"), ("a < b", "x")],
        effect=changed(1),
        after=[("it is late", "x"), ("a < b", "x")],
    ),
    "strip_footers": Example(
        params={},
        rows=[("Where is it?\n\nSent from my iPhone", "x"), ("Where is it?", "x")],
        effect=changed(1),
        after=[("Where is it?", "x"), ("Where is it?", "x")],
    ),
    "strip_labels_from_text": Example(
        params={},
        rows=[
            ("[negative] I did not like it", "negative"),
            ("Refund: send it back", "refund"),
            ("send it back 【退款】", "退款"),
            ("refund my money", "refund"),
            ("[refund]", "refund"),
            ("[refund] of another", "delivery"),
            ("[x] no category", ""),
        ],
        effect=changed(3),
        after=[
            ("I did not like it", "negative"),
            ("send it back", "refund"),
            ("send it back", "退款"),
            ("refund my money", "refund"),
            ("[refund]", "refund"),
            ("[refund] of another", "delivery"),
            ("[x] no category", ""),
        ],
    ),
    "shorten_texts": Example(
        params={"limit": 15},
        rows=[("where in the     world", "x"), ("货物在哪里呀" * 3, "x"), ("fifteen letters", "x")],
        effect=changed(2),
        after=[("where in the", "x"), ("货物在哪里呀" * 2 + "货物在", "x"), ("fifteen letters", "x")],
        wrong=[{}, {"limit": 0}, {"limit": True}, {"limit": "6"}, {"limit": 1.5}],
    ),
    "clean_texts": Example(
        params={},
        rows=[("\u3000hello \n", "x"), ("he\u200bllo\x00", "x"), ("two\nlines\there 👩‍💻", "x"), ("\ufeff", "x")],
        effect=changed(3),
        after=[("hello", "x"), ("hello", "x"), ("two\nlines\there 👩‍💻", "x"), ("", "x")],
    ),
    "first_label_of_cell": Example(
        params={"separator": ";"},
        rows=[("a", "refund; delivery"), ("b", ";delivery"), ("c", "refund"), ("d", ";;")],
        effect=changed(3),
        after=[("a", "refund"), ("b", "delivery"), ("c", "refund"), ("d", "")],
        wrong=[{}, {"separator": ""}, {"separator": 5}],
    ),
    "blank_labels": Example(
        params={"labels": ["N/A", "-"]},
        rows=[("a", "N/A"), ("b", "refund"), ("c", "-")],
        effect=changed(2),
        after=[("a", ""), ("b", "refund"), ("c", "")],
        wrong=WRONG_LABELS,
    ),
    "keep_languages": Example(
        params={"languages": ["en"]},
        rows=[
            ("where is my parcel, can you tell me", "x"),
            ("我的包裹在哪里", "x"),
            (FRENCH, "x"),
            ("Refund status?", "x"),
        ],
        effect=removed(2),
        after=[("where is my parcel, can you tell me", "x"), None, None, ("Refund status?", "x")],
        wrong=[{}, {"languages": []}, {"languages": ["tlh"]}],
    ),
    "swap_text_and_label": Example(
        params={},
        rows=[("refund", "where is my money"), ("refund ", ""), ("same", "same")],
        effect=changed(2),
        after=[("where is my money", "refund"), ("", "refund"), ("same", "same")],
        again=changed(2),
    ),
    "ranges_of_scores": Example(
        params={"edges": [2, 4]},
        rows=[("a", "1,5"), ("b", "2"), ("c", "1,000.25"), ("d", "３.9"), ("e", "good"), ("f", "-7 %"), ("g", "")],
        effect=changed(5),
        after=[("a", "< 2"), ("b", "2 – 4"), ("c", "≥ 4"), ("d", "2 – 4"), ("e", "good"), ("f", "< 2"), ("g", "")],
        wrong=[{}, {"edges": []}, {"edges": [2, 2]}, {"edges": ["2"]}, {"edges": [float("nan")]}, {"edges": [True]}],
    ),
    "merge_rare_labels": Example(
        params={"below": 2, "into": "other"},
        rows=[("a", "x"), ("A ", "x"), ("b", "y"), ("c", "y"), ("d", "z"), ("", "y")],
        effect=changed(3),
        after=[("a", "other"), ("A ", "other"), ("b", "y"), ("c", "y"), ("d", "other"), ("", "y")],
        wrong=[{}, {"below": 1, "into": "x"}, {"below": 2, "into": ""}, {"below": "2", "into": "x"}],
    ),
    "thin_labels": Example(
        params={"limit": 1},
        rows=[("a", "x"), ("a", "x"), ("b", "y"), ("", "x")],
        effect=removed(1),
        after=[("a", "x"), None, ("b", "y"), ("", "x")],
        wrong=[{}, {"limit": 0}, {"limit": None}],
    ),
}
PRACTICE_ONLY = {"append", "thin_labels"}
ALWAYS_HAS_SOMETHING_TO_DO = {
    "append",
    "swap_text_and_label",
    "thin_labels",
}  # on a clean table these do change something
EVERY = pytest.mark.parametrize("name", OPERATIONS.names())


def file_table(rows: Rows, names: list[str], file: str = "practice") -> FileTable:
    for _, label in rows:
        if label and label not in names:
            names.append(label)
    half = len(rows) // 2
    chunks = [pa.array([text for text, _ in part], pa.large_string()) for part in (rows[:half], rows[half:])]
    return FileTable(
        file=file,
        rows=np.arange(2, 2 + len(rows), dtype=np.int32),
        texts=pa.chunked_array(chunks, pa.large_string()),
        label_codes=np.array([names.index(label) if label else -1 for _, label in rows], dtype=np.int64),
        ragged=np.zeros(len(rows), dtype=bool),
    )


def working(rows: Rows, exam: Rows | None = None) -> WorkingTable:
    names: list[str] = []
    practice = file_table(rows, names)
    return WorkingTable(
        practice=practice, exam=file_table(exam, names, "exam") if exam is not None else None, label_names=names
    )


class MoreRows:
    """The file that `append` reads: columns as the reader gives them."""

    names = ("text", "label")
    columns = pa.table(
        {
            "0": pa.array(["more", "even more"], pa.large_string()),
            "1": ["refund ", "new"],
            "row": pa.array([2, 3], pa.int32()),
        }
    )
    long_rows: dict[int, int] = {}  # noqa: RUF012
    short_rows: dict[int, int] = {}  # noqa: RUF012
    notices = ()
    n_blank = 0
    blank_rows = ()

    def column(self, name: str) -> pa.ChunkedArray:
        return self.columns.column(self.names.index(name)).cast(pa.large_string())

    def position(self, name: str) -> int:
        return self.names.index(name)


def context() -> Context:
    return Context(
        text_columns=("text",),
        labels=LabelSource(columns=("label",)),
        open_table=lambda upload, format: contextlib.nullcontext(MoreRows()),  # type: ignore[arg-type, return-value]
    )


def rows_of(table: WorkingTable, file: FileTable) -> list[tuple[str, str] | None]:
    names = [*table.label_names, ""]
    return [
        (text, names[code]) if used else None
        for text, code, used in zip(file.texts.to_pylist(), file.label_codes, file.used, strict=True)
    ]


def apply(name: str, table: WorkingTable, params: dict[str, Any]) -> Effect:
    OPERATIONS[name].check(params)
    return OPERATIONS[name].apply(table, params, context())


def test_every_repair_has_its_example() -> None:
    assert set(EXAMPLES) == set(OPERATIONS.names())


@EVERY
def test_it_does_what_it_says_and_counts_exactly_that(name: str) -> None:
    example = EXAMPLES[name]
    table = working(example.rows)
    assert apply(name, table, example.params) == example.effect
    assert rows_of(table, table.practice) == example.after
    assert len(table.practice.rows) == len(example.rows) + example.effect.n_added
    assert len(set(table.practice.rows.tolist())) == len(table.practice.rows)
    assert set(table.reason_names) <= set(REASONS)


@EVERY
def test_a_second_time_finds_nothing_more(name: str) -> None:
    example = EXAMPLES[name]
    table = working(example.rows)
    apply(name, table, example.params)
    assert apply(name, table, example.params) == example.again


@EVERY
def test_it_gives_the_same_table_every_time(name: str) -> None:
    example = EXAMPLES[name]
    outcomes = []
    for _ in range(2):
        table = working(example.rows, example.rows)
        outcomes.append((apply(name, table, example.params), [rows_of(table, file) for file in table.files]))
    assert outcomes[0] == outcomes[1]


@EVERY
def test_it_works_on_the_exam_as_on_the_practice_file(name: str) -> None:
    example = EXAMPLES[name]
    table = working(CLEAN, example.rows)
    params = copy.deepcopy(example.params)
    if "rows" in params:
        params["rows"]["file"] = "exam"
    effect = apply(name, table, params)
    if name in PRACTICE_ONLY:
        assert rows_of(table, table.files[1]) == list(example.rows)
    elif name == "merge_rare_labels":  # what the exam alone has is not practiced
        assert effect == Effect()
    else:
        assert rows_of(table, table.files[1]) == example.after


@pytest.mark.parametrize("name", [name for name in OPERATIONS.names() if name not in ALWAYS_HAS_SOMETHING_TO_DO])
def test_a_table_with_nothing_to_do_stays_as_it_is(name: str) -> None:
    params = EXAMPLES[name].params
    if "rows" in params:
        params = {**params, "rows": refs(700, texts=("gone",))}
    table = working(CLEAN, CLEAN)
    before = table.practice.texts
    assert apply(name, table, params) == Effect()
    assert rows_of(table, table.practice) == list(CLEAN) and table.practice.texts is before
    assert table.reason_names == []
    assert apply(name, working([]), params) == Effect()


@pytest.mark.parametrize("name", [name for name in OPERATIONS.names() if name != "append"])  # which brings its own rows
def test_rows_out_of_use_are_left_alone(name: str) -> None:
    example = EXAMPLES[name]
    table = working(example.rows)
    table.remove(table.practice, np.ones(len(example.rows), dtype=bool), "removed")
    assert apply(name, table, example.params) == Effect()
    assert table.practice.texts.to_pylist() == [text for text, _ in example.rows]


@EVERY
def test_wrong_parameters_are_refused_in_words(name: str) -> None:
    for wrong in EXAMPLES[name].wrong:
        with pytest.raises(BadData) as caught:
            OPERATIONS[name].check(wrong)
        assert caught.value.hint


def test_a_repair_that_makes_no_sense_is_named_by_its_place() -> None:
    good = Operation(name="clean_texts", params={})
    with pytest.raises(BadData, match="Repair 2, “drop_rows”, makes no sense"):
        check_operations([good, Operation(name="drop_rows", params={})])
    with pytest.raises(BadData, match="Repair 3, “bogus”, makes no sense"):
        check_operations([good, good, Operation(name="bogus", params={})])


@EVERY
def test_its_title_is_a_sentence_in_words(name: str) -> None:
    title = say(title_of(Operation(name=name, params=EXAMPLES[name].params)))
    assert title[0].isupper() and " " in title and not title.endswith(".")
    assert "{" not in title and "_" not in title


@EVERY
def test_it_survives_json_and_is_replayed_on_another_table(name: str) -> None:
    example = EXAMPLES[name]
    one = Operation(name=name, params=example.params)
    assert from_plain(Operation, json.loads(json.dumps(to_plain(one)))) == one
    listed = json.loads(json.dumps(exported([one])))
    again = replayable(listed)
    if name == "append":
        assert again == ()
        return
    shifted = working([("a row that was not there", "delivery"), *example.rows])
    (effect,) = apply_operations(shifted, again, context())
    known = working([("a row that was not there", "delivery"), *example.rows])
    if "rows" not in example.params:
        assert effect == OPERATIONS[name].apply(known, example.params, context())
    else:  # by their texts, and so every copy of them
        assert effect.n_changed + effect.n_removed >= example.effect.n_changed + example.effect.n_removed
        assert rows_of(shifted, shifted.practice)[0] == ("a row that was not there", "delivery")
