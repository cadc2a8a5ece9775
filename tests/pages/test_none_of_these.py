"""A text unlike all categories goes to a person, wherever it is answered, and the report says how often that happens."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas
import pytest
from streamlit.testing.v1 import AppTest

from core.domain.dataset import TableFormat
from core.domain.familiarity import FamiliarityReport
from core.domain.goal import Use
from core.domain.model import ModelVersion
from core.domain.policy import Policy
from core.files import write_manifest
from core.prediction.familiarity import FAMILIARITY_FILE, measure_familiarity
from core.prediction.predictor import Predictor
from core.prediction.table import evaluate_file
from core.terminal import main as terminal
from core.training.familiarity import PracticeRows
from core.workspace import Workspace
from pages.components.scoring import for_person_help
from tests.pages.conftest import OpenPage
from tests.pages.model_seeds import publish_model

KNOWN = ["my money please thanks", "when does it arrive", "the parcel from monday"]


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    """Knows three texts; whatever is not one of them is none of its categories."""
    published = publish_model(workspace, copies=1)
    folder = workspace.settings.models_dir / str(published.id)
    predictor = Predictor.load(folder)
    practice = PracticeRows.of(np.repeat(predictor.embed(KNOWN), 3, axis=0), (), seed=0)
    known = practice.familiarity(predictor.embed(KNOWN), predictor.predict_proba(KNOWN).max(axis=1))
    replace(practice, threshold=float(known.min()) - 1e-3).save(folder)
    report = FamiliarityReport(n_exam=90, n_kept=86, n_marked=20, n_refused=15)
    (folder / FAMILIARITY_FILE).write_text(json.dumps(report.to_json()))
    write_manifest(folder)
    return published


def said(test: AppTest) -> str:
    shown = [*test.text, *test.subheader, *test.caption, *test.markdown]
    return "\n".join(element.value for element in shown)


def test_try_it_says_none_of_these(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id), text="blue ribbon")
    assert not test.exception
    assert "None of these: goes to a person" in said(test)
    assert "It is unlike what the model learned from." in said(test)
    known = open_page("try", model=str(model.id), text=KNOWN[0])
    assert "None of these" not in said(known)


def test_the_report_tells_what_is_kept_and_what_is_refused(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("report", model=str(model.id))
    assert not test.exception
    assert "Of 90 exam examples 86 looked like what it learned from (96%)" in said(test)
    assert "Of 20 texts marked as “none of these” it refused 15 (75%)." in said(test)


def test_terminal_says_so_too(workspace: Workspace, model: ModelVersion, capsys) -> None:
    argv = ["predict", str(model.id), "--text", "blue ribbon"]
    assert terminal.main([*argv, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["familiar"], told["sure"]) == (False, False)
    assert terminal.main(argv) == 0
    assert capsys.readouterr().out.startswith("None of these: goes to a person.")
    assert terminal.main(["models", "show", str(model.id), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["familiarity"]["n_kept"] == 86


def test_a_scored_file_names_the_action(workspace: Workspace, model: ModelVersion, tmp_path) -> None:
    table = tmp_path / "in.csv"
    table.write_text(f"text\n{KNOWN[0]}\nblue ribbon\n")
    with table.open("rb") as file:
        upload = workspace.receive_upload(file, "in.csv")
    summary = workspace.score_now(model.id, upload, tmp_path / "out.csv", text_columns=["text"])
    assert (summary["n_unfamiliar"], summary["n_sure"]) == (1, 1)
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[1].endswith("automatic") and lines[2].endswith("none of these")
    assert summary["use"] == "fill"
    assert "1 text is unlike all categories" in for_person_help(1, Use.FILL)


def test_marked_texts_are_counted_once_and_older_bundles_measure_nothing(
    workspace: Workspace, model: ModelVersion
) -> None:
    predictor = workspace._predictor(model.id)
    proba = predictor.predict_proba(KNOWN)
    known = predictor.is_familiar(KNOWN, proba)
    measured = measure_familiarity(predictor, known, ["blue ribbon", "blue ribbon", " "])
    assert measured == FamiliarityReport(n_exam=3, n_kept=3, n_marked=1, n_refused=1)
    (workspace.settings.models_dir / str(model.id) / "practice_rows.safetensors").unlink()
    older = Predictor(predictor.about, predictor._members, workspace.settings.models_dir / str(model.id))
    assert measure_familiarity(older, known, []) is None
    assert older.is_familiar(["anything"], proba[:1]).all()


def test_a_labeled_file_counts_only_answers_that_would_go_out(
    workspace: Workspace, model: ModelVersion, tmp_path: Path
) -> None:
    predictor = workspace._predictor(model.id).obeying(Policy(threshold=0.0), Use.FILL)
    texts = [KNOWN[0], "blue ribbon"]
    path = tmp_path / "labeled.csv"
    path.write_text("text,label\n" + "".join(f"{text},refund\n" for text in texts))
    report = evaluate_file(
        predictor, path=path, filename="labeled.csv", format=TableFormat(), text_columns=["text"], label_column="label"
    )
    assert (report.score.n, report.n_sure) == (2, sum(one.sure for one in predictor.predict(texts))) == (2, 1)


def test_a_promise_leaves_out_exam_rows_that_are_none_of_the_categories(
    workspace: Workspace, model: ModelVersion
) -> None:
    path = workspace.settings.models_dir / str(model.id) / "exam.parquet"
    exam = pandas.read_parquet(path)
    workspace.save_policy(model.id, Policy(threshold=0.0, overrides={"refund": 0.0}))
    before = workspace.outlook(model.id).promise
    assert (before.n_exam, before.n_auto) == (9, 9), "older bundles do not tell"
    predictor = workspace._predictor(model.id)
    texts = list(exam["text"])
    exam["familiar"] = predictor.is_familiar(texts, predictor.predict_proba(texts))
    assert 0 < exam["familiar"].sum() < 9
    exam.to_parquet(path)
    n_sure = sum(one.sure for one in workspace.predict(model.id, texts))
    assert workspace.outlook(model.id).promise.n_auto == exam["familiar"].sum() == n_sure
