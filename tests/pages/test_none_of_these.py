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
from core.evaluation.familiarity import FAMILIARITY_FILE
from core.files import write_manifest
from core.prediction.familiarity import chosen_keeps, measure_familiarity
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
    measured = measure_familiarity(predictor, KNOWN, proba, ["blue ribbon", "blue ribbon", " "])
    assert measured is not None
    assert replace(measured.report, levels=()) == FamiliarityReport(n_exam=3, n_kept=3, n_marked=1, n_refused=1)
    (workspace.settings.models_dir / str(model.id) / "practice_rows.safetensors").unlink()
    older = Predictor(predictor.about, predictor._members, workspace.settings.models_dir / str(model.id))
    assert measure_familiarity(older, KNOWN, proba, []) is None
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


@pytest.fixture
def choosy(workspace: Workspace, model: ModelVersion) -> ModelVersion:
    """The same with three ways of being strict: "blue ribbon" passes the most lenient, no exam text the strictest."""
    folder = workspace.settings.models_dir / str(model.id)
    predictor = Predictor.load(folder)
    practice, path = predictor.practice, folder / "exam.parquet"
    assert practice is not None
    exam = pandas.read_parquet(path)
    texts, foreign = list(exam["text"]), ["blue ribbon", *(f"blue ribbon {i}" for i in range(30))]
    lowest = predictor.familiarity(foreign, predictor.predict_proba(foreign)).min()
    practice = replace(practice, thresholds=(float(lowest) - 1e-3, practice.threshold, 99.0))
    (folder / "practice_rows.safetensors").unlink()
    practice.save(folder)
    write_manifest(folder)
    measured = measure_familiarity(Predictor.load(folder), texts, predictor.predict_proba(texts), foreign[1:])
    assert measured is not None and (measured.report.n_marked, measured.report.n_chosen_by) == (15, 15)
    (folder / FAMILIARITY_FILE).write_text(json.dumps(measured.report.to_json()))
    exam.assign(familiarity=measured.exam, familiar=measured.exam >= practice.threshold).to_parquet(path)
    write_manifest(folder)
    return model


def test_marked_rows_choose_how_strict_to_be() -> None:
    thresholds = {98: 0.1, 95: 0.2, 90: 0.3}
    assert chosen_keeps(thresholds, np.zeros(0)) == 95
    assert chosen_keeps(thresholds, np.full(20, 0.25)) == 90  # refuses what the others let through
    assert chosen_keeps(thresholds, np.full(20, 0.15)) == 95
    assert chosen_keeps(thresholds, np.full(20, 0.5)) == 98  # nothing refuses it: then keep the most
    assert chosen_keeps(thresholds, np.array([0.0] * 49 + [0.25])) == 98  # 2 more of 100 are not worth 8 that are lost


def test_how_strict_a_model_is_can_be_chosen_and_is_obeyed_everywhere(
    open_page: OpenPage, workspace: Workspace, choosy: ModelVersion
) -> None:
    test = open_page("report", model=str(choosy.id))
    assert not test.exception
    radio = next(one for one in test.radio if one.label == "How strict shall it be?")
    assert radio.value == 95 and "15 other marked texts chose how strict it is" in said(test)
    assert test.button(key=f"strictness_save_{choosy.id}").disabled
    radio.set_value(90).run()
    test.button(key=f"strictness_save_{choosy.id}").click().run()
    assert not test.exception
    strict = workspace.model(choosy.id)
    assert strict.rule.keeps == 90 and not strict.has_own_rule
    assert workspace.outlook(choosy.id).promise_now.n_auto == 0
    assert not workspace.predict(choosy.id, KNOWN)[0].familiar
    assert "Of 9 exam examples 0 looked like what it learned from" in said(open_page("report", model=str(choosy.id)))
    saved = workspace.save_policy(choosy.id, workspace.outlook(choosy.id, overrides={"refund": 0.2}).policy)
    assert saved.has_own_rule and saved.rule.keeps == 90
    assert workspace.save_policy(choosy.id, None).rule.keeps == 90  # training's threshold, and as strict as before
    assert workspace.set_strictness(choosy.id, None).policy is None


def test_the_terminal_sets_how_strict_a_model_is(
    workspace: Workspace, choosy: ModelVersion, model: ModelVersion, capsys
) -> None:
    def ask(*argv: str) -> dict:
        assert terminal.main([*argv, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    number = str(choosy.id)
    assert ask("models", "policy", number, "--keep", "98")["in_use"]["policy"]["keeps"] == 98
    assert ask("predict", number, "--text", "blue ribbon")["familiar"]
    assert terminal.main(["models", "show", number]) == 0
    assert "98  Lenient     100%              0%                     ←" in capsys.readouterr().out
    assert ask("models", "policy", number, "--keep", "trained")["in_use"]["policy"]["keeps"] is None
    (workspace.settings.models_dir / number / FAMILIARITY_FILE).unlink()
    assert terminal.main(["models", "policy", number, "--keep", "90"]) == 1
    assert "models of earlier versions" in capsys.readouterr().err
