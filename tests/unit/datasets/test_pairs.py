"""Tables of two texts a row: how they become pairs, what is set aside, and a split that no pair crosses."""

import csv
import io

import numpy as np
import pyarrow as pa
import pytest

from core.datasets.building import build_dataset
from core.datasets.exporting import export_rows
from core.datasets.joining import joined_texts, unordered_codes, whole_pairs
from core.datasets.rows import load_rows
from core.datasets.understanding import sentence_of
from core.domain.dataset import Dataset, DatasetSpec
from core.domain.repair import Operation
from core.errors import BadData
from core.files import receive_upload

HEADER = ("ask", "other", "same")
THINGS = ("card", "parcel", "refund", "invoice", "password")


def texts(*cells: str) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(cells[:2], pa.large_string()), pa.array(cells[2:], pa.large_string())])


def row(i: int) -> tuple[str, str, str]:
    thing = THINGS[i % 5]
    other = thing if i % 2 else THINGS[(i + 1) % 5]
    return f"where is my {thing} number {i}", f"what happened to {other} {i} please", "yes" if i % 2 else "no"


@pytest.fixture
def build(tmp_path):
    def upload(rows, header):
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows([header, *rows])
        return receive_upload(io.BytesIO(buffer.getvalue().encode()), "questions.csv", tmp_path)

    def build(rows, *, header=HEADER, exam=None, columns=HEADER[:2], task="text_pair", **options) -> Dataset:
        spec = DatasetSpec(
            upload=upload(rows, header),
            text_columns=columns,
            label_column=header[-1],
            exam_upload=upload(exam, header) if exam else None,
            task=task,
            **options,
        )
        return build_dataset(spec, uploads_dir=tmp_path, datasets_dir=tmp_path / "data", progress=lambda stage: None)

    return build


def codes(dataset: Dataset) -> dict[str, int]:
    return {finding.code: finding.count for finding in dataset.findings}


def test_cells_become_pairs_and_half_a_pair_is_blank() -> None:
    first, second = texts(" a ", "b ⇄ c", "", "d"), texts("x", "y", "z", " ")
    assert joined_texts([first, second], as_pairs=True).to_pylist() == ["a ⇄ x", "b ↔ c ⇄ y", "", ""]
    assert whole_pairs(texts("a ⇄ x", "⇄ y", "a ⇄ ", "two\nlines ⇄ z")).to_pylist() == [
        "a ⇄ x",
        "",
        "",
        "two\nlines ⇄ z",
    ]


def test_a_pair_turned_round_is_the_same_pair() -> None:
    one, turned, blank, other = unordered_codes(texts("How so ⇄ why", "Why  ⇄ how SO", "", "how so ⇄ where"))
    assert one == turned
    assert len({one, blank, other}) == 3


def test_two_columns_are_read_as_pairs(build, tmp_path) -> None:
    dataset = build([*(row(i) for i in range(120)), ("only one text", "", "yes"), ("", "only the other", "no")])
    assert dataset.text_columns == ("ask", "other") and dataset.text_column == "ask + other"
    assert codes(dataset)["blank_text"] == 2
    rows = load_rows(tmp_path / "data" / dataset.id)
    assert rows["text"][0] == "where is my card number 0 ⇄ what happened to parcel 0 please"
    assert str(sentence_of(dataset)) == "120 pairs of texts in English to compare."
    assert dict(dataset.label_counts) == {"no": 60, "yes": 60}


def test_the_columns_of_a_pair_are_guessed_or_must_be_two(build) -> None:
    table = [row(i) for i in range(60)]
    assert build(table, header=("question1", "question2", "is_same"), columns=()).text_columns == (
        "question1",
        "question2",
    )
    for columns in (("ask",), ("ask", "ask"), ("ask", "other", "more")):
        with pytest.raises(BadData, match="A pair is two columns"):
            build([(*r[:2], "and more", r[2]) for r in table], header=("ask", "other", "more", "same"), columns=columns)
    with pytest.raises(BadData, match="look like texts to compare"):
        build([(r[0], r[2]) for r in table], header=("ask", "same"), columns=())


def test_no_pair_stands_on_both_sides_not_even_turned_round(build, tmp_path) -> None:
    pairs = [row(i) for i in range(100)]
    dataset = build([*pairs, *((second, first, same) for first, second, same in pairs)])
    rows = load_rows(tmp_path / "data" / dataset.id)
    assert set(rows["split"]) == {"practice", "checkup", "exam"}
    assert np.array_equal(rows["split"][:100].to_numpy(), rows["split"][100:].to_numpy())


def test_a_pair_of_the_exam_file_leaves_practice_but_its_single_texts_stay(build, tmp_path) -> None:
    pairs = [row(i) for i in range(100)]
    turned, (first, _second, _same) = (pairs[3][1], pairs[3][0], pairs[3][2]), pairs[5]
    dataset = build(pairs, exam=[turned, (first, "an altogether different question", "no"), row(200), row(201)])
    rows = load_rows(tmp_path / "data" / dataset.id)
    assert rows.loc[rows["set_aside"] == "exam_overlap", "row"].tolist() == [5]


def test_repairs_work_on_each_text_of_a_pair(build, tmp_path) -> None:
    table = [
        ("<b>where</b> is it", "<p>what is it</p>", "yes"),
        ("x" * 30, "y" * 30, "no"),
        *(row(i) for i in range(60)),
    ]
    cut = Operation(name="shorten_texts", params={"limit": 30})
    dataset = build(table, operations=(Operation(name="strip_markup", params={}), cut))
    rows = load_rows(tmp_path / "data" / dataset.id)
    assert rows["text"][:2].tolist() == ["where is it ⇄ what is it", f"{'x' * 15} ⇄ {'y' * 15}"]
    assert rows["text"].str.contains(" ⇄ ").all()


def test_pairs_with_scores_are_counted_as_scores(build) -> None:
    dataset = build([(*row(i)[:2], f"{i % 51 / 10}") for i in range(300)], task="pair_score")
    assert dataset.numbers is not None and dataset.numbers.high == 5.0
    assert str(sentence_of(dataset)) == "300 pairs of texts in English to compare."


def test_an_exported_table_has_both_texts_in_columns_of_their_own(build, tmp_path) -> None:
    dataset = build([row(i) for i in range(60)])
    assert export_rows(tmp_path / "data" / dataset.id, tmp_path / "out.csv", pairs=True) == 60
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        header, first, *_rest = csv.reader(file)
    assert header[:3] == ["text_a", "text_b", "label"] and first[:3] == list(row(0))


def test_of_long_pairs_nothing_is_promised_but_their_start(build) -> None:
    dataset = build([*(row(i) for i in range(60)), ("where is it " * 400, "the end", "no")])
    (found,) = (finding for finding in dataset.findings if finding.code == "long_text")
    assert "start of both texts" in str(found.advice)
