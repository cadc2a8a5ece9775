"""A table whose texts have several categories at once, as a person meets it: brought, looked at, corrected."""

import io
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.dataset import Dataset
from core.domain.rows import TableRow
from core.workspace import Workspace
from pages.components import keys
from pages.components.category_sets import label_from, names_in
from pages.components.row_filters import rows_in_url
from pages.components.row_grid import Staged
from tests.pages.conftest import OpenPage
from tests.pages.several_seeds import TOPICS, as_cells, as_columns

pytestmark = pytest.mark.usefixtures("in_this_process")


def said(test: AppTest) -> str:
    return " ".join(element.value for element in (*test.markdown, *test.caption, *test.subheader))


def add(workspace: Workspace, content: bytes, **options: str) -> Dataset:
    return workspace.add_dataset(workspace.receive_upload(io.BytesIO(content), "feedback.csv"), **options)


@pytest.mark.parametrize(("lang", "task"), [("en", "Several categories at once"), ("zh_CN", "同时多个类别")])
def test_cells_with_several_names_are_read_name_by_name(
    open_page: OpenPage, workspace: Workspace, lang: str, task: str
) -> None:
    test = open_page("data", lang=lang)
    test.file_uploader[0].upload("feedback.csv", as_cells(80))
    test.run()
    assert not test.exception
    assert test.segmented_control(key="select_task").value == "several_categories"
    assert test.segmented_control(key="select_task").options[0] == task
    assert "delivery · price" in said(test), "how a cell is read stands below the columns"
    test.selectbox(key="select_between").set_value("bar").run()
    assert test.query_params["between"] == "bar" and "delivery · price" not in said(test)
    test.selectbox(key="select_between").set_value("guessed").run()
    test.button(key="check_data").click().run()
    (dataset,) = workspace.datasets()
    assert (dataset.task, set(dataset.labels)) == ("several_categories", set(TOPICS))
    assert (dataset.profile.n_several, dataset.profile.n_without) == (40, 10)
    assert not test.exception and "40" in said(test)


def test_0_1_columns_are_chosen_together(open_page: OpenPage, workspace: Workspace) -> None:
    test = open_page("data")
    test.file_uploader[0].upload("feedback.csv", as_columns(80))
    test.run()
    assert test.multiselect(key="select_label").value == list(TOPICS)
    test.multiselect(key="select_label").set_value(["delivery", "price"]).run()
    test.button(key="check_data").click().run()
    (dataset,) = workspace.datasets()
    assert (dataset.label_columns, dataset.labels) == (("delivery", "price"), ("delivery", "price"))
    test = open_page("data", upload=dataset.upload.sha256, task="text_classification", label="quality")
    assert test.selectbox(key="select_label").value == "quality", "one of them may be learned alone"


def test_a_table_that_was_taken_for_plain_sorting_can_be_brought_again(
    open_page: OpenPage, workspace: Workspace
) -> None:
    dataset = add(workspace, as_cells(80), task="text_classification")
    test = open_page("data", dataset=dataset.id)
    test.button(key=next(b.key for b in test.button if str(b.key).startswith("learn_several"))).click().run()
    assert (test.query_params["task"], test.query_params["label"]) == ("several_categories", "topics")
    assert test.multiselect(key="select_label").value == ["topics"]


def test_a_category_is_left_out_of_all_rows(open_page: OpenPage, workspace: Workspace) -> None:
    dataset = add(workspace, as_cells(80))
    test = open_page("data", dataset=dataset.id)
    test.session_state["change_categories"] = True
    test.run()
    test.multiselect(key=f"{keys.CATEGORIES_CHOSEN}_{dataset.id}").set_value(["price"]).run()
    assert "none_of_these_categories" not in [button.key for button in test.button]
    test.button(key="leave_out_labels_categories").click().run()
    newest = workspace.datasets()[0]
    assert (set(newest.labels), newest.n_used) == ({"delivery", "quality"}, 80)
    assert newest.profile.n_without == 20


@pytest.mark.parametrize(("lang", "none"), [("en", "none of the categories"), ("zh_CN", "不属于任何类别")])
def test_rows_are_filtered_by_one_category(open_page: OpenPage, workspace: Workspace, lang: str, none: str) -> None:
    dataset = add(workspace, as_columns(80))
    test = open_page("data", lang=lang, dataset=dataset.id, view="rows", category="price")
    cells = next(frame.value for frame in test.dataframe if "ticked" in frame.value)["label"]
    assert len(cells) == 40 and all("price" in cell for cell in cells)
    test = open_page("data", lang=lang, dataset=dataset.id, view="rows", category="|")
    cells = next(frame.value for frame in test.dataframe if "ticked" in frame.value)["label"]
    assert len(cells) == 10 and cells.tolist()[0] == [none]


def test_rows_that_a_report_names_are_opened_and_all_come_back(open_page: OpenPage, workspace: Workspace) -> None:
    dataset = add(workspace, as_columns(80))
    asked = rows_in_url(range(2, 9, 3))
    test = open_page("data", dataset=dataset.id, view="rows", rows=asked + ",x,99999999999", file="practice")
    assert not test.exception
    shown = next(frame.value for frame in test.dataframe if "ticked" in frame.value)
    assert shown["row"].tolist() == [2, 5, 8]
    test.button(key="rows_show_all").click().run()
    assert "rows" not in test.query_params


def test_rows_get_a_set_of_categories_together(open_page: OpenPage, workspace: Workspace) -> None:
    dataset = add(workspace, as_columns(80))
    test = open_page("data", dataset=dataset.id, view="rows", category="|")
    test.multiselect(key=f"{keys.ROWS_GIVE}_{dataset.id}").set_value(["quality", "delivery"]).run()
    test.button(key="rows_give").click().run()
    newest = workspace.datasets()[0]
    assert newest.profile.n_without == 0
    assert workspace.dataset_rows(newest.id, label="delivery").groupby("label").size()["delivery|quality"] == 20


def test_a_changed_cell_becomes_the_label_of_its_set() -> None:
    order = ("a", "b", "c")
    row = TableRow(row=2, file="practice", text="t", label="a|b", split="practice", set_aside="")
    staged = Staged(dataset_id="d", order=order)
    staged.take_over([row], {0: {"label": ["c", "a"]}})
    assert staged.labels == {("practice", 2): "a|c"}
    staged.take_over([row], {0: {"label": ["b", "a"]}})
    assert not staged.labels, "another order is no change"
    staged.take_over([row], {0: {"label": []}})
    assert staged.labels == {("practice", 2): "|"}
    assert label_from(["one|name", order[0]], order) == f"{order[0]}|one/name", "a typed name is one category"
    assert names_in("") == [] and label_from(names_in("|"), order) == "|"
    plain = Staged(dataset_id="d")
    plain.take_over([replace(row, label="a")], {0: {"label": "b"}})
    assert plain.labels == {("practice", 2): "b"}
