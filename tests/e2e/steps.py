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
    expect(chosen).to_be_visible(timeout=30_000)
    if chosen.is_enabled():
        chosen.click()
        expect(chosen).to_be_disabled(timeout=30_000)
    button(page, _("Start training")).click()
    page.wait_for_url(re.compile(r"/runs\?.*job=\d+"))
