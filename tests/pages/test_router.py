"""Seven pages, two languages, one switch that keeps the page."""

import pytest
from streamlit.testing.v1 import AppTest

from core.settings import PROJECT_DIR
from core.workspace import Workspace
from pages.components import keys
from pages.components.navigation import FILES
from tests.pages.conftest import OpenPage


@pytest.mark.parametrize("lang", ["en", "zh_CN"])
@pytest.mark.parametrize("page", FILES)
def test_every_page_opens_on_an_empty_workspace(open_page: OpenPage, page: str, lang: str) -> None:
    test = open_page(page, lang=lang)
    assert not test.exception
    assert not test.error
    assert test.title[0].value.isascii() == (lang == "en")


@pytest.mark.parametrize(
    ("lang", "url_lang", "title"),
    [
        ("en", "", "Welcome to Tunedesk"),
        ("zh_CN", "", "欢迎使用 Tunedesk"),
        ("en", "zh_CN", "欢迎使用 Tunedesk"),
        ("zh_CN", "en", "Welcome to Tunedesk"),
        ("zh_CN", "xx", "欢迎使用 Tunedesk"),
    ],
)
def test_the_url_decides_the_language_and_else_the_browser(
    open_page: OpenPage, lang: str, url_lang: str, title: str
) -> None:
    assert open_page(lang=lang, url_lang=url_lang).title[0].value == title


def test_the_switch_keeps_page_and_query_and_is_written_into_the_url(open_page: OpenPage) -> None:
    test = open_page("data", upload="0" * 64)
    assert test.title[0].value == "Data"
    test.segmented_control(key=keys.LANGUAGE_SWITCH).set_value("zh_CN").run()
    assert test.title[0].value == "数据"
    assert test.query_params["upload"] == "0" * 64
    assert test.query_params["lang"] == "zh_CN"


def test_two_sessions_of_one_process_read_different_languages(open_page: OpenPage) -> None:
    english, chinese = open_page(lang="en"), open_page(lang="zh_CN")
    assert english.run().title[0].value == "Welcome to Tunedesk"
    assert chinese.run().title[0].value == "欢迎使用 Tunedesk"


def test_the_launcher_leads_to_the_router(workspace: Workspace) -> None:
    test = AppTest.from_file(str(PROJECT_DIR / "app.py"), default_timeout=60).run()
    assert not test.exception
    assert test.title[0].value == "Welcome to Tunedesk"
    assert test.segmented_control(key=keys.LANGUAGE_SWITCH)


def test_our_own_errors_become_an_apology_with_a_log_number(caplog: pytest.LogCaptureFixture) -> None:
    def script() -> None:
        import app

        assert app.apologise(ZeroDivisionError("secret detail"))

    test = AppTest.from_function(script).run()
    shown = test.error[0].value
    number = caplog.records[-1].getMessage().split()[-1]
    assert number in shown
    assert "secret detail" not in shown
    assert caplog.records[-1].exc_info
