"""The card of a study: what it would take, its start, live progress, what it found, and again."""

import pytest

from core.domain.job import JobFailure, JobStatus, Stage
from core.domain.message import msg
from core.domain.model import ModelVersion
from core.domain.plain import to_plain
from core.evaluation.learning_curve import CurvePoint, Outlook
from core.studies.learning_curve import LearningCurveResult
from core.workspace import Workspace
from tests.pages.conftest import OpenPage
from tests.pages.test_runs import all_text
from tests.study_seeds import studied_model

LINE = tuple(CurvePoint(n=n, right=0.9 - 10 / n, low=0.85 - 10 / n, high=0.95 - 10 / n) for n in (30, 60, 120, 240))
FOUND = LearningCurveResult(
    points=LINE[:3],
    line=LINE,
    overall=Outlook(label="", n_now=120, n_more=120, now=0.82, then=0.86, low=0.84, high=0.88, is_clear=True),
    categories=(Outlook(label="*refund*", n_now=40, n_more=80, now=0.8, then=0.9, low=0.7, high=1.0, is_clear=False),),
    n_asked=54,
)


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    return studied_model(workspace)


def find(workspace: Workspace, model: ModelVersion) -> None:
    workspace.start_study(model.id, "learning_curve")
    job = workspace._store.jobs.claim()
    assert job is not None
    workspace._store.studies.publish(
        job.id, job.attempt, model_id=model.id, name="learning_curve", options={}, result=to_plain(FOUND), seconds=75.0
    )


def test_a_click_starts_it_and_its_progress_stands_there(
    workspace: Workspace, model: ModelVersion, open_page: OpenPage
) -> None:
    test = open_page("report", model=str(model.id))
    assert not test.exception
    assert "Would more examples help?" in all_text(test)
    test.button(key=f"study_start_learning_curve_{model.id}").click().run()
    job = workspace.study_job(model.id, "learning_curve")
    assert job is not None and job.status is JobStatus.QUEUED
    claimed = workspace._store.jobs.claim()
    assert claimed is not None
    workspace._store.jobs.progress(
        job.id, claimed.attempt, stage=Stage.STUDYING, percent=41.0, seconds_left=(300.0, 420.0)
    )
    test = open_page("report", model=str(model.id))
    assert any("41%" in one.proto.text for one in test.get("progress"))
    assert "Models being studied" in all_text(open_page("runs"))
    test.button(key=f"study_cancel_{job.id}").click().run()
    assert workspace.job(job.id).wish.value == "cancel"


def test_what_it_found_is_told_in_both_languages_and_can_be_worked_out_again(
    workspace: Workspace, model: ModelVersion, open_page: OpenPage
) -> None:
    find(workspace, model)
    test = open_page("report", model=str(model.id))
    assert not test.exception
    said = all_text(test)
    assert "With twice the examples the quick draft would likely be right on 86% instead of 82%" in said
    assert "“*refund*”: what 80 more examples would bring cannot be told" in said
    assert "in 1 min 15 s" in said
    chinese = all_text(open_page("report", lang="zh_CN", model=str(model.id)))
    assert "补充示例有用吗" in chinese and "从 82% 变为 86%" in chinese
    test.button(key=f"study_again_learning_curve_{model.id}").click().run()
    job = workspace.study_job(model.id, "learning_curve")
    assert job is not None and job.status.is_active
    assert "86% instead of 82%" in all_text(open_page("report", model=str(model.id)))


def test_a_failure_is_told_with_its_way_out(workspace: Workspace, model: ModelVersion, open_page: OpenPage) -> None:
    workspace.start_study(model.id, "learning_curve")
    job = workspace._store.jobs.claim()
    assert job is not None
    failure = JobFailure(
        code="out_of_memory", message=msg("The memory was not enough."), hint=msg("Close other programs.")
    )
    workspace._store.jobs.fail(job.id, job.attempt, failure)
    test = open_page("report", model=str(model.id))
    assert any("memory was not enough" in error.value for error in test.error)
    test.button(key=f"study_start_learning_curve_{model.id}").click().run()
    again = workspace.study_job(model.id, "learning_curve")
    assert again is not None and again.id != job.id


def test_a_model_with_few_rows_is_told_why_there_is_no_curve(workspace: Workspace, open_page: OpenPage) -> None:
    from tests.study_seeds import rows

    model = studied_model(workspace, rows(30))
    assert "A curve needs at least 60 practice examples" in all_text(open_page("report", model=str(model.id)))
