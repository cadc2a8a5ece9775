"""The fairness cards: differences as sentences, the figures of each group, refusals by name, and texts about somebody else."""

from typing import Any

import pytest

from core.domain.model import ModelVersion
from core.domain.plain import to_plain
from core.evaluation.fairness import compare_groups
from core.evaluation.wording import KindResult, Moved, Shift
from core.studies.fairness import FairnessResult
from core.studies.fairness_wording import FairnessWordingResult
from core.workspace import Workspace
from tests.pages.conftest import OpenPage
from tests.pages.test_runs import all_text
from tests.study_seeds import studied_model

ANSWERED = ["yes"] * 30 + ["no"] * 30 + ["yes"] * 70
MOVED = Moved(
    row=7, put_in="she", before="*he* asks", after="*she* asks", answer_before="yes", answer_after="no", change=-0.3
)


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    return studied_model(workspace)


def find(workspace: Workspace, model: ModelVersion, name: str, result: Any) -> None:
    workspace.start_study(model.id, name)
    job = workspace._store.jobs.claim()
    assert job is not None
    workspace._store.studies.publish(
        job.id, job.attempt, model_id=model.id, name=name, options={}, result=to_plain(result), seconds=9.0
    )


def kind(name: str, n_texts: int, n_flipped: int, *examples: Moved) -> KindResult:
    return KindResult(
        kind=name, n_texts=n_texts, n_wordings=n_texts, n_flipped=n_flipped, mean_change=0.04, examples=examples
    )


def test_groups_are_told_in_both_languages_and_small_ones_refused_by_name(
    workspace: Workspace, model: ModelVersion, open_page: OpenPage
) -> None:
    columns = {"region": ["*华南*"] * 60 + ["华北"] * 60 + ["西藏"] * 10, "sex": ["f", "m"] * 65}
    found = compare_groups(columns, true=["yes"] * 130, answered=ANSWERED, sure=[0.9] * 130, labels=["yes", "no"])
    result = FairnessResult(comparison=found, labels=("yes", "no"), other_columns=())
    find(workspace, model, "fairness", result)
    test = open_page("report", model=str(model.id))
    assert not test.exception
    said = all_text(test)
    assert "Messages with region “*华南*” are answered right 50% of the time, others 100%: more than chance." in said
    assert "region “西藏” has only 10 exam examples and is not judged" in said
    table = next(one.value for one in test.dataframe if "surer_likely" in one.value)
    assert list(table["group"]) == ["*华南*", "华北"]
    test.selectbox(key=f"fairness_column_{model.id}").set_value("sex").run()
    table = next(one.value for one in test.dataframe if "surer_likely" in one.value)
    assert sorted(table["group"]) == ["f", "m"] and not test.exception
    chinese = all_text(open_page("report", lang="zh_CN", model=str(model.id)))
    assert "region 为“*华南*”的消息答对 50%，其他消息答对 100%：这不只是偶然。" in chinese


def test_wordings_are_told_with_their_strongest_examples_and_what_is_too_rare(
    workspace: Workspace, model: ModelVersion, open_page: OpenPage
) -> None:
    shift = Shift(kind="gender", put_in="she", label="no", n=40, change=0.05, p=0.001)
    kinds = (kind("gender", 40, 4, MOVED), kind("age", 3, 0), kind("region", 0, 0), kind("ethnicity", 0, 0))
    find(workspace, model, "fairness_wording", FairnessWordingResult(kinds=kinds, shifts=(shift,), n_exam=54))
    test = open_page("report", model=str(model.id))
    assert not test.exception
    said = all_text(test)
    assert "“Gender” matters most: 10% of the texts that name it are answered otherwise" in said
    assert "With “she” put in, “no” gets 5.0 points likelier on average of 40 texts: more than chance." in said
    assert "Age: 3 exam texts name it; at least 10 are needed to judge." in said
    examples = next(one.value for one in test.dataframe if "answer_after" in one.value)
    assert list(examples["after"]) == ["*she* asks"]
    chinese = all_text(open_page("report", lang="zh_CN", model=str(model.id)))
    assert "影响最大的是“性别”：提到它的文本中，10% 换成说别人后答案改变。" in chinese
