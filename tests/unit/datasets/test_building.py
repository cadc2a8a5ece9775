"""Uploads become frozen datasets: every row is used or set aside with a reason, and nothing gets lost."""

import csv
import io
from pathlib import Path

import pytest

from core.datasets.building import build_dataset
from core.datasets.rows import COLUMNS, REASONS, load_rows, set_aside_csv
from core.datasets.understanding import sentence_of
from core.domain.dataset import Dataset, DatasetSpec, Upload
from core.domain.repair import Operation
from core.errors import BadData, NotFound
from core.files import is_whole, receive_upload
from core.i18n import speaking


@pytest.fixture
def build(tmp_path):
    def build(rows, exam=None, *, header=("text", "label"), filename="tickets.csv", **options) -> Dataset:
        upload = receive(rows, header, filename)
        exam_upload = receive(exam, header, "exam.csv") if exam else None
        stages: list[str] = []
        dataset = build_dataset(
            DatasetSpec(upload=upload, exam_upload=exam_upload, **options),
            uploads_dir=tmp_path / "uploads",
            datasets_dir=tmp_path / "datasets",
            progress=stages.append,
        )
        assert stages[0] == "reading" and stages[-1] == "writing"
        return dataset

    def receive(rows, header, filename) -> Upload:
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows([header, *rows])
        return receive_upload(io.BytesIO(buffer.getvalue().encode()), filename, tmp_path / "uploads")

    return build


def good(n: int = 30, labels=("delivery", "payment", "account")) -> list[tuple[str, str]]:
    return [(f"Where is the {labels[i % len(labels)]} of order number {i}?", labels[i % len(labels)]) for i in range(n)]


def rows_of(dataset: Dataset, tmp_path: Path):
    return load_rows(tmp_path / "datasets" / dataset.id)


def found(dataset: Dataset) -> dict[tuple[str, str], tuple[int, ...]]:
    return {(finding.code, finding.file): finding.rows for finding in dataset.findings}


def test_a_clean_table_is_used_whole_and_frozen(build, tmp_path):
    dataset = build(good(100))
    assert dataset.findings == ()
    assert (dataset.n_rows, dataset.n_used, dataset.n_set_aside) == (100, 100, 0)
    assert dataset.labels == ("delivery", "payment", "account")
    assert dataset.split_sizes == {"practice": 70, "checkup": 9, "exam": 21}
    assert sum(dataset.label_counts.values()) == 100
    assert dataset.profile.language == "en"
    assert is_whole(tmp_path / "datasets" / dataset.id)
    frame = rows_of(dataset, tmp_path)
    assert tuple(frame.columns) == COLUMNS
    assert frame["row"].tolist() == list(range(2, 102))
    assert frame["split"].value_counts().to_dict() == dataset.split_sizes
    assert list(zip(frame["text"], frame["label"], strict=True)) == good(100)


def test_the_same_content_gives_the_same_id_and_rows(build, tmp_path):
    first = build(good())
    rows = rows_of(first, tmp_path)
    second = build(good(), filename="other name.csv")
    assert second.id == first.id
    assert rows_of(second, tmp_path).equals(rows)
    assert build(good(), split_seed=7).id != first.id
    assert build(good(33)).id != first.id


def test_every_row_that_is_set_aside_has_its_reason(build, tmp_path):
    rows = [
        *good(30),  # rows 2 to 31
        ("", "delivery"),  # 32
        ("   ", "payment"),  # 33
        ("A text without a category", ""),  # 34
        ("WHERE is  the delivery of order number 0?", "delivery"),  # 35: copy of row 2
        ("Please help", "delivery"),  # 36
        ("please  help", "payment"),  # 37: contradicts row 36
        ("Only one of these", "complaint"),  # 38
        ("", ""),  # 39: blank
        ("text", "label"),  # 40: the header again
    ]
    dataset = build(rows)
    assert found(dataset) == {
        ("blank_row", "practice"): (39,),
        ("blank_text", "practice"): (32, 33),
        ("blank_label", "practice"): (34,),
        ("duplicate", "practice"): (35,),
        ("conflicting_labels", "practice"): (36, 37),
        ("rare_label", "practice"): (38,),
        ("repeated_header", "practice"): (40,),
    }
    assert (dataset.n_rows, dataset.n_used, dataset.n_set_aside) == (38, 30, 8)
    frame = rows_of(dataset, tmp_path)
    aside = frame[frame["set_aside"] != ""]
    assert (aside["split"] == "").all()
    assert set(aside["set_aside"]) <= set(REASONS)
    assert (frame[frame["set_aside"] == ""]["split"] != "").all()


