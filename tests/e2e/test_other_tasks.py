"""Tables of scores and of stars as a person takes them through every screen, in both languages. Real weights and worker."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core import i18n
from core.i18n import gettext as _
from core.settings import PROJECT_DIR
from tests.e2e.steps import assert_no_error, button, start_training

pytestmark = [
    pytest.mark.browser,
    pytest.mark.weights,
    pytest.mark.xdist_group("browser"),
    pytest.mark.timeout(540),
    pytest.mark.usefixtures("language"),
]

N_ROWS = 150
TRAINING_MS = 240_000  # generous: the machine may be busy


def part_of(sample: str, folder: Path) -> Path:
    with (PROJECT_DIR / "data" / "samples" / sample / "data.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[: N_ROWS + 1]
    path = folder / f"{sample}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def upload(page: Page, server: str, file: Path) -> None:
    page.goto(f"{server}/data")
    page.locator(".st-key-uploader_table input[type=file]").set_input_files(file)
    expect(page.locator(".st-key-check_data button")).to_be_visible(timeout=60_000)


def learn(page: Page) -> None:
    page.locator(".st-key-check_data button").click()
    expect(page.locator(".st-key-train_model button")).to_be_visible(timeout=60_000)
    start_training(page, "quick")
    button(page, _("See the report")).click(timeout=TRAINING_MS)
    page.wait_for_url(re.compile(r"/report\?.*model=\d+"))


def test_scores_are_learned_tried_and_filled_in(page: Page, server: str, tmp_path: Path) -> None:
    file = part_of("ratings", tmp_path)
    upload(page, server, file)
    expect(
        page.get_by_role("radio", name=_("A score (a number)")).or_(button(page, _("A score (a number)"))).first
    ).to_be_visible()
    learn(page)
    expect(page.get_by_text(_("Answers against true scores"))).to_be_visible(timeout=30_000)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=30_000)
    assert_no_error(page)

    page.locator(".st-key-report_try button").click()
    page.get_by_role("textbox", name=_("Text"), exact=True).fill("I love this camera, the pictures are excellent.")
    button(page, _("Answer")).click()
    expect(page.get_by_text(re.compile(r"^-?\d(\.\d+)?$")).first).to_be_visible(timeout=30_000)
    assert_no_error(page)

    page.locator(".st-key-try_score button").click()
    page.locator(".st-key-uploader_score_file input[type=file]").set_input_files(file)
    page.locator(".st-key-score_start button").click()
    with page.expect_download(timeout=TRAINING_MS) as started:
        page.locator("[class*=st-key-download_scored_] button").click(timeout=TRAINING_MS)
    started.value.save_as(tmp_path / "scored")
    expect(page.get_by_text(_("Mean score")).first).to_be_visible()
    with (tmp_path / "scored").open(encoding="utf-8-sig", newline="") as scored:
        rows = list(csv.reader(scored))
    assert len(rows) == N_ROWS + 1
    assert [name.split(" 2")[0] for name in rows[0][2:]] == [_("score"), _("at least"), _("at most")]


def test_stars_are_learned_in_their_order(page: Page, server: str, tmp_path: Path) -> None:
    upload(page, server, part_of("stars", tmp_path))
    scale = _("A category of a scale (such as stars)")
    page.get_by_role("radio", name=scale).or_(button(page, scale)).first.click()
    page.wait_for_url(re.compile(r"task=ordered_categories"))
    learn(page)
    steps = {"en": "An answer is off by", "zh_CN": "答案平均相差"}[i18n.language()]
    expect(page.get_by_text(steps).first).to_be_visible(timeout=30_000)
    assert_no_error(page)
