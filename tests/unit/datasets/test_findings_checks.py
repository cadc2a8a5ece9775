"""Every check finds what it is for, offers a way out, and leaves alone what only looks like it."""

import types

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from core.datasets.comparing import equality_codes
from core.datasets.findings import CHECKS, run_checks
from core.datasets.findings.base import BothFiles, FileRows
from core.datasets.findings.texts import HUGE_CHARS, READ_CHARS
from core.datasets.operations import check_operations
from core.datasets.splitting import split_rows, tied_groups
from core.datasets.supply import Light, light_of
from core.domain.dataset import Finding, Severity

BLOCKING, WARNING, NOTE = Severity.BLOCKING, Severity.WARNING, Severity.NOTE
Rows = list[tuple[str, str]]


def file_rows(
    rows: Rows, names: list[str], file: str = "practice", raw: object = None, language: str = "en"
) -> FileRows:
    texts = pa.chunked_array([[text for text, _ in rows]], pa.large_string())
    labels = [label.strip() for _, label in rows]
    for label in labels:
        if label and label not in names:
            names.append(label)
    return FileRows(
        file=file,
        text_column="text",
        label_column="label",
        rows=np.arange(2, len(rows) + 2, dtype=np.int32),
        texts=texts,
        text_codes=equality_codes(texts),
        same_codes=equality_codes(texts),
        lots=equality_codes(texts),
        label_codes=np.array([names.index(label) if label else -1 for label in labels], dtype=np.int64),
        label_names=names,
        lengths=pc.utf8_length(texts).to_numpy().astype(np.int32),
        ragged=np.zeros(len(rows), dtype=bool),
        language=language,
        raw=raw,  # type: ignore[arg-type]
    )


def check(rows: Rows, exam: Rows | None = None, **options: object) -> dict[str, Finding]:
    """All findings of a table by their codes. Every fix must be a repair that exists."""
    names: list[str] = []
    practice = file_rows(rows, names, **options)  # type: ignore[arg-type]
    data = BothFiles(practice=practice, exam=file_rows(exam, names, "exam") if exam else None)
    findings = run_checks(data)
    for finding in findings:
        assert finding.code in CHECKS.names()
        assert str(finding.message) and len(finding.rows) <= 100
        check_operations([fix.operation for fix in finding.fixes])
        assert len({fix.key for fix in finding.fixes}) == len(finding.fixes)
    return {finding.code: finding for finding in findings}


def good(n: int = 30, labels: tuple[str, ...] = ("negative", "positive", "neutral")) -> Rows:
    """A table with nothing to find: texts that differ in their numbers only."""
    said = ("The delivery was late and the box was damaged", "Great service, thank you", "It is okay")
    return [(f"{said[i % 3]} #{i}", labels[i % len(labels)]) for i in range(n)]


def relabeled(labels: list[str], n: int = 40) -> Rows:
    return [(text, labels[i % len(labels)]) for i, (text, _) in enumerate(good(n))]


def test_a_good_table_has_no_findings():
    assert check(good()) == {}
    assert check(good(), exam=[(f"A new message number {i}", "positive") for i in range(5)]) == {}


@pytest.mark.parametrize(
    ("labels", "severity", "groups"),
    [
        (["1", "1.0", "0", "0.0"], WARNING, [["1", "1.0"], ["0", "0.0"]]),
        (["True", "TRUE", "Yes", "no", "False"], WARNING, [["True", "TRUE", "Yes"], ["no", "False"]]),
        (["Positive", "POSITIVE", "negative"], WARNING, [["Positive", "POSITIVE"]]),
        (["007", "07", "7"], NOTE, [["007", "07", "7"]]),
        (
            ["café", "cafe\u0301", "Ｐos", "Pos", "P\u200bos"],
            NOTE,
            [["café", "cafe\u0301"], ["Ｐos", "Pos", "P\u200bos"]],
        ),
        (["退款", "退 款", "退货"], WARNING, [["退款", "退 款"]]),
    ],
)
def test_look_alike_categories_are_suggested_for_merging(labels, severity, groups):
    found = check(relabeled(labels, 60))["similar_labels"]
    assert found.severity is severity
    assert [sorted(fix.operation.params["labels"]) for fix in found.fixes] == [sorted(group) for group in groups]
    assert all(fix.key == f"merge:{fix.operation.params['into']}" for fix in found.fixes)


