"""From a file to a checked dataset, and back to the same view from its URL."""

import pytest
from streamlit.testing.v1 import AppTest

from core.workspace import Workspace
from pages.components import keys
from tests.pages.conftest import OpenPage

pytestmark = pytest.mark.usefixtures("in_this_process")

COMPLAINTS = [
    "the parcel never came",
    "my parcel arrived broken",
    "where is the parcel",
    "the parcel is three days late",
]
PAYMENTS = [
    "I was charged twice",
    "the card was refused at checkout",
    "please refund my payment",
    "the invoice is wrong",
]


def table(n_each: int = 12) -> bytes:
    """Two categories of different texts, one blank row, one doubled row, and Chinese category names."""
    rows = [f"{text} number {n},快递" for n in range(n_each) for text in COMPLAINTS]
    rows += [f"{text} number {n},付款" for n in range(n_each) for text in PAYMENTS]
    rows += [",快递", rows[0]]
    return ("text,category\n" + "\n".join(rows) + "\n").encode("gb18030")


def upload(open_page: OpenPage, content: bytes, filename: str = "tickets.csv", lang: str = "en") -> AppTest:
    test = open_page("data", lang=lang)
    test.file_uploader[0].upload(filename, content)
    return test.run()


@pytest.mark.parametrize(("lang", "check"), [("en", "Check my data"), ("zh_CN", "检查数据")])
def test_a_file_is_read_confirmed_and_checked(open_page: OpenPage, workspace: Workspace, lang: str, check: str) -> None:
    test = upload(open_page, table(), lang=lang)
    assert not test.exception
    assert test.title[0].value == "tickets\\.csv"
    assert test.selectbox(key="select_encoding").value == "gb18030"
    assert test.multiselect(key="select_text").value == ["text"]
    assert test.selectbox(key="select_label").value == "category"
    assert test.button(key="check_data").label == check

    test.button(key="check_data").click().run()

    dataset = workspace.datasets()[0]
    assert test.query_params["dataset"] == dataset.id
    assert dict(dataset.label_counts) == {"快递": 48, "付款": 48}
    assert dataset.n_set_aside == 2
    assert not test.button(key="train_model").disabled


def test_the_uploader_lets_go_of_a_file_once_it_is_in_the_workspace(open_page: OpenPage) -> None:
    test = upload(open_page, table())
    assert test.query_params["upload"]
    test.button(key="another_file").click().run()
    assert "upload" not in test.query_params
    assert test.file_uploader[0].value is None


def test_a_refresh_restores_upload_and_choices(open_page: OpenPage) -> None:
    first = upload(open_page, table())
    first.selectbox(key="select_header").set_value(0).run()
    first.selectbox(key="select_delimiter").set_value("semicolon").run()
    query = {name: first.query_params[name] for name in ("upload", "header", "delimiter")}
    assert (query["header"], query["delimiter"]) == ("0", "semicolon")

    second = open_page("data", **query)

    assert second.title[0].value == "tickets\\.csv"
    assert second.selectbox(key="select_header").value == 0
    assert second.selectbox(key="select_delimiter").value == "semicolon"


def test_guess_again_drops_every_choice(open_page: OpenPage) -> None:
    test = upload(open_page, table())
    test.selectbox(key="select_header").set_value(0).run()
    test.button(key="guess_again").click().run()
    assert "header" not in test.query_params
    assert test.selectbox(key="select_header").value == 1


def test_the_same_column_twice_cannot_be_checked(open_page: OpenPage) -> None:
    test = upload(open_page, table())
    test.selectbox(key="select_label").set_value("text").run()
    assert test.warning[0].value.startswith("Text and category are the same column")
    assert test.button(key="check_data").disabled


def test_a_file_that_is_no_table_is_refused_with_a_next_step(open_page: OpenPage) -> None:
    test = upload(open_page, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "picture.csv")
    assert not test.exception
    assert "\n" in test.error[0].value, "a hint stands below the message"


def test_an_empty_file_is_refused_once(open_page: OpenPage) -> None:
    test = upload(open_page, b"", "nothing.csv")
    assert "nothing\\.csv is empty" in test.error[0].value
    assert not test.run().error


