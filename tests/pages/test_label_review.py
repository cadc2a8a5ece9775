"""Likely wrong categories are checked one by one on the report, and become a corrected version of the data."""

import pytest

from core.domain.dataset import Split
from core.domain.label_mistake import LabelMistake, LabelVerdict
from core.domain.model import ModelVersion
from core.domain.plain import to_plain
from core.evaluation.paired import Paired
from core.studies.fixes_gain import FixesGainResult
from core.studies.label_mistakes import LabelMistakesResult
from core.workspace import Workspace
from tests.pages.conftest import OpenPage
from tests.pages.test_runs import all_text
from tests.study_seeds import rows, studied_model


def mistake(row: int, given: str, likely: str) -> LabelMistake:
    return LabelMistake(
        file="practice", row=row, split=Split.EXAM.value if row == 3 else Split.PRACTICE.value, given=given,
        likely=likely, suspicion=0.9, proba_given=0.05, proba_likely=0.85, n_votes=8,
    )  # fmt: skip


def keep(workspace: Workspace, model: ModelVersion, name: str, result: object, **options: str) -> None:
    workspace.start_study(model.id, name, **options)
    job = workspace._store.jobs.claim()
    assert job is not None
    workspace._store.studies.publish(
        job.id, job.attempt, model_id=model.id, name=name, options=options, result=to_plain(result), seconds=9.0
    )


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    model = studied_model(workspace)
    result = LabelMistakesResult(
        mistakes=(mistake(2, "refund", "delivery"), mistake(3, "delivery", "refund"), mistake(4, "退款", "refund")),
        n_found=3,
        n_rows=180,
        share=0.02,
        label_shares={},
    )
    keep(workspace, model, "label_mistakes", result)
    return model


def test_each_row_is_shown_with_its_reason_and_decided_by_a_click(
    workspace: Workspace, model: ModelVersion, open_page: OpenPage
) -> None:
    text = {row: example for row, (example, _label) in enumerate(rows(180), start=2)}
    test = open_page("report", model=str(model.id))
    assert not test.exception
    said = all_text(test)
    assert "3 of 180 rows are worth a look; about 4 of all rows likely stand under a wrong category." in said
    assert text[2] in said and text[3] not in said
    assert "Given: “refund”. Likely: “delivery”." in said
    assert "Of the 10 rows nearest to it 8 are" in said
    test.button(key=f"label_change_{model.id}_practice_2").click().run()
    assert text[3] in all_text(test) and "It is in the exam" in all_text(test)
    test.button(key=f"label_undo_{model.id}").click().run()
    assert text[2] in all_text(test)
    test.button(key=f"label_keep_{model.id}_practice_2").click().run()
    test.button(key=f"label_out_{model.id}_practice_3").click().run()
    test.selectbox(key=f"label_other_{model.id}_practice_4").set_value("delivery").run()
    assert not test.exception
    assert "You have checked them all." in all_text(test)
    decided = {one.row: (one.verdict, one.label) for one in workspace.label_decisions(model.dataset_id)}
    assert decided == {
        2: (LabelVerdict.KEEP, ""),
        3: (LabelVerdict.LEAVE_OUT, ""),
        4: (LabelVerdict.CHANGE, "delivery"),
    }


def test_decisions_become_a_corrected_version_and_its_worth_can_be_measured(
    workspace: Workspace, model: ModelVersion, open_page: OpenPage
) -> None:
    workspace.decide_label(model.dataset_id, "practice", 2, LabelVerdict.CHANGE, "delivery")
    test = open_page("report", model=str(model.id))
    assert "Make a corrected data set: 1 correction" in all_text(test)
    test.button(key=f"label_apply_{model.id}").click().run()
    assert not test.exception
    corrected = workspace.corrected_version(model.dataset_id)
    assert corrected is not None and [one.name for one in corrected.operations] == ["set_label"]
    assert "What fixing them brings" in all_text(test)
    test.button(key=f"study_start_fixes_gain_{model.id}").click().run()
    job = workspace.study_job(model.id, "fixes_gain")
    assert job is not None and job.payload["options"]["dataset_id"] == corrected.id


def test_corrections_that_are_done_already_are_not_offered_again(
    workspace: Workspace, model: ModelVersion, open_page: OpenPage
) -> None:
    workspace.decide_label(model.dataset_id, "practice", 2, LabelVerdict.CHANGE, "refund")  # as it is
    test = open_page("report", model=str(model.id))
    assert not test.exception and "Make a corrected data set" not in all_text(test)
    workspace.decide_label(model.dataset_id, "practice", 3, LabelVerdict.LEAVE_OUT)
    assert "Make a corrected data set: 1 correction" in all_text(open_page("report", model=str(model.id)))


def test_what_the_corrections_brought_is_told_in_both_languages(
    workspace: Workspace, model: ModelVersion, open_page: OpenPage
) -> None:
    workspace.decide_label(model.dataset_id, "practice", 2, LabelVerdict.CHANGE, "delivery")
    corrected = workspace.apply_decisions(model.dataset_id)
    result = FixesGainResult(
        n_changed=1, n_left_out=0, n_exam_changed=0, n_before=270, n_after=284, paired=Paired(n=300, n_first=2, n_second=16, p=0.001)
    )  # fmt: skip
    keep(workspace, model, "fixes_gain", result, dataset_id=corrected.id)
    said = all_text(open_page("report", model=str(model.id)))
    assert "right on 284 of 300 exam examples (95%); before it was 270 (90%)" in said
    assert "The difference is real" in said and "other corrections" not in said
    chinese = all_text(open_page("report", lang="zh_CN", model=str(model.id)))
    assert "可能标错类别的数据" in chinese and "300 条考试示例中答对 284 条" in chinese
    workspace.decide_label(model.dataset_id, "practice", 4, LabelVerdict.LEAVE_OUT)
    workspace.apply_decisions(model.dataset_id)
    assert "other corrections than the present ones" in all_text(open_page("report", model=str(model.id)))