def test_exam_file_examines_and_never_teaches(build, tmp_path):
    exam = [("A new question about delivery", "delivery"), (good()[0][0].upper(), "delivery"), ("What?", "unheard of")]
    dataset = build(good(), exam)
    assert found(dataset) == {
        ("exam_overlap", "practice"): (2,),
        ("exam_unknown_label", "exam"): (4,),
    }
    assert dataset.split_sizes["exam"] == 2
    frame = rows_of(dataset, tmp_path)
    assert set(frame[frame["file"] == "exam"]["split"]) == {"exam", ""}
    assert set(frame[frame["file"] == "practice"]["split"]) == {"practice", "checkup", ""}
    assert dataset.exam_upload is not None and dataset.exam_format is not None


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (good(30, ("only",)), "single_label"),
        (good(6), "too_few_rows"),
        ([(f"message number {i} has words", f"label {i}") for i in range(30)], "label_per_row"),
        ([(f"message number {i} has words", f"{i % 25}.{i % 25 + 10}") for i in range(100)], "numeric_labels"),
    ],
)
def test_what_cannot_be_learned_blocks(build, rows, code):
    dataset = build(rows, text_columns=("text",), label_column="label")
    assert code in {finding.code for finding in dataset.blocking_findings}
    assert all(finding.advice for finding in dataset.blocking_findings)


def test_warnings_do_not_block(build):
    rows = (
        good(200, ("a",))
        + [(f"rare thing {i} happened", "b") for i in range(5)]
        + [(f"more of it {i}", "A") for i in range(20)]
    )
    rows.append(("long " * 1000, "a"))
    dataset = build(rows, text_columns=("text",), label_column="label")
    assert {finding.code for finding in dataset.findings} == {"imbalance", "similar_labels", "long_text"}
    assert not dataset.blocking_findings
    assert dataset.profile.imbalance == pytest.approx(201 / 5, abs=0.01)


def test_labels_lose_only_their_outer_space(build):
    dataset = build([(text, f"  {label} X ") for text, label in good()])
    assert dataset.labels == ("delivery X", "payment X", "account X")


def test_columns_are_found_by_name_in_any_case_and_otherwise_named(build):
    header = ("Message Text", "Intent")
    dataset = build(good(), header=header, text_columns=("message text",), label_column="INTENT")
    assert (dataset.text_column, dataset.label_column) == header
    with pytest.raises(NotFound, match=r"Message Text.*Intent"):
        build(good(), header=header, text_columns=("body",))
    with pytest.raises(BadData, match="both the text and the category"):
        build(good(), header=header, text_columns=("Intent",), label_column="Intent")


def test_a_table_without_a_category_names_its_columns(build):
    with pytest.raises(BadData, match="“notes”, “nothing”"):
        build([(text, "") for text, _ in good()], header=("notes", "nothing"))


def test_what_was_set_aside_can_be_downloaded_and_opened_safely(build, tmp_path):
    rows = [*good(), ("=HYPERLINK(1)", ""), ("+1 again", ""), ("", "-x")]
    dataset = build(rows)
    with speaking("en"):
        content = set_aside_csv(tmp_path / "datasets" / dataset.id)
    assert content.startswith(b"\xef\xbb\xbf")
    listed = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert listed == [
        ["Row", "File", "Text", "Category", "Reason"],
        ["32", "practice", "'=HYPERLINK(1)", "", "No category"],
        ["33", "practice", "'+1 again", "", "No category"],
        ["34", "practice", "", "'-x", "No text"],
    ]


def test_rows_of_a_deleted_dataset_are_reported(tmp_path):
    with pytest.raises(NotFound):
        load_rows(tmp_path / "nothing")


def test_title_and_body_are_read_as_one_text_and_a_row_blank_in_both_keeps_its_place(build, tmp_path):
    rows = [(f"Order {i}", f"Where is my parcel number {i}?", "tech" if i % 2 else "ship") for i in range(30)]
    rows[4], rows[7] = ("", " ", "ship"), ("", "Only a body here", "tech")
    dataset = build(rows, header=("Title", "Body", "Team"), text_columns=("Title", "Body"), label_column="Team")
    assert (dataset.text_column, dataset.read_columns) == ("Title + Body", ("Title", "Body"))
    texts = rows_of(dataset, tmp_path).set_index("row")
    assert texts.loc[2, "text"] == "Order 0\nWhere is my parcel number 0?"
    assert (texts.loc[6, "text"], texts.loc[6, "set_aside"]) == ("", "blank_text")
    assert (texts.loc[9, "text"], texts.loc[9, "label"]) == ("Only a body here", "tech")
    assert str(sentence_of(dataset)) == "29 texts in English, sorted into 2 categories."


def test_a_sum_that_is_named_in_another_column_is_set_aside_as_what_it_is(build):
    rows = [(f"T{i}", text, label) for i, (text, label) in enumerate(good(40))]
    dataset = build(
        [*rows, ("Total", "40", "")], header=("id", "text", "label"), text_columns=("text",), label_column="label"
    )
    assert found(dataset) == {("total_row", "practice"): (42,)}


def test_masking_moves_no_row_between_practice_and_exam(build, tmp_path):
    rows = [(f"{text} Mail me at jo{i}@example.com", label) for i, (text, label) in enumerate(good(60))]
    plain = build(rows)
    mask = Operation(name="mask_personal_data", params={"kinds": ["email"]})
    masked = build(rows, operations=(mask,))
    before, after = (rows_of(dataset, tmp_path) for dataset in (plain, masked))
    assert (before["text"] != after["text"]).all()
    assert before["split"].tolist() == after["split"].tolist()