def test_pasted_cells_become_an_upload(open_page: OpenPage, workspace: Workspace) -> None:
    test = open_page("data")
    cells = table().decode("gb18030").replace(",", "\t")
    test.text_area(key=keys.PASTED).set_value(cells)
    test.button(key="use_pasted").click().run()
    assert test.selectbox(key="select_delimiter").value == "tab"
    test.button(key="check_data").click().run()
    assert workspace.datasets()[0].n_used == 96


def test_a_second_file_becomes_the_exam(open_page: OpenPage, workspace: Workspace) -> None:
    test = upload(open_page, table())
    exam = (
        b"text,category\n"
        + "".join(f"{t} again,快递\n{p} again,付款\n" for t, p in zip(COMPLAINTS, PAYMENTS, strict=True)).encode()
    )
    test.file_uploader[0].upload("exam.csv", exam)
    test.run()
    assert test.query_params["exam"]
    test.button(key="check_data").click().run()
    dataset = workspace.datasets()[0]
    assert dataset.exam_upload is not None
    assert dataset.exam_upload.filename == "exam.csv"
    assert dataset.split_sizes["exam"] == 8


def test_blocking_findings_stop_the_start_with_the_reason(open_page: OpenPage, workspace: Workspace) -> None:
    one_category = ("text,category\n" + "".join(f"{text} {n},快递\n" for n in range(9) for text in COMPLAINTS)).encode()
    test = upload(open_page, one_category)
    if test.selectbox(key="select_label").value is None:
        test.selectbox(key="select_label").set_value("category").run()
    test.button(key="check_data").click().run()
    assert workspace.datasets()[0].blocking_findings
    assert test.button(key="train_model").disabled
    assert test.error[0].value.startswith("**Training cannot start yet.**")


def test_findings_load_their_rows_only_when_opened(open_page: OpenPage, workspace: Workspace) -> None:
    test = upload(open_page, table())
    test.button(key="check_data").click().run()
    dataset = workspace.datasets()[0]
    assert not any("row" in frame.value for frame in test.dataframe)
    test.session_state[f"rows_{dataset.id}_blank_text"] = True
    test.run()
    shown = next(frame.value for frame in test.dataframe if "row" in frame.value)
    assert shown["text"].tolist() == [""]


def test_set_aside_rows_are_looked_at_and_downloadable(open_page: OpenPage, workspace: Workspace) -> None:
    test = upload(open_page, table())
    test.button(key="check_data").click().run()
    dataset = workspace.datasets()[0]
    test.button(key="see_set_aside").click().run()
    assert not test.exception
    assert (test.query_params["view"], test.query_params["which"]) == ("rows", "aside")
    assert test.query_params["dataset"] == dataset.id
    assert workspace.set_aside_csv(dataset.id).count(b"\n") == 3


def test_user_text_is_never_markdown(open_page: OpenPage, workspace: Workspace) -> None:
    image = "![x](http://127.0.0.1:9/x.png)"
    content = "text,category\n" + "".join(
        f"{text} {n},{image}\n{pay} {n},付款\n"
        for n in range(9)
        for text, pay in zip(COMPLAINTS, PAYMENTS, strict=True)
    )
    test = upload(open_page, content.encode(), f"{image[:4]}.csv")
    test.button(key="check_data").click().run()
    assert image in workspace.datasets()[0].label_counts
    rendered = [*test.markdown, *test.caption, *test.title, *test.header, *test.error, *test.warning]
    assert not [element.value for element in rendered if "![" in element.value]


def test_an_unknown_dataset_says_so_and_offers_the_start(open_page: OpenPage) -> None:
    test = open_page("data", dataset="ffffffffffff")
    assert "ffffffffffff" in test.error[0].value
    assert test.file_uploader


def test_delete_asks_first_and_then_forgets(open_page: OpenPage, workspace: Workspace) -> None:
    test = upload(open_page, table())
    test.button(key="check_data").click().run()
    test.button(key="delete_dataset").click().run()
    assert any("cannot be undone" in markdown.value for markdown in test.markdown)
    assert len(workspace.datasets()) == 1
