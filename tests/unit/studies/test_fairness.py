"""The studies of fairness on a real model: a planted column is found, a planted wording is asked, and what is not there is said."""

import io

import pytest

from core.domain.job import JobStatus
from core.domain.model import ModelVersion
from core.evaluation.fairness import Measure
from core.workspace import Workspace
from tests.study_seeds import KEYWORDS, publish, rows, work_off

pytestmark = pytest.mark.usefixtures("in_this_process")


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    """600 rows; those of 华南 stand under the next category, so that they are answered wrong. Every text names her."""
    if known := workspace.models():
        return known[0]
    names = list(KEYWORDS)
    lines = ["text,label,region,agent"]
    for i, (text, label) in enumerate(rows(600)):
        is_south = i % 3 == 1
        lines.append(
            f"her {text},{names[(names.index(label) + is_south) % 3]},{'华南' if is_south else '华北'},agent {i}"
        )
    upload = workspace.receive_upload(io.BytesIO("\n".join(lines).encode()), "tickets.csv")
    return publish(workspace, workspace.add_dataset(upload, text_column="text", label_column="label"))


def test_the_group_that_is_served_worse_is_told_in_a_sentence(workspace: Workspace, model: ModelVersion) -> None:
    from core.studies import STUDIES

    workspace.start_study(model.id, "fairness")
    assert work_off(workspace).status is JobStatus.DONE
    record = workspace.study(model.id, "fairness")
    assert record is not None
    found = record.result
    assert [one.column for one in found.comparison.columns] == ["region"]
    assert found.other_columns == ("agent",)  # a name each
    right = next(one for one in found.comparison.differences if one.measure is Measure.RIGHT)
    assert right.value == "华南" and right.here < 0.5 < right.elsewhere
    told = [str(sentence) for sentence in STUDIES["fairness"].sentences(found)]
    assert any(
        one.startswith("Messages with region “华南” are answered right ") and one.endswith("more than chance.")
        for one in told
    )


def test_one_column_and_one_outcome_can_be_asked_for(workspace: Workspace, model: ModelVersion) -> None:
    workspace.start_study(model.id, "fairness", column="region", outcome="refund")
    assert work_off(workspace).status is JobStatus.DONE
    record = workspace.study(model.id, "fairness")
    assert record is not None and record.result.labels == ("refund",)
    [column] = record.result.comparison.columns
    assert all([one.label for one in group.categories] == ["refund"] for group in column.groups)


@pytest.mark.parametrize("options", [{"column": "shop"}, {"outcome": "praise"}])
def test_a_column_or_outcome_that_is_not_there_is_refused_with_those_that_are(
    workspace: Workspace, model: ModelVersion, options: dict[str, str]
) -> None:
    workspace.start_study(model.id, "fairness", **options)
    job = work_off(workspace)
    assert job.status is JobStatus.FAILED and job.error is not None and job.error.code == "not_found"
    assert job.error.hint is not None and ("region, agent" in str(job.error.hint) or "refund" in str(job.error.hint))


def test_texts_are_asked_again_about_somebody_else(workspace: Workspace, model: ModelVersion) -> None:
    from core.studies import STUDIES

    workspace.start_study(model.id, "fairness_wording", rows=25)
    assert work_off(workspace).status is JobStatus.DONE
    record = workspace.study(model.id, "fairness_wording")
    assert record is not None
    gender, *others = record.result.kinds
    assert (gender.kind, gender.n_texts, gender.n_wordings) == ("gender", 25, 25)
    assert all(one.before.startswith("her ") and one.after.startswith(("his ", "him ")) for one in gender.examples)
    assert gender.mean_change >= 0 and not any(one.is_judged for one in others)
    told = [str(sentence) for sentence in STUDIES["fairness_wording"].sentences(record.result)]
    assert "Age: 0 exam texts name it; at least 10 are needed to judge." in told
