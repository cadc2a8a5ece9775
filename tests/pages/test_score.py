"""Score a file: from an upload to the finished table, and every state in between at its own address."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.goal import Goal, Use
from core.domain.job import Job, JobFailure, JobKind, JobStatus, Stage
from core.domain.message import msg
from core.domain.model import ModelVersion
from core.jobs.handlers.score import ScoreHandler
from core.workspace import Workspace
from pages.components.scoring import counts_figure, first_rows
from tests.in_process import work
from tests.pages.conftest import OpenPage
from tests.pages.model_seeds import publish_model

TABLE = (
    "id,message\n1,my money please today\n2,\n3,the parcel from monday\n4,=SUM(A1) refund the order\n5,blue ribbon\n"
)


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    return publish_model(workspace, copies=1)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "tickets *june*.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def queue(workspace: Workspace, model: ModelVersion, table: Path, suffix: str = ".csv") -> Job:
    with table.open("rb") as file:
        upload = workspace.receive_upload(file, table.name)
    return workspace.start_scoring(model.id, upload, text_column="message", suffix=suffix)


def said(test: AppTest) -> str:
    return "\n".join(element.value for element in [*test.text, *test.subheader, *test.caption])


@pytest.mark.parametrize(
    ("lang", "start", "waiting"),
    [("en", "Score 5 rows", "Next in the queue"), ("zh_CN", "给 5 行打分", "排在队列首位")],
)
def test_an_uploaded_file_is_previewed_and_queued(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion, table: Path, lang: str, start: str, waiting: str
) -> None:
    test = open_page("score", lang=lang, model=str(model.id))
    assert not test.exception
    test.file_uploader[0].upload(table.name, TABLE.encode()).run()
    assert not test.exception
    assert len(test.query_params["upload"]) == 64
    assert list(test.dataframe[0].value.columns) == ["id", "message"]
    columns = test.multiselect(key=f"score_column_{test.query_params['upload']}")
    assert columns.value == ["message"]
    next(button for button in test.button if button.label == start).click()
    test.run()
    assert not test.exception
    [job] = workspace.jobs(JobKind.SCORE)
    assert (job.status, job.payload["text_columns"], job.payload["suffix"]) == (JobStatus.QUEUED, ["message"], ".csv")
    assert job.payload["language"] == lang
    assert test.query_params["job"] == str(job.id)
    assert test.progress[0].text == waiting


def test_rows_that_are_only_counted_are_for_no_person(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion, table: Path
) -> None:
    workspace.set_goal(model.dataset_id, Goal(use=Use.WATCH))
    queue(workspace, model, table, ".csv")
    test = open_page("score", job=str(work(workspace, ScoreHandler()).id))
    assert not test.exception
    assert [card.label for card in test.metric] == ["Rows", "Sure", "Unsure", "Without text"]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_finished_scoring_shows_counts_rows_and_the_file(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion, table: Path, suffix: str
) -> None:
    queue(workspace, model, table, suffix)
    job = work(workspace, ScoreHandler())
    assert job.status is JobStatus.DONE
    test = open_page("score", job=str(job.id))
    assert not test.exception
    assert [(card.label, card.value) for card in test.metric] == [
        ("Rows", "5"),
        ("Sure", "75%"),
        ("For a person", "1"),
        ("Without text", "1"),
    ]
    rows = test.dataframe[0].value
    assert list(rows["category"]) == ["refund", "", "delivery", "refund", "delivery"]
    assert list(rows["action"]) == ["automatic", "", "automatic", "automatic", "to a person"]
    assert not rows["message"][3].startswith("=")
    [download] = test.get("download_button")
    assert download.proto.label.replace("\\", "") == f"Download tickets *june*-scored{suffix}"
    assert "Most often: “refund”, 2 rows." in said(test)


def test_the_cards_name_the_actions_that_the_goal_puts_into_the_file(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion, table: Path
) -> None:
    workspace.set_goal(model.dataset_id, Goal(use=Use.WATCH))
    queue(workspace, model, table)
    job = work(workspace, ScoreHandler())
    for lang, sure, unsure in (("en", "“count”", "“unsure”"), ("zh_CN", "“计数”", "“不确定”")):
        _rows, first, second, _blank = open_page("score", lang=lang, job=str(job.id)).metric
        assert sure in first.help and unsure in second.help


def test_a_queued_scoring_can_be_cancelled_and_started_again(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion, table: Path
) -> None:
    first, second = queue(workspace, model, table), queue(workspace, model, table, ".xlsx")
    test = open_page("score", job=str(second.id))
    assert "Number 2 in the queue" in test.progress[0].text
    next(button for button in test.button if button.label == "Cancel").click()
    test.run()
    assert not test.exception
    assert workspace.job(second.id).status is JobStatus.CANCELLED
    assert "nothing was written" in said(test)
    next(button for button in test.button if button.label == "Start again").click()
    test.run()
    assert workspace.job(second.id).status is JobStatus.QUEUED
    assert workspace.job(first.id).status is JobStatus.QUEUED


def test_a_running_scoring_tells_percent_and_time(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion, table: Path
) -> None:
    queue(workspace, model, table)
    job = workspace._store.jobs.claim()
    assert job is not None
    workspace._store.jobs.progress(job.id, job.attempt, stage=Stage.SCORING, percent=41.0, seconds_left=(300.0, 420.0))
    test = open_page("score", job=str(job.id))
    assert not test.exception
    assert test.progress[0].value == 41
    assert "41%" in test.progress[0].text and "5–7 minutes left" in test.progress[0].text
    assert "You can close this tab" in said(test)


def test_a_failed_scoring_says_why_and_what_to_do(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion, table: Path
) -> None:
    queue(workspace, model, table)
    job = workspace._store.jobs.claim()
    assert job is not None
    failure = JobFailure(code="disk_full", message=msg("The disk is full."), hint=msg("Free some space."))
    workspace._store.jobs.fail(job.id, job.attempt, failure)
    test = open_page("score", job=str(job.id))
    assert not test.exception
    assert "The disk is full" in test.error[0].value
    assert "Free some space." in said(test)
    assert "Start again" in [button.label for button in test.button]


@pytest.mark.parametrize("number", ["99", "abc", "-1"])
def test_an_unknown_job_is_said(open_page: OpenPage, model: ModelVersion, number: str) -> None:
    test = open_page("score", job=number)
    assert not test.exception
    assert test.error
    assert "Score another file" in [button.label for button in test.button]


def test_earlier_scorings_are_listed(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion, table: Path
) -> None:
    queue(workspace, model, table)
    work(workspace, ScoreHandler())
    test = open_page("score", model=str(model.id))
    assert not test.exception
    listed = test.dataframe[0].value
    assert list(listed["file"]) == ["tickets *june*.csv"]
    assert list(listed["model"]) == ["Tickets *June*"]
    assert list(listed["rows"]) == [5]


def test_the_chart_draws_tags_as_text() -> None:
    figure = counts_figure([("<b>refund</b>", 3), ("退款", 1)])
    assert list(figure.layout.yaxis.ticktext) == ["&lt;b&gt;refund&lt;/b&gt;", "退款"]
    assert list(figure.data[0].x) == [3, 1]


def test_only_the_first_rows_of_a_big_table_are_read(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    path.write_text("a,b\n" + "1,2\n" * 10_000, encoding="utf-8-sig")
    columns, rows = first_rows(path)
    assert (columns, len(rows)) == (["a", "b"], 8)