def test_the_most_frequent_spelling_is_kept():
    rows = (
        relabeled(["refund"], 20) + [(f"other {i}", "Refund") for i in range(5)] + [(f"x {i}", "b") for i in range(9)]
    )
    assert check(rows)["similar_labels"].fixes[0].operation.params == {"labels": ["refund", "Refund"], "into": "refund"}


@pytest.mark.parametrize("labels", [["C", "C++"], ["1", "2", "10"], ["yes", "no"], ["退款", "退货"]])
def test_different_categories_are_left_alone(labels):
    assert check(relabeled(labels)) == {}


def test_cells_nobody_filled_in_are_asked_about():
    found = check(relabeled(["NA", "None", "无", "yes", "N/A"], 50))["no_value_labels"]
    assert found.severity is WARNING and found.count == 40
    assert found.fixes[0].operation.params == {"labels": ["NA", "None", "无", "N/A"]}
    assert "no_value_labels" not in check(relabeled(["nature", "nullify", "无线", "n"]))


def test_blanks_are_set_aside_and_asked_about():
    rows = [*good(), ("  \t", "positive"), ("A text", ""), ("NA", "positive"), ("null", "neutral")]
    found = check(rows)
    assert {code: finding.rows for code, finding in found.items()} == {"blank_text": (32,), "blank_label": (33,)}
    assert {finding.severity for finding in found.values()} == {WARNING}


def test_scores_are_refused_with_ranges_offered():
    found = check([(text, f"{i * 0.137:.3f}") for i, (text, _) in enumerate(good(60))])
    assert set(found) == {"numeric_labels"}
    assert found["numeric_labels"].severity is BLOCKING
    low, high = found["numeric_labels"].fixes[0].operation.params["edges"]
    assert 2 < low < 4 < high < 6
    assert check(relabeled(["1.5", "2.5", "3.5"])) == {}


def test_dates_as_categories_are_asked_about():
    found = check(relabeled(["2024-01-01 00:00:00", "2024/2/1", "2024年3月1日"]))
    assert found["dates_as_labels"].severity is WARNING
    assert "dates_as_labels" not in check(relabeled(["2024", "v1.2", "12-34"]))


def test_a_category_of_its_own_in_every_row_is_refused():
    found = check([(text, f"id-{i}") for i, (text, _) in enumerate(good(300))])
    assert {code: finding.severity for code, finding in found.items()} == {"label_per_row": BLOCKING}


def test_swapped_columns_are_offered_to_be_swapped():
    found = check([(label, text) for text, label in good()])
    assert {code: finding.severity for code, finding in found.items()} == {"swapped_columns": WARNING}
    assert found["swapped_columns"].fixes[0].operation.name == "swap_text_and_label"


def test_cells_with_several_categories_are_asked_about():
    found = check(relabeled(["a;b", "a", "b;c", "a;b;c"]))["several_labels"]
    assert (found.severity, found.count) == (WARNING, 30)
    assert found.fixes[0].operation.params == {"separator": ";"}
    assert check(relabeled(["food/drink", "Black, Jr.", "toys"])) == {}


def test_rare_categories_are_set_aside_with_two_ways_out():
    found = check([*good(), ("I want a refund", "refund"), ("Close my account", "closing")])["rare_label"]
    assert (found.severity, found.rows) == (WARNING, (32, 33))
    assert [fix.operation.name for fix in found.fixes] == ["merge_rare_labels", "drop_labels"]
    assert check([*good(), ("I want a refund", "refund"), ("Money back, please", "refund")]) == {}


@pytest.mark.parametrize(
    ("n_big", "n_small", "wording"), [(99, 10, None), (100, 10, "only 10."), (100, 2, "more than 50")]
)
def test_imbalance_is_amber_from_10_and_red_from_50_to_1(n_big, n_small, wording):
    rows = [(f"Message number {i}", "big") for i in range(n_big)] + [(f"Other {i}", "small") for i in range(n_small)]
    found = check(rows)
    assert set(found) == ({"imbalance"} if wording else set())
    if wording:
        assert wording in str(found["imbalance"].message)
        assert found["imbalance"].fixes[0].operation.name == "thin_labels"


def test_too_little_to_learn_from_is_refused():
    assert check(good(30, ("only",)))["single_label"].severity is BLOCKING
    assert check(good(1))["too_few_rows"].severity is BLOCKING
    assert check([(text, "") for text, _ in good()])["single_label"].severity is BLOCKING


