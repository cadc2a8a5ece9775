"""From planted wrong labels to a corrected version and what it brought: study, decisions, repairs, study."""

from collections.abc import Iterator

import pytest

from core.domain.dataset import Dataset
from core.domain.job import JobStatus
from core.domain.label_mistake import LabelVerdict
from core.domain.model import ModelVersion
from core.domain.rows import RowFilter
from core.errors import BadData, NotFound, NotPossible
from core.workspace import Workspace
from tests.study_seeds import KEYWORDS, rows, studied_model, work_off

pytestmark = pytest.mark.usefixtures("in_this_process")

FLIPPED = (4, 11, 20, 33, 47, 58, 70, 85)  # row numbers


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    """180 rows, of which eight stand under a wrong category."""
    known = workspace.models()
    if known:
        return known[0]
    examples = rows(180)
    for row in FLIPPED:
        text, label = examples[row - 2]
        examples[row - 2] = (text, next(other for other in KEYWORDS if other != label))
    return studied_model(workspace, examples)


@pytest.fixture
def data(workspace: Workspace, model: ModelVersion) -> Iterator[Dataset]:
    dataset = workspace.dataset(model.dataset_id)
    yield dataset
    workspace._store.decisions.forget(dataset.family)


def test_the_study_lists_the_planted_mistakes_first(workspace: Workspace, model: ModelVersion) -> None:
    workspace.start_study(model.id, "label_mistakes")
    job = work_off(workspace)
    assert job.status is JobStatus.DONE, workspace.job_log(job.id)
    result = workspace.study(model.id, "label_mistakes").result
    assert len({*FLIPPED} & {one.row for one in result.mistakes[:12]}) >= 7
    truth = rows(180)
    assert all(one.likely == truth[one.row - 2][1] for one in result.mistakes if one.row in FLIPPED)
    assert result.n_rows == 180 and 0 < result.share < 0.2
    assert set(result.label_shares) == set(KEYWORDS)


def test_decisions_become_one_corrected_version(workspace: Workspace, data: Dataset) -> None:
    with pytest.raises(NotPossible, match="No decision"):
        workspace.apply_decisions(data.id)
    workspace.decide_label(data.id, "practice", 4, LabelVerdict.CHANGE, "退款")
    workspace.decide_label(data.id, "practice", 11, LabelVerdict.LEAVE_OUT)
    workspace.decide_label(data.id, "practice", 20, LabelVerdict.KEEP)
    workspace.decide_label(data.id, "practice", 33, LabelVerdict.LEAVE_OUT)
    assert workspace.take_back_decision(data.id).row == 33
    assert workspace.corrected_version(data.id) is None
    assert workspace.n_corrections(data.id) == 2
    version = workspace.apply_decisions(data.id)
    assert workspace.corrected_version(data.id) == version
    assert workspace.apply_decisions(data.id).id == version.id
    changed = workspace.dataset_rows(version.id, row_numbers=[4, 11, 20])
    assert changed["label"].tolist()[0] == "退款" and changed["set_aside"].tolist() == ["", "removed", ""]
    assert [one.name for one in version.operations] == ["drop_rows", "set_label"]
    assert len(workspace.label_decisions(version.id)) == 3  # they hold for every version of the table
    assert workspace.corrected_version(version.id) is None  # where nothing is left to do
    assert workspace.n_corrections(version.id) == 0
    workspace.decide_label(data.id, "practice", 4, LabelVerdict.KEEP)
    assert [one.row for one in workspace.label_decisions(data.id)] == [11, 20, 4]


def test_a_decision_for_a_category_that_was_merged_since_brings_it_not_back(
    workspace: Workspace, data: Dataset
) -> None:
    workspace.decide_label(data.id, "practice", 4, LabelVerdict.CHANGE, "退款")
    merged = workspace.relabel_found(data.id, RowFilter(labels=("退款",)), "refund")
    assert workspace.n_corrections(data.id) == 1 and workspace.n_corrections(merged.id) == 0
    with pytest.raises(NotPossible, match="No decision"):
        workspace.apply_decisions(merged.id)


def test_what_cannot_be_decided_is_refused_in_words(workspace: Workspace, data: Dataset) -> None:
    with pytest.raises(NotFound, match="no row 999"):
        workspace.decide_label(data.id, "practice", 999, LabelVerdict.KEEP)
    with pytest.raises(BadData, match="needs a name"):
        workspace.decide_label(data.id, "practice", 4, LabelVerdict.CHANGE, "  ")
    with pytest.raises(NotFound, match="no category “tickets”"):
        workspace.decide_label(data.id, "practice", 4, LabelVerdict.CHANGE, "tickets")
    with pytest.raises(NotPossible, match="no decision"):
        workspace.take_back_decision(data.id)


def test_what_the_corrections_bring_is_measured_on_the_same_exam(
    workspace: Workspace, model: ModelVersion, data: Dataset
) -> None:
    truth = rows(180)
    for row in FLIPPED:
        workspace.decide_label(data.id, "practice", row, LabelVerdict.CHANGE, truth[row - 2][1])
    version = workspace.apply_decisions(data.id)
    workspace.start_study(model.id, "fixes_gain", dataset_id=version.id)
    job = work_off(workspace)
    assert job.status is JobStatus.DONE, workspace.job_log(job.id)
    result = workspace.study(model.id, "fixes_gain").result
    split = workspace.dataset_rows(data.id, row_numbers=FLIPPED).set_index("row")["split"]
    assert result.n_changed == (split == "practice").sum() > 0 and result.n_left_out == 0
    assert result.n_exam_changed == (split == "exam").sum()
    assert result.n_after >= result.n_before > 0
    assert result.paired.n == data.split_sizes["exam"]


def test_decisions_go_with_the_last_version_of_their_table(workspace: Workspace) -> None:
    import io

    from tests.study_seeds import table

    upload = workspace.receive_upload(io.BytesIO(table(rows(60))), "other.csv")
    dataset = workspace.add_dataset(upload, text_column="text", label_column="label")
    workspace.decide_label(dataset.id, "practice", 2, LabelVerdict.LEAVE_OUT)
    workspace.apply_decisions(dataset.id)
    workspace.delete_dataset(dataset.id, all_versions=True)
    assert workspace._store.decisions.list(dataset.family) == []
