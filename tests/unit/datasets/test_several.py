"""Tables whose rows may have several categories at once: how they are read, checked, repaired and split."""

import csv
import io
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets.building import build_dataset
from core.datasets.label_reading import labels_of_table
from core.datasets.profile import picture_of
from core.datasets.row_query import find_page, single_names
from core.datasets.rows import load_rows
from core.datasets.several import Members, in_known_order, label_of_cell, parts_of, read_flags, separator_of
from core.datasets.understanding import sentence_of
from core.domain.dataset import Dataset, DatasetSpec
from core.domain.repair import Operation
from core.domain.rows import RowFilter
from core.domain.several import categories_of
from core.domain.task import AnswerKind
from core.errors import BadData
from core.files import receive_upload

TOPICS = {"price": "costs far too much", "delivery": "came late again", "quality": "broke on day one"}


@pytest.fixture
def build(tmp_path):
    def build(header, rows, **options) -> Dataset:
        def upload(name, some):
            buffer = io.StringIO(newline="")
            csv.writer(buffer).writerows([header, *some])
            return receive_upload(io.BytesIO(buffer.getvalue().encode()), name, tmp_path)

        exam = options.pop("exam", None)
        spec = DatasetSpec(
            upload=upload("feedback.csv", rows),
            exam_upload=upload("exam.csv", exam) if exam else None,
            text_columns=("comment",),
            task="several_categories",
            **options,
        )
        return build_dataset(
            spec,
            uploads_dir=tmp_path,
            datasets_dir=tmp_path / "datasets",
            tables_dir=tmp_path / "tables",
            progress=lambda stage: None,
        )

    return build


@pytest.fixture
def labels(tmp_path):
    def labels(dataset: Dataset) -> dict[str, str]:
        rows = load_rows(tmp_path / "datasets" / dataset.id)
        return dict(zip(rows["text"], rows["label"], strict=True))

    return labels


def sets(n: int) -> list[tuple[str, tuple[str, ...]]]:
    """Texts and their categories, from all to a single one of them."""
    names = list(TOPICS)
    made = []
    for i in range(n):
        chosen = tuple(name for place, name in enumerate(names) if (i % 7 + 1) >> place & 1)
        made.append((f"order {i} " + " and ".join(TOPICS[name] for name in chosen), chosen))
    return made


def in_cells(n: int, separator: str = ";") -> list[tuple[str, str]]:
    return [(text, separator.join(chosen)) for text, chosen in sets(n)]


def codes(dataset: Dataset) -> dict[str, int]:
    return {finding.code: finding.count for finding in dataset.findings}


def test_cells_name_several_categories_by_any_usual_sign():
    assert parts_of("slow; broken；slow", ";") == ("slow", "broken")
    assert parts_of("价格、物流", "、") == ("价格", "物流")
    assert parts_of("['slow', 'not working']", ",") == ("slow", "not working")
    assert parts_of("a\nb", "\n") == ("a", "b")
    assert parts_of("a new and a red one", " and ") == ("a new", "a red one"), "a sign of a person's own"
    assert parts_of("not sent； lost", "; ") == ("not sent", "lost")
    assert parts_of("in|out", ",") == ("in/out",), "the sign between categories is in no name"
    assert (label_of_cell("|", "|"), label_of_cell("[]", ","), label_of_cell(";", ";")) == ("|", "|", "")
    assert separator_of(Counter(["a;b", "a", "b;c", "a;b;c"])) == ";"
    assert separator_of(Counter(["a", "b", "c, d"] * 9)) == ""


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.sampled_from("abcde"), max_size=4), max_size=30))
def test_equal_sets_have_one_label_whatever_the_order_of_their_cells(rows):
    order: dict[str, int] = {}
    told = [in_known_order("|".join(row) or "|", order) for row in rows]
    assert [set(categories_of(label)) for label in told] == [set(row) for row in rows]
    assert len(set(told)) == len({frozenset(row) for row in rows})
    assert [in_known_order(label, order) for label in told] == told
    members = Members.of(sorted(set(told)), order)
    counts = Counter(name for row in rows for name in set(row))
    of_label = [told.count(label) for label in sorted(set(told))]
    assert dict(zip(members.names, members.counts(np.array(of_label, dtype=np.int64)).tolist(), strict=True)) == {
        name: counts[name] for name in order
    }


@pytest.mark.parametrize("separator", ["|", ", "])
def test_a_column_of_several_names_is_learned_name_by_name(build, labels, separator):
    dataset = build(("comment", "topics"), in_cells(140, separator), label_column="topics")
    assert dataset.answers is AnswerKind.CATEGORIES
    assert dict(dataset.label_counts) == {"price": 80, "delivery": 80, "quality": 80}
    assert labels(dataset) == {text: "|".join(chosen) for text, chosen in sets(140)}
    assert (dataset.profile.n_labels, dataset.profile.n_several, dataset.profile.n_without) == (3, 80, 0)
    assert not dataset.findings
    assert str(sentence_of(dataset)) == "140 texts in English, each in one or more of 3 categories."


