"""What a person does with a finished model: look behind a mix-up, correct a category in place, move the slider, ask what if.

One model for all tests of this file and both languages, trained by the worker on a table with wrong categories in it.
"""

import csv
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from core.domain.model import ModelVersion
from core.domain.recipe import Preset
from core.i18n import gettext as _
from core.i18n import ngettext
from core.settings import PROJECT_DIR
from core.workspace import Workspace
from tests.e2e.steps import assert_no_error, button, cells

pytestmark = [
    pytest.mark.browser,
    pytest.mark.weights,
    pytest.mark.xdist_group("browser"),
    pytest.mark.timeout(540),
    pytest.mark.usefixtures("language"),
]

N_ROWS = 220
WRONG_EVERY = 16  # rows; the category of each of these is turned round
STUDY_MS = 120_000  # generous: the machine may be busy


@pytest.fixture(scope="session")
def model(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> ModelVersion:
    path = tmp_path_factory.mktemp("upload") / "opinions.csv"
    with (PROJECT_DIR / "data" / "samples" / "products" / "data.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))[: N_ROWS + 1]
    other = {"positive": "negative", "negative": "positive"}
    rows = [[text, label if i % WRONG_EVERY else other[label]] for i, (text, label) in enumerate(rows)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    with path.open("rb") as content:
        dataset = workspace.add_dataset(workspace.receive_upload(content, path.name))
    job = workspace.wait(workspace.start_training(dataset.id, workspace.plan(dataset.id, Preset.QUICK).recipe).id)
    assert job.model_id is not None, job
    return workspace.model(job.model_id)


def test_a_mix_up_shows_the_exam_rows_behind_it(
    page: Page, server: str, workspace: Workspace, model: ModelVersion
) -> None:
    wrong = workspace.exam_rows(model.id, wrong_only=True)
    (truth, answer), n = max(wrong.groupby(["label", "predicted"]).size().items(), key=lambda pair: pair[1])
    page.goto(f"{server}/report?model={model.id}")
    page.locator(f".st-key-mix_up_{model.id}_0 button").first.click()
    page.wait_for_url(re.compile(rf"truth={truth}.*answer={answer}|answer={answer}.*truth={truth}"))
    expect(page.get_by_text(ngettext("{n} exam row", "{n} exam rows", n).format(n=n), exact=True)).to_be_visible()
    behind = wrong[(wrong["label"] == truth) & (wrong["predicted"] == answer)]
    assert cells(page, _("Exam rows behind the chosen cell"), 1)[:3] == [str(row) for row in behind["row"][:3]]

    right = workspace.exam_rows(model.id, label=truth, predicted=truth)
    click_cell(page.locator(".js-plotly-plot", has_text=_("Answered")), truth, truth)
    page.wait_for_url(re.compile(rf"answer={truth}"))
    n = len(right)
    expect(page.get_by_text(ngettext("{n} exam row", "{n} exam rows", n).format(n=n), exact=True)).to_be_visible()
    assert_no_error(page)


def click_cell(matrix: Locator, truth: str, answer: str) -> None:
    """With the mouse, where the chart has drawn it."""
    matrix.scroll_into_view_if_needed()
    box = matrix.bounding_box()
    assert box is not None
    x, y = matrix.evaluate(
        """(node, cell) => {
            const at = node.data[2].customdata.findIndex(one => one[0] === cell[0] && one[1] === cell[1])
            const { xaxis, yaxis } = node._fullLayout
            return [xaxis._offset + xaxis.l2p(node.data[2].x[at]), yaxis._offset + yaxis.l2p(node.data[2].y[at])]
        }""",
        [truth, answer],
    )
    matrix.page.mouse.click(box["x"] + x, box["y"] + y)


def test_a_likely_wrong_category_is_corrected_in_place(
    page: Page, server: str, workspace: Workspace, model: ModelVersion
) -> None:
    page.goto(f"{server}/report?model={model.id}")
    start = page.locator(f".st-key-study_start_label_mistakes_{model.id} button")
    change = page.locator("[class*=st-key-label_change_] button")
    expect(start.or_(change).first).to_be_visible()
    if start.count():  # the first language to come here
        start.click()
    change.click(timeout=STUDY_MS)
    n_listed = len(workspace.study(model.id, "label_mistakes").result.mistakes)
    expect(page.get_by_text(_("{n} of {all} checked").format(n=1, all=n_listed))).to_be_visible()
    page.locator(f".st-key-label_apply_{model.id} button").click()
    link = page.get_by_role("link", name=_("The corrected data"))
    expect(link).to_be_visible()
    corrected = workspace.corrected_version(model.dataset_id)
    assert corrected is not None
    expect(link).to_have_attribute("href", re.compile(rf"dataset={corrected.id}"))
    before, after = (workspace.dataset(one).label_counts for one in (model.dataset_id, corrected.id))
    assert sum(abs(after[label] - n) for label, n in before.items()) == 2  # one row moved over

    page.locator(f".st-key-label_undo_{model.id} button").click()
    expect(page.get_by_text(_("{n} of {all} checked").format(n=0, all=n_listed))).to_be_visible()
    assert workspace.corrected_version(model.dataset_id) is None
    assert_no_error(page)
    workspace.delete_dataset(corrected.id)  # else it is there at once for the other language


def test_what_the_slider_says_is_obeyed_and_the_answer_moves_with_the_text(
    page: Page, server: str, workspace: Workspace, model: ModelVersion
) -> None:
    page.goto(f"{server}/report?model={model.id}")
    handle = _("Share to automate")
    page.get_by_role("radio", name=handle).or_(button(page, handle)).first.click()
    page.get_by_role("slider", name=_("Messages to automate, of 100")).focus()
    page.keyboard.press("Home")
    button(page, _("Save and use it")).click()
    in_use = _("In use now, as you chose: {rule}.").format(rule=_("nothing goes automatic"))
    expect(page.get_by_text(in_use)).to_be_visible()

    page.locator(".st-key-report_try button").click()
    page.get_by_role("textbox", name=_("Text"), exact=True).fill("I love this camera, the pictures are excellent.")
    button(page, _("Answer")).click()
    expect(page.get_by_text(_("Not sure: goes to a person")).first).to_be_visible()
    workspace.save_policy(model.id, None)

    what_if = page.get_by_role("textbox", name=_("Change the text"))
    expect(page.get_by_text(_("The answer did not move."))).to_be_visible()
    others = workspace.exam_rows(model.id, predicted="negative").sort_values("probability")
    what_if.fill(others["text"].iat[-1])
    moved = _("The answer moved from “{old}” to “{new}”.").format(old="positive", new="negative")
    expect(page.get_by_text(moved)).to_be_visible()
    page.locator(".marked-text button", has_text="love").click()
    expect(what_if).to_have_value("I this camera, the pictures are excellent.")
    assert_no_error(page)
