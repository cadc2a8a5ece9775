"""Every page of tables and models that compare two texts, in both languages."""

import io

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.dataset import Dataset, Upload
from core.workspace import Workspace
from tests.pages.conftest import OpenPage

BOTH = pytest.mark.parametrize("lang", ["en", "zh_CN"])


def said(test: AppTest) -> str:
    found = [*test.title, *test.header, *test.subheader, *test.text, *test.caption, *test.markdown]
    return "\n".join(element.value for element in found)


def questions(workspace: Workspace, values: tuple[str, ...] = ("yes", "no"), name: str = "same") -> Upload:
    """Two columns of questions, and one that says how they relate."""
    rows = "".join(
        f"where is my parcel number {i},when does parcel {i} arrive today,{values[i % len(values)]}\n"
        for i in range(40)
    )
    content = f"question 1,question 2,{name}\n{rows}"
    return workspace.receive_upload(io.BytesIO(content.encode()), "questions.csv")


def check(test: AppTest) -> None:
    test.button(key="check_data").click()
    test.run()
    assert not test.exception


# -- data ------------------------------------------------------------------------------------------------------------


@BOTH
def test_a_table_of_two_texts_is_taken_for_pairs(open_page: OpenPage, workspace: Workspace, lang: str) -> None:
    test = open_page("data", lang=lang, upload=questions(workspace).sha256)
    assert not test.exception
    assert (test.selectbox(key="select_first").value, test.selectbox(key="select_second").value) == (
        "question 1",
        "question 2",
    )
    assert ("do two questions ask the same" if lang == "en" else "问的是不是同一件事") in said(test)
    check(test)
    (dataset,) = workspace.datasets()
    assert (dataset.task, dataset.read_columns) == ("text_pair", ("question 1", "question 2"))
    assert ("40 pairs of texts" if lang == "en" else "40 对") in said(test)


def test_both_texts_and_their_order_are_chosen_in_the_address(open_page: OpenPage, workspace: Workspace) -> None:
    upload = questions(workspace, ("0.5", "2.25", "4.5", "3.75"), "match")
    test = open_page("data", upload=upload.sha256, task="pair_score", first="question 2", label="match")
    assert test.selectbox(key="select_second").value == "question 1"
    check(test)
    (dataset,) = workspace.datasets()
    assert (dataset.task, dataset.read_columns) == ("pair_score", ("question 2", "question 1"))
    assert "half of the pairs are below" in said(test)


def test_a_column_is_not_compared_with_itself(open_page: OpenPage, workspace: Workspace) -> None:
    test = open_page("data", upload=questions(workspace).sha256, first="question 1", second="question 1")
    assert "same column" in test.warning[0].value
    assert test.button(key="check_data").disabled


def test_a_second_text_that_cannot_be_guessed_is_asked_for(open_page: OpenPage, workspace: Workspace) -> None:
    rows = "".join(f"where is my parcel number {i},{i},{'ab'[i % 2]}\n" for i in range(30))
    upload = workspace.receive_upload(io.BytesIO(b"question,number,kind\n" + rows.encode()), "questions.csv")
    test = open_page("data", upload=upload.sha256, task="text_pair")
    assert test.selectbox(key="select_second").value is None
    assert "Choose both columns" in test.info[0].value
    assert test.button(key="check_data").disabled


def test_two_columns_are_no_pair(open_page: OpenPage, workspace: Workspace) -> None:
    rows = "".join(f"where is my parcel number {i},{'ab'[i % 2]}\n" for i in range(30))
    upload = workspace.receive_upload(io.BytesIO(b"question,kind\n" + rows.encode()), "questions.csv")
    test = open_page("data", upload=upload.sha256, task="text_pair")
    assert test.multiselect(key="select_text").value == ["question"]
    assert not any("two texts" in option for option in test.segmented_control(key="select_task").options)


@pytest.fixture
def pairs(workspace: Workspace) -> Dataset:
    return workspace.add_dataset(questions(workspace))


def test_rows_show_both_texts_under_the_names_of_their_columns(open_page: OpenPage, pairs: Dataset) -> None:
    test = open_page("data", lang="zh_CN", dataset=pairs.id, view="rows")
    assert not test.exception
    table = test.dataframe[0].value
    assert table["text"].iloc[0] == "where is my parcel number 0"
    assert table["second_text"].iloc[0] == "when does parcel 0 arrive today"
    assert "question 1 ⇄ question 2 → same" in said(test)