@pytest.mark.parametrize(
    ("yes", "no"), [("1", "0"), ("Yes", "no"), ("TRUE", "F"), ("是", "否"), ("x", ""), ("1.0", "")]
)
def test_many_words_say_yes_and_no(yes, no):
    cells = [pa.chunked_array([pa.array([yes, no, f" {yes} ", no], pa.large_string())]), no_column(no)]
    flags = read_flags(["a|b", "c"], cells)
    assert [flags.labels[code] for code in flags.codes] == ["a/b", "|", "a/b", "|"]
    assert not flags.unclear.any()


def no_column(no):
    return pa.chunked_array([pa.array([no] * 4, pa.large_string())])


@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("x", "")])
def test_each_0_1_column_is_a_category(build, labels, yes, no):
    rows = [(text, *(yes if name in chosen else no for name in TOPICS)) for text, chosen in sets(140)]
    rows += [("nothing of all that here", no, no, no)]
    dataset = build(("comment", *TOPICS), rows)
    assert dataset.label_columns == tuple(TOPICS)
    assert labels(dataset)["nothing of all that here"] == "|", "it belongs to none of them, which is an answer too"
    assert labels(dataset)["order 2 costs far too much and came late again"] == "price|delivery"
    assert (dataset.n_used, dataset.profile.n_without) == (141, 1)
    again = dataset.spec
    assert (again.label_column, again.label_columns) == (None, tuple(TOPICS))


def test_what_says_neither_yes_nor_no_is_set_aside_and_named(build):
    rows = [(text, *("1" if name in chosen else "0" for name in TOPICS)) for text, chosen in sets(140)]
    rows += [("who knows what it is", "1", "maybe", "0"), ("no word", "", "", "")]
    dataset = build(("comment", *TOPICS), rows, label_columns=tuple(TOPICS))
    assert codes(dataset) == {"unclear_mark": 1, "blank_label": 1}
    assert "“maybe”" in str(next(f.advice for f in dataset.findings if f.code == "unclear_mark"))


def test_every_category_has_its_share_of_the_exam(build, tmp_path):
    rows = in_cells(700) + [(f"rare thing number {i} in the box", "price;rare") for i in range(10)]
    dataset = build(("comment", "topics"), rows, label_column="topics")
    frame = load_rows(tmp_path / "datasets" / dataset.id)
    for name, n in dataset.label_counts.items():
        shares = Counter(frame["split"][frame["label"].str.split("|").map(lambda some, name=name: name in some)])
        assert shares["exam"] == pytest.approx(0.2 * n, rel=0.15), name
        assert shares["practice"] >= 0.6 * n and shares["checkup"] >= 1


def test_the_same_text_with_other_categories_is_asked_about(build, labels):
    rows = [*in_cells(140), ("order 0 costs far too much", "quality"), ("order 1 came late again", "delivery")]
    dataset = build(("comment", "topics"), rows, label_column="topics")
    assert codes(dataset) == {"conflicting_sets": 2, "duplicate": 1}
    (finding,) = [f for f in dataset.findings if f.code == "conflicting_sets"]
    mended = build(("comment", "topics"), rows, label_column="topics", operations=(finding.fixes[0].operation,))
    assert labels(mended)["order 0 costs far too much"] == "price|quality"
    assert mended.effects[0].n_changed == 2 and codes(mended) == {"duplicate": 2}


def test_repairs_reach_into_the_sets(build, labels):
    def after(name, **params):
        rows = [*in_cells(70), ("a dear box", "Price "), ("no reason", "N/A")]
        operation = Operation(name=name, params=params)
        dataset = build(("comment", "topics"), rows, label_column="topics", operations=(operation,))
        return labels(dataset), dataset

    text = "order 2 costs far too much and came late again"
    found, dataset = after("merge_labels", labels=["delivery", "Price"], into="price")
    assert found[text] == "price" and found["a dear box"] == "price" and "delivery" not in dataset.labels
    found, dataset = after("leave_out_labels", labels=["delivery"])
    assert found[text] == "price" and found["order 1 came late again"] == "|"
    found, dataset = after("drop_labels", labels=["delivery"])
    assert (dataset.effects[0].n_removed, found[text]) == (40, "price|delivery")
    found, dataset = after("blank_labels", labels=["N/A"])
    assert found["no reason"] == "" and codes(dataset)["blank_label"] == 1
    found, dataset = after("leave_out_labels", labels=["N/A"])
    assert found["no reason"] == "|" and dataset.profile.n_without == 1
    refs = {"file": "practice", "rows": [2], "keys": ["0" * 12]}
    found, dataset = after("set_label", label="quality|price|quality", rows=refs)
    assert found["order 0 costs far too much"] == "price|quality"
    for name, params in (("thin_labels", {"limit": 3}), ("first_label_of_cell", {"separator": ";"})):
        with pytest.raises(BadData) as error:
            after(name, **params)
        assert "several" in str(error.value.hint)


