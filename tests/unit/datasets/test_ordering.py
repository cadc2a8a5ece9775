"""Which order categories are read in, told by their names."""

import csv
import io

import pytest

from core.datasets.building import build_dataset
from core.datasets.ordering import in_order
from core.domain.dataset import Dataset, DatasetSpec, Severity
from core.files import receive_upload


@pytest.mark.parametrize(
    "ordered",
    [
        ["1", "2", "3", "10"],
        ["-2", "-1", "0", "1,5"],
        ["1 star", "2 stars", "5 stars"],
        ["★", "★★", "★★★★★"],
        ["一星", "二星", "五星"],
        ["第1级", "第2级", "第3级"],
        ["low", "Medium", "HIGH"],
        ["very_bad", "bad", "good"],
        ["不满意", "一般", "非常满意"],
        ["差评", "中评", "好评"],
    ],
)
def test_numbers_stars_and_scales_tell_their_order(ordered):
    assert in_order(ordered[::-1]) == ordered
    assert in_order(ordered[1:] + ordered[:1]) == ordered


@pytest.mark.parametrize(
    "names", [["red", "green"], ["1", "one"], ["2 of 3", "3 of 3"], ["low", "2"], ["1", "1.0"], ["low", "Low"]]
)
def test_other_names_tell_none(names):
    assert in_order(names) is None


@pytest.fixture
def build(tmp_path):
    def build(labels: list[str], task: str = "ordered_categories") -> Dataset:
        buffer = io.StringIO(newline="")
        rows = [(f"the lid of item number {i} fits like this", labels[i % len(labels)]) for i in range(120)]
        csv.writer(buffer).writerows([("review", "stars"), *rows])
        upload = receive_upload(io.BytesIO(buffer.getvalue().encode()), "reviews.csv", tmp_path)
        spec = DatasetSpec(upload=upload, text_columns=("review",), label_column="stars", task=task)
        return build_dataset(
            spec, uploads_dir=tmp_path, datasets_dir=tmp_path / "datasets", progress=lambda stage: None
        )

    return build


def test_labels_stand_in_their_order_and_the_person_is_told_which(build):
    dataset = build(["5", "3", "1", "4", "2"])
    assert dataset.labels == ("1", "2", "3", "4", "5")
    (note,) = [finding for finding in dataset.findings if finding.code == "order_of_categories"]
    assert note.severity is Severity.NOTE and "1 < 2 < 3 < 4 < 5" in str(note.message)
    assert build(["5", "3", "1"], task="text_classification").labels == ("5", "3", "1")


def test_names_without_an_order_stop_the_training_until_they_have_one(build):
    blocking = build(["red", "green", "blue"]).blocking_findings
    assert [finding.code for finding in blocking] == ["order_of_categories"]
    assert "“1 low”" in str(blocking[0].advice)


def test_two_categories_are_told_to_be_plain_sorting(build):
    dataset = build(["low", "high"])
    (warning,) = [finding for finding in dataset.findings if finding.code == "order_of_categories"]
    assert warning.severity is Severity.WARNING and not dataset.blocking_findings
