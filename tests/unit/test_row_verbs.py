"""Verbs about rows: what a person corrects or takes out becomes one new version, found again by row and by text."""

import io
from pathlib import Path

import pytest

from core.datasets.rows import FINDING_ROWS
from core.domain.dataset import Dataset
from core.domain.rows import RowFilter
from core.errors import BadData, NotPossible
from core.settings import Settings
from core.workspace import Workspace
from core.workspace import rows as row_verbs

pytestmark = pytest.mark.usefixtures("in_this_process")

N_COPIES = 150


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.open(Settings(home=tmp_path_factory.mktemp("rows") / "home"))


@pytest.fixture(scope="module")
def dataset(workspace: Workspace) -> Dataset:
    """40 rows in two categories, 150 copies of the first one, and an exam file of 4 rows."""
    rows = [f"message number {n},{'refund' if n % 2 else 'delivery'}" for n in range(40)]
    rows += ["message number 0,delivery"] * N_COPIES
    exam = [f"question number {n},{'refund' if n % 2 else 'delivery'}" for n in range(4)]

    def receive(lines: list[str], name: str):
        content = "\n".join(["text,category", *lines]).encode()
        return workspace.receive_upload(io.BytesIO(content), name)

    return workspace.add_dataset(
        receive(rows, "a.csv"), text_column="text", label_column="category", exam_upload=receive(exam, "b.csv")
    )


def test_a_finding_leads_to_all_its_rows(workspace: Workspace, dataset: Dataset) -> None:
    finding = next(finding for finding in dataset.findings if finding.code == "duplicate")
    assert len(finding.rows) == 100
    assert workspace.row_page(dataset.id, RowFilter(finding="duplicate", file="practice")).n_found == N_COPIES
    assert workspace.row_reasons(dataset.id) == ("duplicate",)
    assert set(workspace.row_labels(dataset.id)) == {"refund", "delivery"}


def test_a_dataset_of_an_earlier_release_leads_to_the_rows_its_record_lists(
    workspace: Workspace, dataset: Dataset, tmp_path: Path
) -> None:
    kept = workspace._dataset_dir(dataset.id) / FINDING_ROWS
    kept.rename(tmp_path / "away")
    try:
        assert workspace.row_page(dataset.id, RowFilter(finding="duplicate", file="practice")).n_found == 100
    finally:
        (tmp_path / "away").rename(kept)


def test_corrections_of_single_rows_become_one_version_that_can_be_undone(
    workspace: Workspace, dataset: Dataset
) -> None:
    edits = {"lost": [("practice", 2), ("practice", 3)], "refund": [("exam", 2)]}
    after = workspace.relabel(dataset.id, edits)
    assert [(one.name, one.params["label"]) for one in after.operations] == [
        ("set_label", "lost"),
        ("set_label", "refund"),
    ]
    assert [effect.n_changed for effect in after.effects] == [2, 1]
    lost = workspace.row_page(after.id, RowFilter(labels=("lost",))).rows
    assert [(row.file, row.row) for row in lost] == [("practice", 2), ("practice", 3)]
    assert workspace.undo(after.id, 1, 2).id == dataset.id


def test_rows_found_are_marked_and_taken_out_and_then_no_longer_change(workspace: Workspace, dataset: Dataset) -> None:
    marked = workspace.none_of_these(dataset.id, RowFilter(text="number 7"))
    assert marked.operations[-1].name == "none_of_these"
    out = workspace.take_out(marked.id, RowFilter(text="number 1", file="practice"))
    assert out.operations[-1].name == "drop_rows"
    assert out.effects[-1].n_removed == 11
    with pytest.raises(NotPossible, match="taken out"):
        workspace.relabel_found(out.id, RowFilter(reason="removed"), "refund")
    with pytest.raises(NotPossible, match="taken out"):
        workspace.relabel_found(out.id, RowFilter(text="nowhere to be found"), "refund")


def test_a_category_needs_a_name(workspace: Workspace, dataset: Dataset) -> None:
    with pytest.raises(BadData, match="name"):
        workspace.relabel(dataset.id, {"  ": [("practice", 2)]})
    with pytest.raises(NotPossible, match="changes nothing"):
        workspace.relabel(dataset.id, {})


def test_too_many_rows_to_name_are_refused_but_whole_categories_are_not(
    workspace: Workspace, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_verbs, "MAX_NAMED_ROWS", 10)
    with pytest.raises(NotPossible, match="At most 10 rows"):
        workspace.take_out(dataset.id, RowFilter(text="message"))
    merged = workspace.relabel_found(dataset.id, RowFilter(labels=("refund",)), "money")
    assert merged.operations[-1].name == "merge_labels"
    assert set(merged.label_counts) == {"money", "delivery"}
