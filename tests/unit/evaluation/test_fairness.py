"""Planted unfairness is found with its figures, chance is not told, and small groups are refused by name."""

from math import comb

import numpy as np
import pytest

from core.evaluation.fairness import Comparison, Measure, Rate, compare_groups, groups_of, two_sided

LABELS = ["yes", "no"]


def compared(columns: dict[str, list[str]], true: list[str], answered: list[str], sure: float = 0.9) -> Comparison:
    return compare_groups(columns, true=true, answered=answered, sure=[sure] * len(true), labels=LABELS)


def turned(label: str) -> str:
    return "no" if label == "yes" else "yes"


def test_a_group_that_goes_wrong_more_often_is_told_with_its_shares() -> None:
    region = ["华南", "华北", "华东"] * 100
    true = [LABELS[i // 3 % 2] for i in range(300)]
    answered = [turned(label) if i % 3 == 0 and i % 9 == 0 else label for i, label in enumerate(true)]
    found = compared({"region": region}, true, answered)
    [group] = [one for one in found.columns[0].groups if one.value == "华南"]
    assert (group.right.n_hits, group.right.n) == (66, 100)
    assert group.right.interval[0] < 0.66 < group.right.interval[1]
    told = {(one.measure, one.value): one for one in found.differences}
    assert told[Measure.RIGHT, "华南"].here == 0.66 and told[Measure.RIGHT, "华南"].elsewhere == 1.0
    assert told[Measure.SURER, "华南"].here == pytest.approx(0.24, abs=0.001)
    assert group.surer_interval[0] > 0


def test_a_category_that_is_given_too_often_in_one_group_is_told() -> None:
    group = ["a", "b"] * 100
    true = [LABELS[i // 2 % 2] for i in range(200)]
    answered = ["yes" if group[i] == "a" and i % 8 == 2 else label for i, label in enumerate(true)]
    found = compared({"g": group}, true, answered)
    measures = {(one.measure, one.value, one.label) for one in found.differences}
    assert measures == {
        (Measure.RIGHT, "a", ""),
        (Measure.SURER, "a", ""),
        (Measure.GIVEN, "a", "yes"),
        (Measure.MISSED, "a", "no"),  # said once, and not also as “yes” wrongly given
    }
    assert not [one for one in found.differences if one.value == "b"]  # the same difference, seen from the other side


def test_the_outcome_that_matters_is_told_with_both_kinds_of_mistakes() -> None:
    group, true = ["a", "b"] * 100, [LABELS[i // 2 % 2] for i in range(200)]
    answered = ["yes" if group[i] == "a" and i % 8 == 2 else label for i, label in enumerate(true)]
    found = compare_groups({"g": group}, true=true, answered=answered, sure=[0.9] * 200, labels=["yes"])
    rates = {one.value: one.categories[0] for one in found.columns[0].groups}["a"]
    assert (rates.given.n_hits, rates.true.n_hits, rates.missed.n_hits) == (75, 50, 0)
    assert (rates.wrongly_given.n_hits, rates.wrongly_given.n) == (25, 50)
    assert Measure.WRONGLY_GIVEN in {one.measure for one in found.differences}


def test_chance_is_not_told() -> None:
    draw = np.random.default_rng(0)
    n_told = 0
    for _ in range(20):
        true = [LABELS[i] for i in draw.integers(2, size=240)]
        answered = [turned(label) if draw.random() < 0.2 else label for label in true]
        columns = {name: [str(v) for v in draw.integers(3, size=240)] for name in ("one", "two")}
        n_told += bool(compared(columns, true, answered, sure=0.8).differences)
    assert n_told <= 3


def test_small_groups_are_refused_by_name_and_blanks_are_no_group() -> None:
    values = ["big"] * 60 + ["other"] * 30 + ["few"] * 12 + [" "] * 8
    found = compared({"c": values}, ["yes"] * 110, ["yes"] * 110)
    [column] = found.columns
    assert [one.value for one in column.groups] == ["big", "other"]
    assert [(one.value, one.n, one.n_missing) for one in column.too_small] == [("few", 12, 18)]
    assert column.n_blank == 8


def test_numbers_are_cut_at_their_quartiles_in_their_order() -> None:
    names, of_row = groups_of([str(age) for age in range(1, 101)] + [""])
    assert names == ["≤ 26", "26 – 51", "51 – 75", "> 75"]
    assert [int((of_row == name).sum()) for name in names] == [26, 25, 24, 25]
    assert of_row[-1] == ""


def test_few_different_numbers_stay_as_they_are() -> None:
    names, _of_row = groups_of(["5", "4", "5", "1"])
    assert names == ["5", "1", "4"]


def test_the_exact_test_is_that_of_fisher() -> None:
    here, there = Rate(n_hits=8, n=10), Rate(n_hits=2, n=10)
    ways = sum(comb(10, k) * comb(10, 10 - k) for k in (8, 9, 10))
    assert two_sided(here, there) == pytest.approx(2 * ways / comb(20, 10))
    assert two_sided(here, here) == 1
