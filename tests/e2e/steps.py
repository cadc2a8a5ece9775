"""What every journey does again and again."""

import re

from playwright.sync_api import Locator, Page


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(re.escape(name)))


def assert_no_error(page: Page) -> None:
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlertContentError").count() == 0
