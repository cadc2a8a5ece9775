"""A column of a table falls into parts that a person would name."""

import numpy as np
import pytest

from core.evaluation.column_parts import PartKind, parts_of
from core.evaluation.slices import SliceKind, find_slices, kind_words


def names(cells: list[str]) -> dict[str, int]:
    return {part.name: int(part.mask.sum()) for part in parts_of(cells)}


def kinds(cells: list[str]) -> set[PartKind]:
    return {part.kind for part in parts_of(cells)}


def test_many_numbers_are_looked_at_in_ranges_of_about_as_many_rows() -> None:
    amounts = [f"¥{i * 37 % 500},5" for i in range(500)] + [""] * 9
    found = names(amounts)
    assert kinds(amounts) == {PartKind.RANGE}
    assert list(found) == ["100 – 200", "200 – 300", "300 – 400", "< 100", "≥ 400"]
    assert all(95 <= n <= 105 for n in found.values()) and sum(found.values()) == 500
    assert names([f"{i % 4}" for i in range(40)]) == {"0": 10, "1": 10, "2": 10, "3": 10}


@pytest.mark.parametrize(
    "cells",
    [
        [str(1000 + i) for i in range(100)],  # counts up
        [str(9_000_017 * i % 100_003 + 100_000) for i in range(1, 100)],  # as long and all different
        [f"agent {i}" for i in range(100)],
        ["mail"] * 100,
    ],
)
def test_ids_and_names_have_no_parts(cells: list[str]) -> None:
    assert names(cells) == {}


def test_days_are_looked_at_by_month_quarter_or_year() -> None:
    days = [f"2026-{1 + i % 12:02}-{1 + i % 28:02} 10:00" for i in range(120)]
    assert kinds(days) == {PartKind.PERIOD} and len(names(days)) == 12 and names(days)["2026-03"] == 10
    years = [f"{2018 + i % 5}年{1 + i % 12}月{1 + i % 28}日" for i in range(600)]
    assert "2018 Q1" in names(years) and len(names(years)) == 20
    assert names([f"{1 + i % 12}/{1 + i % 28}/2026" for i in range(120)])["2026-03"] == 10  # a day beyond 12 tells
    assert not names([f"{1 + i % 12}/{1 + i % 11}/2026" for i in range(132)])  # 03/04 may be March or April
    decades = [f"{1950 + i % 70}0315" for i in range(700)]
    assert not kinds(decades)  # 70 years are no parts


def test_a_range_with_more_mistakes_is_told_in_words() -> None:
    draw = np.random.default_rng(0)
    amounts = draw.uniform(0, 1000, 900).round(2)
    days = [f"2026-{1 + i % 6:02}-11" for i in range(900)]
    months = [f"2026-{1 + i % 6:02}-{1 + i % 27:02}" for i in range(900)]
    texts = [f"text {i}" for i in range(900)]

    def told(right: "np.ndarray", **columns: list[str]) -> list[str]:
        return [str(kind_words(one)) for one in find_slices(texts, right, columns, [""] * 900)]

    chance = draw.random(900)
    right = np.where(amounts > 800, chance < 0.5, chance < 0.92)
    assert told(right, amount=[str(one) for one in amounts], day=months)[0].startswith("“amount” ≥ ")
    right = np.where(np.array(days) == "2026-02-11", chance < 0.5, chance < 0.92)
    assert told(right, day=months) == ["“day” in 2026-02"]
    [one] = find_slices(texts, right, {"day": months}, [""] * 900)
    assert (one.kind, one.n) == (SliceKind.PERIOD, 150)


def test_chance_is_hardly_told_of_ranges_and_months() -> None:
    n_told = 0
    for seed in range(40):
        draw = np.random.default_rng(seed)
        columns = {f"amount {k}": [f"{x:.2f}" for x in draw.uniform(0, 100, 300)] for k in range(3)} | {
            "day": [f"2026-{1 + int(x):02}-1{int(10 * x) % 10}" for x in draw.uniform(0, 12, 300)]
        }
        n_told += bool(find_slices(["a"] * 300, draw.random(300) < 0.85, columns, [""] * 300))
    assert n_told <= 4
