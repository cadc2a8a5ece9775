"""Tables of scores, stars, several categories and pairs, taken through every screen in both languages. Real weights, real worker."""

import csv
import re
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect

from core import i18n
from core.i18n import gettext as _
from core.settings import PROJECT_DIR
from core.workspace import Workspace
from tests.e2e.steps import assert_no_error, button, cells, start_training

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
    expect(page.locator(".st-key-check_data button")).to_be_visible()


def choose(page: Page, segment: str) -> None:
    page.get_by_role("radio", name=segment).or_(button(page, segment)).first.click()


def learn(page: Page, workspace: Workspace) -> None:
    """From the preview to the report. The second language finds the same table, and the model that the first has trained."""
    page.locator(".st-key-check_data button").click()
    expect(page.locator(".st-key-train_model button")).to_be_visible()
    address = urlparse(page.url)
    (dataset,) = parse_qs(address.query)["dataset"]
    trained = [model.id for model in workspace.models() if model.dataset_id == dataset]
    if trained:
        page.goto(f"{address.scheme}://{address.netloc}/report?model={trained[0]}")
        return
    start_training(page, "quick")
    button(page, _("See the report")).click(timeout=TRAINING_MS)
    page.wait_for_url(re.compile(r"/report\?.*model=\d+"))


def scored(page: Page, file: Path, folder: Path) -> list[list[str]]:
    """The rows that come back, names of columns first."""
    page.locator(".st-key-uploader_score_file input[type=file]").set_input_files(file)
    page.locator(".st-key-score_start button").click()
    with page.expect_download(timeout=TRAINING_MS) as started:
        page.locator("[class*=st-key-download_scored_] button").click(timeout=TRAINING_MS)
    started.value.save_as(folder / "scored")
    with (folder / "scored").open(encoding="utf-8-sig", newline="") as content:
        return list(csv.reader(content))


def test_scores_are_learned_tried_and_filled_in(page: Page, server: str, workspace: Workspace, tmp_path: Path) -> None:
    file = part_of("ratings", tmp_path)
    upload(page, server, file)
    expect(page.get_by_role("radio", name=_("A score (a number)"))).to_be_checked()
    learn(page, workspace)
    expect(page.get_by_text(_("Answers against true scores"))).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    assert_no_error(page)

    page.locator(".st-key-report_try button").click()
    page.get_by_role("textbox", name=_("Text"), exact=True).fill("I love this camera, the pictures are excellent.")
    button(page, _("Answer")).click()
    expect(page.get_by_text(re.compile(r"^-?\d(\.\d+)?$")).first).to_be_visible()
    assert_no_error(page)

    page.locator(".st-key-try_score button").click()
    rows = scored(page, file, tmp_path)
    expect(page.get_by_text(_("Mean score")).first).to_be_visible()
    assert len(rows) == N_ROWS + 1
    assert [name.split(" 2")[0] for name in rows[0][2:]] == [_("score"), _("at least"), _("at most")]


def test_stars_are_learned_in_their_order(page: Page, server: str, workspace: Workspace, tmp_path: Path) -> None:
    upload(page, server, part_of("stars", tmp_path))
    expect(page.get_by_role("radio", name=_("A category of a scale (such as stars)"))).to_be_checked()
    learn(page, workspace)
    steps = {"en": "An answer is off by", "zh_CN": "答案平均相差"}[i18n.language()]
    expect(page.get_by_text(steps).first).to_be_visible()
    assert_no_error(page)


def test_several_categories_are_learned_tried_and_filled_in(
    page: Page, server: str, workspace: Workspace, tmp_path: Path
) -> None:
    file = part_of("risks", tmp_path)
    upload(page, server, file)
    expect(page.get_by_role("radio", name=_("Several categories at once"))).to_be_checked()
    learn(page, workspace)
    expect(page.get_by_text(_("Exactly right"), exact=True).first).to_be_visible()
    labels = ["Access control", "Availability", "Confidentiality", "Integrity"]
    assert sorted(cells(page, _("Result of each category, weakest first"), 1)) == labels
    assert_no_error(page)

    model_id = int(parse_qs(urlparse(page.url).query)["model"][0])
    page.locator(".st-key-report_try button").click()
    page.get_by_test_id("stForm").get_by_role("textbox", name=_("Text")).fill("Anyone can read the passwords.")
    button(page, _("Answer")).click()
    (prediction,) = workspace.predict_several(model_id, ["Anyone can read the passwords."])
    given = " · ".join(prediction.categories) or _("None of the categories")
    expect(page.get_by_role("heading", name=given, exact=True)).to_be_visible()
    assert_no_error(page)

    page.locator(".st-key-try_score button").click()
    rows = scored(page, file, tmp_path)
    assert [row[:2] for row in rows] == list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    assert [name.split(" 2")[0] for name in rows[0][2:]] == [_("categories"), _("sure %")]
    assert {name for row in rows[1:] for name in row[2].split("|")} <= {*labels, _("none")}


def test_pairs_are_learned_tried_and_matched(page: Page, server: str, workspace: Workspace, tmp_path: Path) -> None:
    file = part_of("jobs", tmp_path)
    upload(page, server, file)
    expect(page.get_by_role("radio", name=_("Whether two texts belong together"))).to_be_checked()
    expect(page.locator(".st-key-select_first input")).to_have_value(re.compile("^job"))
    expect(page.locator(".st-key-select_second input")).to_have_value(re.compile("^task"))
    learn(page, workspace)
    expect(page.get_by_text("%").first).to_be_visible()
    assert_no_error(page)

    page.locator(".st-key-report_try button").click()
    form = page.get_by_test_id("stForm")
    form.get_by_role("textbox", name="job").fill("Nurses")
    form.get_by_role("textbox", name="task").fill("Give medicine to patients and watch how they feel.")
    button(page, _("Answer")).click()
    expect(page.get_by_text(re.compile("^(yes|no)$")).first).to_be_visible()
    assert_no_error(page)

    choose(page, _("Best matches"))
    page.wait_for_url(re.compile(r"ask=matches"))
    expect(button(page, _("Find the best matches"))).to_be_visible()
    form.get_by_role("textbox", name="job").fill("Nurses")
    button(page, _("Find the best matches")).click()
    found = cells(page, _("The texts that go best with this one, the best first"), 2)
    content = file.read_text(encoding="utf-8").replace('""', '"')
    assert found
    assert all(task in content for task in found)
    assert_no_error(page)
