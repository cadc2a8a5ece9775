"""Other columns of an upload reach the exam rows, and what stands out among them is told."""

import io
import json
from pathlib import Path

import pytest

from core.domain.model import ModelVersion
from core.evaluation.slices import SliceKind
from core.workspace import Workspace
from tests.study_seeds import KEYWORDS, publish, rows

pytestmark = pytest.mark.usefixtures("in_this_process")


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    """300 rows from two sources; those of the app stand under the next category, so that they are answered wrong."""
    if known := workspace.models():
        return known[0]
    names = list(KEYWORDS)
    lines = ["text,label,source"]
    for i, (text, label) in enumerate(rows(300)):
        is_app = i % 4 == 0
        lines.append(f"{text},{names[(names.index(label) + is_app) % 3]},{'app' if is_app else 'mail'}")
    upload = workspace.receive_upload(io.BytesIO("\n".join(lines).encode()), "tickets.csv")
    return publish(workspace, workspace.add_dataset(upload, text_column="text", label_column="label"))


def test_the_other_columns_of_the_exam_rows_are_read_once(workspace: Workspace, model: ModelVersion) -> None:
    columns = workspace.exam_columns(model.id)
    exam = workspace.exam_rows(model.id)
    assert list(columns) == ["source"] and len(columns) == len(exam)
    assert columns["source"].tolist() == ["app" if (row - 2) % 4 == 0 else "mail" for row in exam["row"]]
    for upload in workspace.settings.uploads_dir.iterdir():
        upload.rename(upload.with_name(f"gone-{upload.name}"))
    try:
        assert workspace.exam_columns(model.id).equals(columns)
    finally:
        for upload in workspace.settings.uploads_dir.iterdir():
            upload.rename(upload.with_name(upload.name.removeprefix("gone-")))


def test_the_source_that_goes_wrong_stands_out(workspace: Workspace, model: ModelVersion) -> None:
    found = workspace.slices(model.id)
    assert [(one.kind, one.column, one.value) for one in found] == [(SliceKind.COLUMN, "source", "app")]
    exam = workspace.exam_rows(model.id)
    assert all((exam["row"].iat[place] - 2) % 4 == 0 for place in found[0].rows)
    assert found[0].right < 0.5 < found[0].right_elsewhere


def test_categories_that_are_mixed_up_get_advice(workspace: Workspace, model: ModelVersion) -> None:
    advice = workspace.advice(model.id)
    assert advice and {one.label for one in advice} <= set(KEYWORDS)


def test_the_terminal_tells_both(workspace: Workspace, model: ModelVersion) -> None:
    from argparse import Namespace

    from core.terminal.weaknesses import models_weaknesses

    answer = models_weaknesses(workspace, Namespace(id=model.id))
    [slice] = answer.data["slices"]
    assert (slice["column"], slice["value"]) == ("source", "app")
    assert all((row - 2) % 4 == 0 for row in slice["rows"])
    assert "“source” is “app”: right on" in answer.text
    assert answer.data["advice"][0]["step"] in answer.text
    json.dumps(answer.data)


def test_without_the_upload_the_texts_alone_are_looked_at(
    workspace: Workspace, model: ModelVersion, tmp_path: Path
) -> None:
    from core.datasets.other_columns import FILE

    (workspace.settings.datasets_dir / model.dataset_id / FILE).unlink(missing_ok=True)
    uploads, tables = workspace.settings.uploads_dir, workspace.settings.tables_dir
    uploads.rename(tmp_path / "uploads")
    if tables.is_dir():
        tables.rename(tmp_path / "tables")
    try:
        assert all(one.kind is not SliceKind.COLUMN for one in workspace.slices(model.id))
    finally:
        (tmp_path / "uploads").rename(uploads)
