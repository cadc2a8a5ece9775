"""The robustness card: how each way of writing is answered, what changed, and the button that opens the right training."""

import pytest

from core.domain.model import ModelVersion
from core.domain.plain import to_plain
from core.evaluation.robustness import Flip, WayResult
from core.studies.robustness import RobustnessResult
from core.workspace import Workspace
from pages.components.url_state import text_of
from tests.pages.conftest import OpenPage
from tests.pages.test_runs import all_text
from tests.study_seeds import studied_model

FLIP = Flip(row=7, before="the *money*", after="the monye", label="refund", answer_before="refund", answer_after="退款")


def way(name: str, n_right_after: int) -> WayResult:
    return WayResult(name=name, n=50, n_right_before=45, n_right_after=n_right_after, n_flipped=12, examples=(FLIP,))


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    return studied_model(workspace)


def find(workspace: Workspace, model: ModelVersion, *ways: WayResult) -> None:
    workspace.start_study(model.id, "robustness")
    job = workspace._store.jobs.claim()
    assert job is not None
    found = to_plain(RobustnessResult(ways=ways, n_asked=50))
    workspace._store.studies.publish(
        job.id, job.attempt, model_id=model.id, name="robustness", options={}, result=found, seconds=9.0
    )


def test_the_ways_are_told_in_both_languages_and_the_training_that_helps_is_one_click_away(
    workspace: Workspace, model: ModelVersion, open_page: OpenPage
) -> None:
    find(workspace, model, way("typos", 33), way("case", 44), way("negation", 20))
    test = open_page("report", model=str(model.id))
    assert not test.exception
    assert "“Typing errors” costs most: right on 66% instead of 90%." in all_text(test)
    table = next(one.value for one in test.dataframe if "way" in one.value)
    assert list(table["way"]) == ["Typing errors", "Capital letters", "Meaning turned round"]
    assert table["after"].isna().tolist() == [False, False, True]
    chinese = all_text(open_page("report", lang="zh_CN", model=str(model.id)))
    assert "影响最大的是“打字错误”：正确率从 90% 变为 66%。" in chinese
    assert test.button(key=f"robustness_train_{model.id}").label == "Train with “Typing errors”"
    changed = text_of({"extras": ("typos",)})
    train = open_page("train", dataset=model.dataset_id, preset="balanced", run=str(model.run_id), set=changed)
    assert not train.exception
    assert next(one.value for one in train.multiselect if one.label == "Extras") == ["typos"]


def test_a_model_that_holds_is_offered_no_other_training(
    workspace: Workspace, model: ModelVersion, open_page: OpenPage
) -> None:
    find(workspace, model, way("typos", 45))
    test = open_page("report", model=str(model.id))
    assert "No way of writing that was tried costs more than 2 of 100 answers." in all_text(test)
    assert not [button for button in test.button if button.key == f"robustness_train_{model.id}"]
