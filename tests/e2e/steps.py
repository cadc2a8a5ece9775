"""What every journey does again and again."""

import re

from playwright.sync_api import Locator, Page, expect

from core.i18n import gettext as _


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(re.escape(name)))


def assert_no_error(page: Page) -> None:
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlertContentError").count() == 0


def start_training(page: Page, preset: str) -> None:
    """From a data set's page to its run, with the dial at `preset`."""
    page.locator(".st-key-train_model button").click()
    chosen = page.locator(f".st-key-choose_{preset} button")
    expect(chosen).to_be_visible()
    if chosen.is_enabled():
        chosen.click()
        expect(chosen).to_be_disabled()
    button(page, _("Start training")).click()
    page.wait_for_url(re.compile(r"/runs\?.*job=\d+"))


def cells(page: Page, table: str, column: int) -> list[str]:
    """What stands in a column (from 1) of the table that is named `table` to screen readers; only of rows in sight."""
    shown = page.get_by_role("region", name=table)
    shown.scroll_into_view_if_needed()
    found = shown.locator(f"[role=gridcell][aria-colindex='{column}']")
    expect(found.first).to_be_attached()
    return found.all_text_contents()