def test_blank_cells_may_mean_that_no_category_fits(build, labels):
    rows = [*in_cells(70), ("all is well", "")]
    dataset = build(("comment", "topics"), rows, label_column="topics")
    (finding,) = dataset.findings
    assert (finding.code, dataset.profile.n_without) == ("blank_label", 0)
    mended = build(("comment", "topics"), rows, label_column="topics", operations=(finding.fixes[0].operation,))
    assert labels(mended)["all is well"] == "|" and not mended.findings
    assert mended.effects[0].n_changed == 1
    without = Operation(name="drop_labels", params={"labels": ["|"]})
    left = build(("comment", "topics"), rows, label_column="topics", operations=(*mended.operations, without))
    assert left.effects[1].n_removed == 1, "rows of none of the categories are found as such"


def test_checks_speak_of_single_categories(build):
    rows = [(f"{text} {i}", f"{cell};seen") for i, (text, cell) in enumerate(in_cells(140))]
    rows += [
        ("a single one", "odd;price"),
        ("a dear box", "PRICE;seen"),
        ("too dear", "PRICE"),
        ("?", "n/a"),
        ("!", "n/a"),
    ]
    dataset = build(("comment", "topics"), rows, label_column="topics")
    found = {finding.code: finding for finding in dataset.findings}
    assert set(found) == {"rare_label", "category_everywhere", "similar_labels", "no_value_labels", "imbalance"}
    assert (
        "“odd”" in str(found["rare_label"].message)
        and found["rare_label"].fixes[0].operation.name == "leave_out_labels"
    )
    assert "“seen”" in str(found["category_everywhere"].message)
    assert "threshold of its own" in str(found["imbalance"].advice), "rare categories get no more weight here"
    assert set(found["similar_labels"].fixes[0].operation.params["labels"]) == {"price", "PRICE"}
    plain = build(
        ("comment", "topics"), [(text, "price" if i % 2 else "delivery") for i, (text, _) in enumerate(sets(60))]
    )
    assert codes(plain) == {"one_category_each": 60}


def test_an_exam_file_with_a_category_that_is_never_practiced_loses_those_rows(build):
    exam = [("one more box", "delivery;price"), ("another dear box", "price;gift")]
    dataset = build(("comment", "topics"), in_cells(70), label_column="topics", exam=exam)
    assert codes(dataset) == {"exam_unknown_label": 1} and dataset.split_sizes["exam"] == 1
    assert "“gift”" in str(dataset.findings[0].message)


def test_rows_are_found_by_one_of_their_categories(build, tmp_path):
    dataset = build(("comment", "topics"), in_cells(70), label_column="topics")
    folder = tmp_path / "datasets" / dataset.id
    assert set(single_names(folder)) == set(TOPICS)
    found = find_page(folder, RowFilter(labels=("price",), several=True))
    assert found.n_found == 40 and all("price" in row.label for row in found.rows)
    picture = picture_of(folder, language="en", seed=1, several=True)
    words = {one.label: {word.word for word in one.words} for one in picture.words}
    assert "late" in " ".join(words["delivery"]) and "late" not in " ".join(words["price"])


def test_a_table_read_elsewhere_gives_the_labels_that_a_model_knows():
    def labels(*columns, names=("topics",), known=("a", "b", "c"), separator=";"):
        return labels_of_table(columns, names, known=known, separator=separator, none=["none", "无"])

    assert labels(["a; b", "b;a", "", "c"]) == ["a|b", "b|a", "", "c"]
    assert labels(["a, b", "b", "none", "无", "[]"]) == ["a|b", "b", "|", "|", "|"], "another sign between them"
    assert labels(["a|b"], separator="") == ["a|b"], "learned from 0/1 columns"
    assert labels(["a, b; c", "c"], known=("a, b", "c")) == ["a, b|c", "c"]
    assert labels(["None; a"], known=("a", "None")) == ["None|a"]
    assert labels(["x, y"]) == ["x, y"], "nothing tells how it is meant"
    assert labels(["1", "0", ""], ["1", "0", ""], names=("A", "b")) == ["a|b", "|", ""]
