"""A messy table as an office in China exports it: read, repaired, half undone, trained, and the repairs replayed on the
next month's file. In Chinese, because its fixtures are; the journey of `test_journey` goes through both languages.
"""

import csv
import io
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core import i18n
from core.i18n import gettext as _
from core.settings import PROJECT_DIR
from tests.e2e.steps import assert_no_error, button, start_training

pytestmark = [pytest.mark.browser, pytest.mark.weights, pytest.mark.timeout(540)]

REVIEWS = PROJECT_DIR / "data" / "samples" / "reviews" / "data.csv"


@pytest.fixture(autouse=True)
def in_chinese() -> Iterator[None]:
    with i18n.speaking("zh_CN"):
        yield


@pytest.fixture
def months(tmp_path: Path) -> tuple[Path, Path]:
    """Two months of the same export, as Excel writes .csv in China, with the same kinds of faults."""
    with REVIEWS.open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["评论"], row["情感"]) for row in csv.DictReader(file)]
    paths = tmp_path / "十月.csv", tmp_path / "十一月.csv"
    for number, path in enumerate(paths):
        path.write_bytes(messy(rows[number * 300 : (number + 1) * 300], seed=number).encode("gb18030"))
    return paths


def messy(rows: list[tuple[str, str]], seed: int) -> str:
    """Title rows above the names; split categories, missing ones, copies, contradictions, phone numbers and HTML below."""
    draw = random.Random(seed)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["客户评论导出"])
    writer.writerow([f"2026年{10 + seed}月"])
    writer.writerow(["工单号", "客户留言", "情感"])
    table = []
    for i, (text, label) in enumerate(rows):
        if i % 12 == 0:
            label = {"正面": "正 面", "负面": "负面　"}[label]
        elif i % 31 == 0:
            label = draw.choice(["无", "N/A"])
        if i % 15 == 0:
            text += f" 我的电话是138{draw.randint(10**7, 10**8 - 1)}。"
        if i % 20 == 0:
            text = f"<p>{text}<br/>谢谢</p>"
        table.append([f"G{seed}{i:05d}", text, label])
    for i in range(6):
        table.append([f"G{seed}9{i:04d}", table[i * 7 + 1][1], table[i * 7 + 1][2]])
        table.append([f"G{seed}8{i:04d}", rows[i * 5 + 2][0], {"正面": "负面", "负面": "正面"}[rows[i * 5 + 2][1]]])
        table.append([f"G{seed}7{i:04d}", f"您好，{rows[i * 9 + 4][0]}！！", rows[i * 9 + 4][1]])
    writer.writerows(table)
    return out.getvalue()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}, accept_downloads=True)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def test_a_messy_table_is_repaired_trained_on_and_the_repairs_are_replayed(
    page: Page, server: str, months: tuple[Path, Path], tmp_path: Path
) -> None:
    october, november = months
    check(page, server, october)
    for code in CODES:
        fix(page, code)
    expect(segment(page, _("Repairs ({n})").format(n=6))).to_be_visible()

    segment(page, _("Repairs ({n})").format(n=6)).click()
    undo(page, 5)
    undo(page, 2)
    expect(segment(page, _("Repairs ({n})").format(n=4))).to_be_visible(timeout=60_000)
    with page.expect_download() as started:
        page.locator(".st-key-export_repairs").get_by_role("button").first.click()
    repairs = tmp_path / "repairs.json"
    started.value.save_as(repairs)
    kept = [one["name"] for one in json.loads(repairs.read_text(encoding="utf-8"))["operations"]]
    assert kept == [name for position, name in enumerate(CODES.values(), start=1) if position not in (2, 5)]

    train_quick(page)

    check(page, server, november)
    expect(page.locator(".st-key-replay_offer")).to_be_visible()  # October's repairs are offered by themselves
    segment(page, _("Repairs")).click()
    page.locator(".st-key-replay_part summary").click()
    page.locator(".st-key-uploader_replay input[type=file]").set_input_files(repairs)
    expect(page.locator(".st-key-done")).to_be_visible(timeout=60_000)
    expect(segment(page, _("Repairs ({n})").format(n=4))).to_be_visible(timeout=60_000)
    effects = page.locator(".st-key-repair_list").inner_text()
    assert _("It found nothing to change.") not in effects  # each kind of fault is in both months
    assert_no_error(page)


#: What is mended, in this order: the finding and the repair that its first button makes.
CODES = {
    "similar_labels": "merge_labels",
    "no_value_labels": "blank_labels",
    "conflicting_labels": "resolve_conflicts",
    "markup": "strip_markup",
    "personal_data": "mask_personal_data",
    "near_duplicates": "drop_near_duplicates",
}


def check(page: Page, server: str, file: Path) -> None:
    """Upload, look at the preview, and have every row checked."""
    page.goto(f"{server}/data")
    page.locator(".st-key-uploader_table input[type=file]").set_input_files(file)
    expect(page.locator(".st-key-check_data button")).to_be_enabled(timeout=60_000)
    expect(page.get_by_text("GB18030").first).to_be_visible()
    page.locator(".st-key-check_data button").click()
    expect(page.locator(".st-key-train_model button")).to_be_visible(timeout=60_000)
    assert_no_error(page)


def fix(page: Page, code: str) -> None:
    """The first way to mend a finding; the page then stands on the new version."""
    before = version(page.url)
    page.locator(f"[class*=st-key-ways_][class*=_{code}] button").first.click()
    page.wait_for_url(lambda url: version(url) != before, timeout=60_000)
    expect(page.locator(".st-key-done")).to_be_visible()
    expect(page.locator(f"[class*=st-key-ways_][class*=_{code}]")).to_have_count(0)


def undo(page: Page, position: int) -> None:
    before = version(page.url)
    page.locator(f".st-key-undo_{before}_{position} button").click()
    page.wait_for_url(lambda url: version(url) != before, timeout=60_000)


def version(url: str) -> str:
    """The dataset that the address names."""
    return parse_qs(urlparse(url).query)["dataset"][0]


def train_quick(page: Page) -> None:
    start_training(page, "quick")
    button(page, _("See the report")).click(timeout=240_000)
    page.wait_for_url(re.compile(r"/report\?.*model=\d+"))
    expect(page.get_by_text("%").first).to_be_visible()


def segment(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name, exact=True)
