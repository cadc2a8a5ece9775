"""Seven pages, two languages, one switch that keeps the page."""

import pytest

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


def test_first_language_is_the_browsers_and_the_url_wins_over_it(open_page: OpenPage) -> None:
    assert open_page(lang="zh_CN").title[0].value == "欢迎使用 Tunedesk"
    assert open_page(lang="en").title[0].value == "Welcome to Tunedesk"


def test_language_in_the_url_wins_over_the_browser(open_page: OpenPage) -> None:
    test = open_page(lang="zh_CN")
    assert "lang" not in test.query_params
    chosen = open_page("home", lang="en")
    chosen.query_params["lang"] = "zh_CN"
    del chosen.session_state[keys.LANGUAGE]
    assert chosen.run().title[0].value == "欢迎使用 Tunedesk"


def test_the_switch_keeps_page_and_query_and_is_written_into_the_url(open_page: OpenPage) -> None:
    test = open_page("data", upload="0" * 64)
    assert test.title[0].value == "Data"
    test.segmented_control(key=keys.LANGUAGE_SWITCH).set_value("zh_CN").run()
    assert test.title[0].value == "数据"
    assert test.query_params["upload"] == "0" * 64
    assert test.query_params["lang"] == "zh_CN"


def test_a_wrong_language_in_the_url_is_ignored(open_page: OpenPage) -> None:
    test = open_page("home", lang="zh_CN")
    test.query_params["lang"] = "xx"
    del test.session_state[keys.LANGUAGE]
    assert test.run().title[0].value == "欢迎使用 Tunedesk"