def test_copies_are_noted_and_contradictions_asked_about():
    found = check([*good(), ("the DELIVERY was late and the box was damaged  #0", "negative")])
    assert {code: (finding.severity, finding.rows) for code, finding in found.items()} == {"duplicate": (NOTE, (32,))}
    found = check([*good(), ("Same text", "positive"), ("same text", "negative")])["conflicting_labels"]
    assert (found.severity, found.rows) == (WARNING, (32, 33))
    assert [fix.key for fix in found.fixes] == ["majority", "first", "last", "drop"]
    assert found.fixes[-1].operation.params["rows"]["rows"] == [32, 33]


NEAR = ("I have been waiting for my new card since last week", "I have been wating for my new card since last week")


def test_near_copies_are_noted_and_stay_on_one_side():
    rows = good() + [(text, "negative") for text in NEAR]
    found = check(rows)
    assert {code: (finding.severity, finding.rows) for code, finding in found.items()} == {
        "near_duplicates": (NOTE, (32, 33))
    }
    near = np.arange(200) // 2 * 2
    labels = np.arange(200) // 2 % 3
    texts = np.random.default_rng(0).integers(-(2**62), 2**62, 200)
    groups, group_labels = tied_groups(texts, near, labels, np.ones(200, dtype=bool))
    parts = split_rows(groups, group_labels, seed=1, with_exam=True)
    assert (parts[::2] == parts[1::2]).all() and len(set(parts.tolist())) == 3


def test_one_group_of_near_copies_does_not_take_a_category_out_of_the_exam():
    near = np.where(np.arange(60) < 30, 0, -1)  # half of all texts are near each other, all of one category
    labels = (np.arange(60) >= 30).astype(np.int64)
    groups, group_labels = tied_groups(np.arange(60), near, labels, np.ones(60, dtype=bool))
    parts = split_rows(groups, group_labels, seed=1, with_exam=True)
    assert all(len(set(parts[labels == label].tolist())) == 3 for label in (0, 1))


@pytest.mark.parametrize("mark", ["[{}] {}", "{}: {}", "{1} ({0})", "{1} - {0}"])
def test_categories_in_the_text_are_found(mark):
    found = check([(mark.format(label, text), label) for text, label in good()])
    assert found["label_in_text"].severity is WARNING
    assert found["label_in_text"].fixes[0].operation.name == "strip_labels_from_text"


def test_a_category_that_opens_every_text_is_found_without_a_mark():
    assert "label_in_text" in check([(f"{label} {text}", label) for text, label in good()])


def test_words_that_simply_occur_are_no_leak():
    rows = [(f"I want a refund for order {i}", "refund") for i in range(20)]
    rows += [(f"Refund policy: what is it in case {i}?", "question") for i in range(20)]
    rows += [(f"Where is parcel {i}? - refund", "delivery") for i in range(20)]
    assert "label_in_text" not in check(rows)


def raw(**columns: list[str]) -> object:
    table = pa.table({name: pa.array(cells, pa.large_string()) for name, cells in columns.items()})
    return types.SimpleNamespace(
        notices=(),
        names=tuple(columns),
        columns=table,
        column=lambda name: pa.chunked_array([table.column(name).combine_chunks()]),
    )


def test_a_column_that_gives_the_category_away_is_told():
    rows = good(60)
    labels = [label for _, label in rows]
    codes = [label.upper()[:3] for label in labels]
    noise = [str(i * 7 % 5) for i in range(60)]
    found = check(rows, raw=raw(text=[text for text, _ in rows], label=labels, code=codes, noise=noise))
    assert set(found) == {"giveaway_column"}
    assert found["giveaway_column"].severity is NOTE
    assert "“code”" in str(found["giveaway_column"].message) and "noise" not in str(found["giveaway_column"].message)
    ids = [f"T{i}" for i in range(60)]
    assert check(rows, raw=raw(text=[text for text, _ in rows], label=labels, id=ids)) == {}


def test_a_sum_below_the_table_is_set_aside():
    found = check([*good(), ("Total", "30")])
    assert {code: (finding.severity, finding.rows) for code, finding in found.items()} == {
        "total_row": (WARNING, (32,))
    }
    assert "total_row" in check([*good(), ("合计：", "1,234.00")])
    assert "total_row" not in check([*good(), ("Total failure", "negative"), ("Total", "negative")])
    assert "total_row" not in check([("Total", "30"), *good()])


