"""What a person is told about a file before it is checked, and every other way to read it, in one click."""

import io
import zipfile

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from core.domain.dataset import Column, ColumnRole, TableFormat, TablePreview, Understanding
from core.domain.message import msg
from core.workspace import Workspace
from pages.components import reading
from tests.pages.conftest import OpenPage
from tests.pages.data_seeds import tickets

pytestmark = pytest.mark.usefixtures("in_this_process")


def upload(open_page: OpenPage, content: bytes, filename: str, lang: str = "en") -> AppTest:
    test = open_page("data", lang=lang)
    test.file_uploader[0].upload(filename, content)
    return test.run()


def workbook() -> bytes:
    """Two sheets; a title above the names, and a department that stands in merged cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Tickets"
    sheet.append(["Support tickets, October"])
    sheet.append([])
    sheet.append(["Department", "Message"])
    for start, department in ((4, "Delivery"), (24, "Payments")):
        for n in range(20):
            sheet.append([department if n == 0 else None, f"This is what customer {n} wrote to {department} today."])
        sheet.merge_cells(start_row=start, start_column=1, end_row=start + 19, end_column=1)
    book.create_sheet("Notes").append(["only", "a note"])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_workbook_is_read_another_way_in_one_click(open_page: OpenPage, workspace: Workspace) -> None:
    test = upload(open_page, workbook(), "tickets.xlsx")
    assert not test.exception
    fill_down = next(button for button in test.button if button.label == "Fill down")
    fill_down.click().run()
    assert (test.query_params["merged"], test.query_params["sheet"]) == ("yes", "Tickets")
    assert test.selectbox(key="select_merged").value == "yes"

    test.selectbox(key="select_header").set_value(3).run()
    label = test.selectbox(key="select_label")
    label.set_value(next(option for option in label.options if option.startswith("Department"))).run()
    test.button(key="check_data").click().run()
    assert dict(workspace.datasets()[0].label_counts) == {"Delivery": 20, "Payments": 20}


def test_a_table_inside_an_archive_is_chosen(open_page: OpenPage) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("october.csv", tickets())
        archive.writestr("november.csv", tickets(start=100))
    test = upload(open_page, buffer.getvalue(), "two.zip")
    assert not test.exception
    read, other = test.selectbox(key="select_sheet").value, test.selectbox(key="select_sheet")
    other.set_value(next(name for name in other.options if name != read)).run()
    assert test.query_params["sheet"] != read
    assert ("100" in test.dataframe[0].value.iloc[0, 0]) == (test.query_params["sheet"] == "november.csv")


def test_every_part_of_a_reading_survives_the_address(open_page: OpenPage) -> None:
    asked = TableFormat(
        encoding="utf-16-le",
        delimiter="",
        header_row=0,
        sheet="a & b",
        smart_quotes=False,
        fill_merged=True,
        joined_column=0,
    )
    for field, parameter in reading.PARAMETERS.items():
        value = getattr(asked, field)
        assert parameter.parse(parameter.write(value)) == value
    assert set(reading.PARAMETERS) == set(TableFormat.__dataclass_fields__)
    for nonsense in ("", "x y", "-1"):
        assert reading.PARAMETERS["header_row"].parse(nonsense) is None


def previewed(understanding: Understanding) -> TablePreview:
    return TablePreview(
        format=TableFormat(encoding="utf-8", delimiter=",", header_row=1),
        sheets=(),
        columns=("title", "body", "grade"),
        rows=(("Late", "It never came", "4.5"),),
        n_rows=1204,
        text_column="body",
        label_column="grade",
        understanding=understanding,
    )


def understanding(task: str, joinable: tuple[str, ...] = ()) -> Understanding:
    roles = (("title", ColumnRole.TEXT), ("body", ColumnRole.TEXT), ("grade", ColumnRole.NUMBER))
    return Understanding(
        columns=tuple(Column(name=name, role=role, n_distinct=9, n_blank=1) for name, role in roles),
        task=task,
        reason=msg("“{column}” holds numbers.", column="grade"),
        sentence=msg("{n} texts in English.", n="1,204"),
        joinable=joinable,
    )


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("text_classification", ""),
        ("score", ""),
        ("several_categories", ""),
        ("text_pair", ""),
        ("unlabeled", "a second column that says the category"),
    ],
)
def test_what_the_table_is_about_stands_first_and_nothing_is_an_error(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, task: str, words: str
) -> None:
    monkeypatch.setattr(Workspace, "preview", lambda *_args, **_kwargs: previewed(understanding(task)))
    for lang in ("en", "zh_CN"):
        test = upload(open_page, f"{task},{lang}\n1,2\n".encode(), "grades.csv", lang)
        assert not test.exception
        assert not test.error
        if lang == "en":
            assert test.subheader[0].value == "1,204 texts in English\\."
            assert words in "\n".join(element.value for element in test.markdown)
    choose = test.multiselect if task == "several_categories" else test.selectbox
    assert choose(key="select_label").options[2].startswith("grade · ")


def test_title_and_body_are_read_together_when_asked(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = previewed(understanding("text_classification", ("title", "body")))
    monkeypatch.setattr(Workspace, "preview", lambda *_args, **_kwargs: shown)
    test = upload(open_page, b"joined\n1\n", "joined.csv")
    assert test.button(key="join_columns").label == "Read “title” and “body” together"
    test.button(key="join_columns").click().run()
    assert test.multiselect(key="select_text").value == ["title", "body"]
    assert test.query_params["text"] == ["title", "body"]
    assert "join_columns" not in {button.key for button in test.button}
    again = open_page("data", upload=test.query_params["upload"], text="title")
    assert again.multiselect(key="select_text").value == ["title"]
