"""A table whose label is a score: what is set aside, what stops it, and a split that shares the range fairly."""

import csv
import io

import numpy as np
import pytest

from core.datasets.building import build_dataset
from core.datasets.rows import load_rows
from core.datasets.understanding import sentence_of
from core.domain.dataset import Dataset, DatasetSpec
from core.domain.task import AnswerKind
from core.files import receive_upload


@pytest.fixture
def build(tmp_path):
    def build(rows, task: str = "score", **options) -> Dataset:
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows([("review", "score"), *rows])
        upload = receive_upload(io.BytesIO(buffer.getvalue().encode()), "reviews.csv", tmp_path)
        spec = DatasetSpec(upload=upload, text_columns=("review",), label_column="score", task=task, **options)
        return build_dataset(
            spec, uploads_dir=tmp_path, datasets_dir=tmp_path / "datasets", progress=lambda stage: None
        )

    return build


def scored(n: int) -> list[tuple[str, str]]:
    return [
        (f"the {word} of item number {i} is fine", f"{i * 7 % 101 / 10}")
        for i, word in enumerate(["case", "lid"] * (n // 2))
    ]


def codes(dataset: Dataset) -> dict[str, int]:
    return {finding.code: finding.count for finding in dataset.findings}


def test_numbers_are_counted_instead_of_categories(build):
    dataset = build(scored(400))
    assert dataset.answers is AnswerKind.NUMBER
    assert (dataset.labels, dataset.profile.n_labels, dataset.profile.imbalance) == ((), 1, 1.0)
    assert dataset.numbers is not None and (dataset.numbers.low, dataset.numbers.high) == (0.0, 10.0)
    assert sum(dataset.numbers.counts) == dataset.numbers.n == 400
    assert "numeric_labels" not in codes(dataset)
    assert str(sentence_of(dataset)).startswith("400 reviews in English")


def test_every_part_has_its_share_of_the_whole_range(build, tmp_path):
    dataset = build(scored(400))
    rows = load_rows(tmp_path / "datasets" / dataset.id)
    for split in ("practice", "checkup", "exam"):
        numbers = rows.loc[rows["split"] == split, "label"].astype(float)
        assert numbers.mean() == pytest.approx(5.0, abs=0.6), split
        assert numbers.min() < 1.5 and numbers.max() > 8.5


def test_cells_without_a_number_are_set_aside_and_named(build, tmp_path):
    dataset = build([*scored(300), ("what a lovely thing it is", "n/a"), ("no score was given for it", "")])
    assert codes(dataset)["no_number"] == 2
    advice = next(f.advice for f in dataset.findings if f.code == "no_number")
    assert "“n/a”" in str(advice)
    rows = load_rows(tmp_path / "datasets" / dataset.id)
    assert set(rows.loc[rows["set_aside"] == "no_number", "label"]) == {"n/a", ""}


def test_too_few_or_equal_numbers_stop_the_training(build):
    assert {f.code for f in build(scored(10)).blocking_findings} == {"few_scores"}
    same = [(text, "3") for text, _score in scored(300)]
    assert {f.code for f in build(same).blocking_findings} == {"one_score"}


def test_a_number_far_from_all_others_is_asked_about(build):
    dataset = build([*scored(300), ("the lid of this one is great", "999")])
    far = next(f for f in dataset.findings if f.code == "far_scores")
    assert (far.count, far.rows) == (1, (302,)) and "999" in str(far.message)
    assert not dataset.blocking_findings


def test_the_same_table_is_another_data_set_as_categories(build):
    as_score, as_categories = build(scored(300)), build(scored(300), task="text_classification")
    assert as_score.id != as_categories.id
    assert as_score.spec.task == "score"
    assert as_categories.numbers is None and as_categories.label_counts


def test_whole_numbers_have_a_bar_each(build):
    dataset = build([(text, str(1 + i % 5)) for i, (text, _score) in enumerate(scored(300))])
    assert dataset.numbers is not None
    assert dataset.numbers.counts == (60, 60, 60, 60, 60)
    assert np.diff(dataset.numbers.edges).tolist() == [1.0] * 5


def with_cells(*cells: str) -> list[tuple[str, str]]:
    return [(f"the case of item number {i} is fine", cells[i % len(cells)]) for i in range(60)]


def test_one_sign_stands_before_the_decimals_of_a_whole_column(build, tmp_path):
    dataset = build(with_cells("2,5", "1,250", "0,75", "4"))
    assert dataset.numbers is not None and (dataset.numbers.low, dataset.numbers.high) == (0.75, 4.0)
    [told] = [f for f in dataset.findings if f.code == "decimal_signs"]
    assert (told.severity, told.count) == ("note", 15)
    assert "“1,250” in “score” were read as 1.25: most others have a comma" in str(told.message)
    rows = load_rows(tmp_path / "datasets" / dataset.id)
    assert set(rows["label"]) == {"2,5", "1.25", "0,75", "4"}  # each read alone is the number that it is in the column


def test_numbers_that_may_be_read_two_ways_are_named(build):
    [told] = [f for f in build(with_cells("1,250", "2,000", "950")).findings if f.code == "decimal_signs"]
    assert told.severity == "warning" and "“1,250” in “score” were read as 1250, but it cannot" in str(told.message)
    assert "decimal_signs" in codes(build(with_cells("2,5", "2.5", "1,250")))
    for certain in (("1,250", "2.5"), ("1.250", "2.125"), ("2,5", "3"), ("2.5", "3,5"), ("1,250", "1,250,000")):
        assert "decimal_signs" not in codes(build(with_cells(*certain)))