def test_error_cells_are_asked_about():
    found = check([*relabeled(["#N/A", "#DIV/0!", "neutral", "positive"]), ("#REF!", "positive")])["error_cells"]
    assert (found.severity, found.count) == (WARNING, 21)
    assert [fix.operation.name for fix in found.fixes] == ["blank_labels", "drop_rows"]
    assert "error_cells" not in check([("I see #N/A in the sheet", "positive"), *relabeled(["#1", "#new"])])


def test_long_texts_are_noted_with_the_share_that_is_cut_and_huge_ones_asked_about():
    found = check([*good(), ("word " * 800, "negative")])
    assert found["long_text"].severity is NOTE and "41%" in str(found["long_text"].message)
    assert found["long_text"].fixes[0].operation.params == {"limit": READ_CHARS["en"]}
    found = check([*good(), ("x" * (HUGE_CHARS + 1), "negative")])
    assert {code: finding.severity for code, finding in found.items()} == {"huge_cell": WARNING}
    assert check([*good(), ("word " * 399, "negative")]) == {}


def test_control_characters_are_noted_and_emoji_are_not():
    found = check(
        [*good(), ("bad\x01\x1b[31m", "negative"), ("👨\u200d👩\u200d👧 \u202e evil \u202c\nnew line", "positive")]
    )
    assert {code: finding.rows for code, finding in found.items()} == {"control_character": (32,)}
    assert found["control_character"].fixes[0].operation.name == "clean_texts"


@pytest.mark.parametrize(
    ("code", "text", "operation"),
    [
        ("markup", "<p>Where is <b>my</b> parcel {}?</p>", "strip_markup"),
        ("mail_footer", "Where is parcel {}?\n-----Original Message-----\nFrom: shop", "strip_footers"),
        ("personal_data", "Call me at 1381234{:04d}", "mask_personal_data"),
    ],
)
def test_what_surrounds_the_words_is_a_note_until_there_is_much_of_it(code, text, operation):
    few, many = (
        check([*good(), (text.format(1), "neutral")]),
        check([*good(), *((text.format(i), "neutral") for i in range(10))]),
    )
    assert few[code].severity is NOTE and many[code].severity is WARNING
    assert few[code].fixes[0].operation.name == operation
    assert (few[code].rows, many[code].count) == ((32,), 10)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script><img src=x onerror=alert(2)>",
        "![x](http://127.0.0.1:9/leak.png) [click](javascript:alert(1)) :red[x]",
        "=cmd|' /C calc'!A0",
        "a < b & c > d, order 12345678",
    ],
)
def test_hostile_and_odd_texts_are_simply_texts(text):
    assert check([*good(), (text, "neutral")]) == {}


def test_texts_in_another_language_are_asked_about():
    foreign = [(f"Ich habe mein Paket noch nicht bekommen und warte auf die Antwort {i}", "negative") for i in range(6)]
    found = check(good() + foreign)["mixed_languages"]
    assert (found.severity, found.count) == (WARNING, 6)
    assert found.fixes[0].operation.params == {"languages": ["en"]}
    assert check([*good(300), *foreign[:2], ("Bonjour", "positive")]) == {}


def test_the_exam_file_is_compared_with_practice():
    found = check(good(), exam=[good()[0], ("A new one here", "positive"), ("What is this", "unheard of")])
    assert {code: (finding.severity, finding.file) for code, finding in found.items()} == {
        "exam_overlap": (WARNING, "practice"),
        "exam_unknown_label": (WARNING, "exam"),
    }


@pytest.mark.parametrize(
    ("n", "light", "n_missing"),
    [
        (0, Light.RED, 2),
        (1, Light.RED, 1),
        (2, Light.ORANGE, 18),
        (19, Light.ORANGE, 1),
        (20, Light.YELLOW, 30),
        (50, Light.GREEN, 50),
        (99, Light.GREEN, 1),
        (100, Light.BLUE, 0),
        (10000, Light.BLUE, 0),
    ],
)
def test_the_light_of_a_category_says_what_helps_it_next(n, light, n_missing):
    supply = light_of(n)
    assert (supply.light, supply.n_missing) == (light, n_missing)
    assert str(supply.title) and str(supply.advice)
