"""The rows and the profile of a data set, as a person sees them."""

import io
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.dataset import Dataset
from core.domain.rows import RowFilter, TableRow
from core.settings import Settings
from core.workspace import Workspace
from pages.components import keys, session
from pages.components.profile_view import lengths_in_words, share_of, sizes_in_words
from pages.components.row_grid import Staged
from tests.pages.conftest import OpenPage

KINDS = {
    "快递": ["the parcel never came", "my parcel arrived broken", "where is the parcel", "the parcel is late"],
    "付款": ["I was charged twice", "the card was refused", "please refund my payment", "the invoice is wrong"],
}
HOSTILE = "![x](http://127.0.0.1:9/x.png)"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace with one table, built once: two categories, a copy, a row without a text, and a category that would
    be a picture if it were rendered."""
    rows = [f"{text} number {n},{label}" for n in range(20) for label, texts in KINDS.items() for text in texts]
    rows += [rows[0], ",快递", f"the weather {{0}},{HOSTILE}", f"the rain {{1}},{HOSTILE}"]
    content = ("text,category\n" + "\n".join(rows) + "\n").encode()
    home = tmp_path_factory.mktemp("built") / "home"
    workspace = Workspace.open(Settings(home=home))
    upload = workspace.receive_upload(io.BytesIO(content), "tickets.csv")
    dataset = workspace.add_dataset(upload, text_column="text", label_column="category")
    workspace.profile(dataset.id)
    workspace.close()
    return home, dataset.id


@pytest.fixture
def workspace(built: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    shutil.copytree(built[0], tmp_path / "home")
    monkeypatch.setenv("TUNEDESK_HOME", str(tmp_path / "home"))
    return session.workspace()


@pytest.fixture
def dataset(built: tuple[Path, str], workspace: Workspace) -> Dataset:
    return workspace.dataset(built[1])


def grid(open_page: OpenPage, dataset: Dataset, lang: str = "en", **query: str) -> AppTest:
    test = open_page("data", lang=lang, dataset=dataset.id, view="rows", **query)
    assert not test.exception
    return test


def shown(test: AppTest) -> list[str]:
    return next(frame.value for frame in test.dataframe if "ticked" in frame.value)["text"].tolist()


def said(test: AppTest) -> str:
    return " ".join(element.value for element in (*test.markdown, *test.caption, *test.subheader))


@pytest.mark.parametrize(("lang", "search"), [("en", "Search"), ("zh_CN", "搜索")])
def test_all_rows_are_shown_a_page_at_a_time(open_page: OpenPage, dataset: Dataset, lang: str, search: str) -> None:
    test = grid(open_page, dataset, lang)
    assert test.text_input(key="rows_asked_q").label == search
    assert "164" in said(test)
    assert len(shown(test)) == 50
    test.query_params["page"] = "4"
    assert shown(test.run())[-1] == "the rain {1}"


def test_a_search_goes_into_the_url_and_counts_exactly(open_page: OpenPage, dataset: Dataset) -> None:
    test = grid(open_page, dataset)
    test.query_params["page"] = "3"
    test.run()
    test.text_input(key="rows_asked_q").set_value("ＰＡＲＣＥＬ  NEVER").run()
    assert test.query_params["q"] == "ＰＡＲＣＥＬ  NEVER"
    assert "page" not in test.query_params
    assert "**21** of 164 rows" in said(test)
    assert set(shown(test)) == {f"the parcel never came number {n}" for n in range(20)}
    test.button(key="rows_show_all").click().run()
    assert "q" not in test.query_params
    assert "**164** rows" in said(test)


def test_a_url_opens_its_view(open_page: OpenPage, dataset: Dataset) -> None:
    test = grid(open_page, dataset)
    cases: list[tuple[dict[str, Any], int]] = [
        ({"category": ["付款"]}, 80),
        ({"category": ["付款", HOSTILE]}, 82),
        ({"which": "exam"}, dataset.split_sizes["exam"]),
        ({"which": "duplicate"}, 1),
        ({"which": "aside"}, 2),
        ({"finding": "blank_text"}, 1),
        ({"finding": "duplicate", "q": "parcel"}, 1),
        ({"finding": "no_such_finding"}, 0),
        ({"which": "no_such_thing"}, 164),
        ({"sort": "nonsense", "page": "-3"}, 164),
    ]
    for query, n in cases:
        test.query_params.clear()
        for name, value in {"dataset": dataset.id, "view": "rows", **query}.items():
            test.query_params[name] = value
        test.run()
        assert not test.exception
        assert (f"**{n}**" if n else "**No row** is like this.") in said(test), query


def test_what_stands_in_a_category_is_never_markdown(open_page: OpenPage, dataset: Dataset) -> None:
    test = grid(open_page, dataset, category=HOSTILE)
    assert shown(test) == ["the weather {0}", "the rain {1}"]
    assert "![" not in said(test) + " ".join(button.label for button in test.button)


def test_all_rows_found_get_a_category_in_one_new_version(
    open_page: OpenPage, dataset: Dataset, workspace: Workspace
) -> None:
    test = grid(open_page, dataset, q="charged twice")
    test.selectbox(key=f"{keys.ROWS_GIVE}_{dataset.id}").set_value("快递").run()
    test.button(key="rows_give").click().run()
    assert not test.exception
    after = workspace.dataset(test.query_params["dataset"])
    assert after.id != dataset.id
    assert [one.name for one in after.operations] == ["set_label"]
    assert test.query_params["q"] == "charged twice"
    assert workspace.row_page(after.id, RowFilter(text="charged twice", labels=("快递",))).n_found == 20


def test_rows_found_are_taken_out_and_stay_on_record(
    open_page: OpenPage, dataset: Dataset, workspace: Workspace
) -> None:
    test = grid(open_page, dataset, category="付款")
    test.button(key="rows_take_out").click().run()
    after = workspace.dataset(test.query_params["dataset"])
    assert [one.name for one in after.operations] == ["drop_labels"], "a whole category is named, not its rows"
    assert (after.n_rows, after.n_used) == (dataset.n_rows, dataset.n_used - 80)
    assert "**80** of 164 rows" in said(test)


def test_nothing_is_offered_for_all_rows_of_the_table(open_page: OpenPage, dataset: Dataset) -> None:
    test = grid(open_page, dataset)
    assert not [button for button in test.button if button.key in ("rows_take_out", "rows_give", "rows_none")]


def test_corrections_wait_until_they_are_saved(open_page: OpenPage, dataset: Dataset, workspace: Workspace) -> None:
    test = grid(open_page, dataset, q="refund")
    staged = test.session_state[keys.ROWS_STAGED]
    rows = workspace.row_page(dataset.id, RowFilter(text="refund")).rows
    staged.take_over(rows, {0: {"label": "退款"}, 1: {"label": "快递"}, 2: {"label": "付款"}, 3: {"ticked": True}})
    test.run()
    assert "2 changes, not yet saved" in said(test)
    assert test.button(key="rows_take_out").disabled, "it would drop what is not saved"
    assert len(workspace.datasets()) == 1

    test.button(key="rows_save").click().run()

    after = workspace.dataset(test.query_params["dataset"])
    assert {one.params["label"] for one in after.operations} == {"退款", "快递"}
    assert len(workspace.datasets()) == 2
    assert test.query_params["q"] == "refund"
    labels = {row.row: row.label for row in workspace.row_page(after.id, RowFilter(text="refund")).rows}
    assert labels[rows[0].row] == "退款"
    assert "not yet saved" not in said(test)


def test_discarded_corrections_are_gone(open_page: OpenPage, dataset: Dataset, workspace: Workspace) -> None:
    test = grid(open_page, dataset)
    rows = workspace.row_page(dataset.id, RowFilter()).rows
    test.session_state[keys.ROWS_STAGED].take_over(rows, {0: {"label": "付款"}})
    test.run()
    test.button(key="rows_discard").click().run()
    assert "not yet saved" not in said(test)
    assert len(workspace.datasets()) == 1


def test_a_new_category_is_offered_once_it_is_typed(open_page: OpenPage, dataset: Dataset) -> None:
    test = grid(open_page, dataset, q="refund")
    test.text_input(key=keys.ROWS_NEW_LABEL).set_value("  退款 ").run()
    assert "退款" in test.selectbox(key=f"{keys.ROWS_GIVE}_{dataset.id}").options


ROWS = [TableRow(row=n, file="practice", text="t", label="old", split="practice", set_aside="") for n in range(2, 6)]


def test_edits_of_one_table_add_to_those_before_and_can_be_taken_back() -> None:
    staged = Staged(dataset_id="d")
    staged.draw("first")
    staged.take_over(ROWS, {0: {"label": "new"}, 1: {"ticked": True}})
    assert (staged.labels, staged.ticked) == ({("practice", 2): "new"}, {("practice", 3)})
    staged.take_over(ROWS, {0: {"label": "old"}, 1: {"ticked": False}})
    assert (staged.labels, staged.ticked) == ({}, set())
    staged.take_over(ROWS, {0: {"label": "new"}, 1: {"ticked": True}})
    staged.draw("second")  # as after a page was turned and turned back: the table starts from what is staged
    staged.take_over(ROWS, {3: {"label": "other"}})
    assert staged.labels == {("practice", 2): "new", ("practice", 5): "other"}
    assert staged.ticked == {("practice", 3)}
    staged.take_over(ROWS, {0: {"label": None}})
    assert staged.labels == {("practice", 2): "new"}, "an emptied cell is no correction"


@pytest.mark.parametrize(("lang", "words"), [("en", "Of the texts, 100% are in English."), ("zh_CN", "100%")])
def test_the_profile_says_in_a_sentence_what_each_picture_shows(
    open_page: OpenPage, dataset: Dataset, lang: str, words: str
) -> None:
    test = AppTest.from_function(_profile, kwargs={"dataset_id": dataset.id, "lang": lang}, default_timeout=60)
    test.run()
    assert not test.exception
    captions = " ".join(caption.value for caption in test.caption)
    if lang == "en":
        assert "is the biggest with 80 examples" in captions
        assert "none is longer than the 2,000 that a model reads" in captions
        assert "stands in" in captions
    assert "%" in captions


def _profile(dataset_id: str, lang: str) -> None:
    from core import i18n
    from pages.components.profile_view import show_profile
    from pages.components.session import workspace

    with i18n.speaking(lang):
        show_profile(workspace().dataset(dataset_id))


def test_sentences_are_true_of_the_numbers(dataset: Dataset, workspace: Workspace) -> None:
    lengths = workspace.profile(dataset.id).lengths
    cut = replace(lengths, limit=10, n_cut=3)
    assert "3 (2%) are longer than the 10" in lengths_in_words(cut, 150)
    assert "1 (under 0.1%) is longer" in lengths_in_words(replace(cut, n_cut=1), 10_000)
    assert [share_of(n, 1000) for n in (0, 1, 5, 500, 999, 1000)] == ["0%", "0.1%", "0.5%", "50%", "99.9%", "100%"]
    assert share_of(99_999, 100_000) == "over 99.9%"
    assert sizes_in_words({"a": 5}) == "There is one category, “a”."
    assert sizes_in_words({"a": 5, "b": 5}) == "Each of the 2 categories has 5 examples."
    assert "12 biggest of 30" in sizes_in_words({str(n): 100 - n for n in range(30)})
