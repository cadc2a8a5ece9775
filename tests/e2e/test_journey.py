"""The main journey as a person takes it, in both languages: from two files to a scored table.

Real weights, a real worker, a real browser. Texts are looked up in the catalogs, so a missing translation fails here too.
"""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

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

SAMPLES = PROJECT_DIR / "data" / "samples"
TRAINING_MS = 240_000  # generous: the machine may be busy


@pytest.fixture
def products_xlsx(tmp_path: Path) -> Path:
    """600 English sentences of reviews in Excel, with a column that could be taken for the category."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ticket", "review", "status", "opinion"])
    for i, row in enumerate(sample_rows("products")[:600]):
        sheet.append([f"T-{i:05d}", row["review"], ("open", "closed", "waiting")[i % 3], row["opinion"]])
    book.save(tmp_path / "products.xlsx")
    return tmp_path / "products.xlsx"


@pytest.fixture
def reviews_gb18030(tmp_path: Path) -> Path:
    """Chinese reviews as Excel in China exports them."""
    rows = sample_rows("reviews")[:200]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    (tmp_path / "评论.csv").write_bytes(out.getvalue().encode("gb18030"))
    return tmp_path / "评论.csv"


def sample_rows(name: str) -> list[dict[str, str]]:
    with (SAMPLES / name / "data.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_from_two_files_to_a_scored_table(
    page: Page, server: str, products_xlsx: Path, reviews_gb18030: Path, tmp_path: Path
) -> None:
    page.goto(server)
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    upload(page, server, products_xlsx)
    choose(page, "select_label", "opinion")  # the guess may be the status column: say which one counts
    check_data(page)
    expect(page.get_by_text("review → opinion")).to_be_visible()
    start_training(page, "balanced")
    first_job = page.url
    assert "job=" in first_job

    upload(page, server, reviews_gb18030)
    expect(page.get_by_text("GB18030").first).to_be_visible()
    check_data(page)
    start_training(page, "balanced")
    button(page, _("Cancel and delete")).click()
    page.locator(".st-key-cancel_yes button").click()
    expect(page.get_by_text(_("Cancelled")).first).to_be_visible()

    page.goto(first_job)
    watch_the_curve_move(page)
    page.reload()
    expect(page.locator(".js-plotly-plot")).to_be_visible()
    assert scale_of(page.locator(".js-plotly-plot")) == "log"  # the browser remembers
    assert page.url == first_job
    button(page, _("Stop and keep the best")).click()
    button(page, _("See the report")).click(timeout=TRAINING_MS)

    read_the_report(page)
    try_a_text(page)
    score_a_file(page, products_xlsx, tmp_path)
    find_it_in_the_history(page, server)


def upload(page: Page, server: str, file: Path) -> None:
    page.goto(f"{server}/data")
    page.locator(".st-key-uploader_table input[type=file]").set_input_files(file)
    expect(page.locator(".st-key-check_data button")).to_be_visible()


def choose(page: Page, key: str, option: str) -> None:
    """Pick a column of a selectbox, which adds what it holds, and wait until the page has taken it in."""
    named = re.compile(rf"^{re.escape(option)}( · .*)?$")
    box = page.locator(f".st-key-{key}")
    box.locator("input").click()
    page.get_by_role("option", name=named).click()
    expect(box.locator("input").first).to_have_value(named)


def check_data(page: Page) -> None:
    button = page.locator(".st-key-check_data button")
    expect(button).to_be_enabled()
    button.click()
    expect(page.locator(".st-key-train_model button")).to_be_visible()


def watch_the_curve_move(page: Page) -> None:
    """Points are added to one and the same chart node while nothing is loaded anew."""
    chart = page.locator(".js-plotly-plot")
    expect(chart).to_be_visible(timeout=TRAINING_MS)
    wait_for(page, lambda: n_points(chart) >= 3, TRAINING_MS)
    page.evaluate("document.querySelector('.js-plotly-plot').dataset.mark = 'the same node'")
    before = n_points(chart)
    wait_for(page, lambda: n_points(chart) > before + 3, 90_000)
    draw_it_otherwise(page)
    assert chart.get_attribute("data-mark") == "the same node"


def draw_it_otherwise(page: Page) -> None:
    """By the keyboard: the loss on a logarithmic scale, and more curves below."""
    chart, controls = page.locator(".js-plotly-plot").first, page.locator(".live-chart-controls")
    controls.locator("input[value=linear]").focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, lambda: scale_of(chart) == "log", 10_000)
    controls.locator("input[type=checkbox]").focus()
    page.keyboard.press("Space")
    titles = [_("Learning rate"), _("Length of the gradient")]
    wait_for(page, lambda: [row for row in rows_of(chart) if row in titles] == titles, 10_000)


def scale_of(chart: Locator) -> str:
    return str(chart.evaluate("node => node.layout.yaxis.type"))


def rows_of(chart: Locator) -> list[str]:
    return list(chart.evaluate("node => node.layout.annotations.map(row => row.text)"))


def n_points(chart: Locator) -> int:
    return int(chart.evaluate("node => node.data[0].x.length"))


def wait_for(page: Page, condition: Callable[[], bool], timeout_ms: float) -> None:
    for _attempt in range(int(timeout_ms / 250)):
        if condition():
            return
        page.wait_for_timeout(250)
    pytest.fail(f"nothing happened within {timeout_ms / 1000:.0f} s at {page.url}:\n{page.inner_text('body')[:2000]}")


def read_the_report(page: Page) -> None:
    page.wait_for_url(re.compile(r"/report\?.*model=\d+"))
    expect(page.get_by_text("%").first).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    move_the_slider(page)
    assert_no_error(page)


def move_the_slider(page: Page) -> None:
    """By the keyboard down to nothing and a little up again: the sentence follows, the curve stays the same node; what is
    saved is in use after a reload, until it is taken back."""
    curve = page.locator(".promise-curve")
    expect(curve).to_be_visible()
    curve.evaluate("node => { node.dataset.mark = 'the same node' }")
    page.get_by_role("radio", name=_("Share to automate")).or_(button(page, _("Share to automate"))).first.click()
    slider = page.get_by_role("slider", name=_("Messages to automate, of 100"))
    expect(slider).to_be_visible()
    slider.focus()
    page.keyboard.press("Home")
    nothing = _(
        "Of the next 1,000 messages {auto} go automatic (about {about} wrong, at most {at_most}), {rest} to people."
    ).format(auto=0, about=0, at_most=0, rest="1,000")
    expect(page.get_by_text(nothing)).to_be_visible()
    assert curve.get_attribute("data-mark") == "the same node"
    button(page, _("Save and use it")).click()
    in_use = _("In use now, as you chose: {rule}.").format(rule=_("nothing goes automatic"))
    expect(page.get_by_text(in_use)).to_be_visible()
    page.reload()
    expect(page.get_by_text(nothing).first).to_be_visible()
    button(page, _("Back to training's threshold")).click()
    expect(button(page, _("Back to training's threshold"))).to_have_count(0)


def try_a_text(page: Page) -> None:
    page.locator(".st-key-report_try button").click()
    page.wait_for_url(re.compile(r"/try\?.*model=\d+"))
    box = page.get_by_role("textbox", name=_("Text"), exact=True)
    box.fill("I love this camera, the pictures are excellent.")
    button(page, _("Answer")).click()
    expect(page.get_by_text("positive", exact=True).first).to_be_visible()
    assert_no_error(page)


def score_a_file(page: Page, file: Path, tmp_path: Path) -> None:
    page.locator(".st-key-try_score button").click()
    page.wait_for_url(re.compile(r"/score\?.*model=\d+"))
    page.locator(".st-key-uploader_score_file input[type=file]").set_input_files(file)
    page.locator(".st-key-score_start button").click()
    with page.expect_download(timeout=TRAINING_MS) as started:
        page.locator("[class*=st-key-download_scored_] button").click(timeout=TRAINING_MS)
    out = tmp_path / "scored.xlsx"
    started.value.save_as(out)
    given = list(openpyxl.load_workbook(file).active.values)
    scored = list(openpyxl.load_workbook(out).active.values)
    assert len(scored) == len(given)
    assert [row[:4] for row in scored] == given
    assert scored[0][4:] == (_("category"), _("sure %"), _("action"))
    answers = [row[4] for row in scored[1:]]
    truth = [row[3] for row in given[1:]]
    assert sum(a == t for a, t in zip(answers, truth, strict=True)) / len(truth) > 0.75


def find_it_in_the_history(page: Page, server: str) -> None:
    page.goto(f"{server}/runs")
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    assert_no_error(page)
