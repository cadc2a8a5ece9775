"""A table of texts with several categories all the way: learned, examined, asked, a file filled in, told in the terminal."""

import csv
import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from core.domain.model import ModelVersion
from core.domain.recipe import Preset
from core.domain.several import SeveralScore, categories_of
from core.domain.task import AnswerKind
from core.errors import BadData, NotPossible, UserError
from core.evaluation.several import flags_of
from core.jobs.handlers.score import ScoreHandler
from core.jobs.handlers.train import TrainHandler
from core.settings import load
from core.tasks.several_categories import several_score
from core.terminal import commands
from core.terminal.parser import build_parser
from core.workspace import Workspace
from tests.in_process import work
from tests.unit.training.tiny import FILLERS, WORDS, build_base, tiny_recipe

TOPICS = ("card", "refund", "login")
#: which of them a row has, in turns; every fifth has none
TURNS = (("card",), ("refund", "login"), ("card", "login"), ("refund",), ())


def rows_of(n: int) -> list[tuple[str, str]]:
    rows = []
    for i in range(n):
        topics = TURNS[i % 5]
        words = [WORDS[topic][i // 5 % 4] for topic in topics]
        text = " ".join([FILLERS[i % 17], *words, FILLERS[i * 5 % 17], FILLERS[i * 7 % 13], str(i)])
        rows.append((text, "; ".join(topics) or "[]"))
    return rows


def table(n: int) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([("note", "topics"), *rows_of(n)])
    return buffer.getvalue().encode()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("several")


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch, in_this_process: None) -> Workspace:
    monkeypatch.setenv("TUNEDESK_HOME", str(home))
    return Workspace.open(load())


@pytest.fixture
def model(workspace: Workspace, home: Path) -> ModelVersion:
    """Trained once for this module."""
    if not workspace.models():
        dataset = workspace.add_dataset(workspace.receive_upload(io.BytesIO(table(250)), "notes.csv"))
        recipe = tiny_recipe(task="several_categories", base_model=str(build_base(home / "tiny")))
        workspace.start_training(dataset.id, recipe)
        work(workspace, TrainHandler())
    (model,) = workspace.models()
    return model


def answer(workspace: Workspace, *argv: str) -> commands.Answer:
    args = build_parser().parse_args(argv)
    return commands.COMMANDS[args.command](workspace, args)


def test_a_table_of_several_categories_is_taken_for_what_it_is_and_learned(
    workspace: Workspace, model: ModelVersion
) -> None:
    dataset = workspace.dataset(model.dataset_id)
    assert (dataset.task, set(dataset.labels)) == ("several_categories", set(TOPICS))
    assert model.answers is AnswerKind.CATEGORIES and model.labels == dataset.labels
    report = workspace.several_report(model.id)
    assert isinstance(model.score, SeveralScore) and report.score == model.score
    assert model.score.macro_f1 > 0.9 > report.usual.macro_f1
    assert report.draft is not None and workspace.run(model.run_id).draft == report.draft
    assert [one.label for one in report.per_label] == list(model.labels)
    exam = workspace.exam_several(model.id)
    again = several_score(flags_of(list(exam["predicted"]), model.labels), flags_of(list(exam["label"]), model.labels))
    assert again == model.score, "the rows say what the report counts"
    slips = exam["missed"].map(categories_of).map(len).sum() + exam["added"].map(categories_of).map(len).sum()
    assert slips == pytest.approx(report.slips * len(exam))


def test_a_text_gets_all_categories_that_fit_or_none(workspace: Workspace, model: ModelVersion) -> None:
    both, none = workspace.predict_several(model.id, ["my refund and the password please", "where is it now"])
    assert set(both.categories) == {"refund", "login"} and none.categories == ()
    assert set(both.probabilities) == set(TOPICS)
    assert all((both.probabilities[name] >= both.thresholds[name]) == (name in both.categories) for name in TOPICS)
    told = answer(workspace, "predict", str(model.id), "--text", "my refund and the password please")
    assert set(told.data["categories"]) == {"refund", "login"} and "refund" in told.text
    assert answer(workspace, "predict", str(model.id), "--text", "where is it now").text.startswith("None of the")


def test_words_explain_each_category_by_itself(workspace: Workspace, model: ModelVersion) -> None:
    explanation = workspace.explain(model.id, "my refund and the password please")
    for name, word in (("refund", "refund"), ("login", "password")):
        ((strongest, effect), *_rest) = explanation.strongest(name)
        assert strongest.text == word and effect > 0
    assert explanation.neighbours and set(categories_of(explanation.neighbours[0].label)) <= set(TOPICS)
    ask = ("explain", str(model.id), "--text", "my refund and the password please")
    told = answer(workspace, *ask, "--label", "login")
    assert told.data["about"] == "login" and told.text.startswith("login, ")
    with pytest.raises(NotPossible, match="against another"):
        answer(workspace, *ask, "--against", "card")


def test_what_is_asked_of_one_category_is_refused(workspace: Workspace, model: ModelVersion) -> None:
    for verb in (
        workspace.report,
        workspace.number_report,
        lambda id: workspace.predict(id, ["a"]),
        lambda id: workspace.start_study(id, "learning_curve"),
        workspace.verdict,
        workspace.outlook,
        lambda id: workspace.compare_models(id, id),
    ):
        with pytest.raises(NotPossible):
            verb(model.id)
    assert workspace.next_steps(model.run_id) == []


def test_the_dial_has_no_search_and_asks_for_no_weights(workspace: Workspace, model: ModelVersion) -> None:
    recipe = workspace.plan(model.dataset_id).recipe
    assert (recipe.task, recipe.folds, recipe.extras) == ("several_categories", 0, ())
    with pytest.raises(UserError, match="not just right or wrong"):
        workspace.plan(model.dataset_id, Preset.BEST)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_file_comes_back_with_its_categories(workspace: Workspace, model: ModelVersion, language: str) -> None:
    content = "note\nmy refund and the password please\n\n  \nwhere is it now\n"
    upload = workspace.receive_upload(io.BytesIO(content.encode()), f"{language}.csv")
    workspace.start_scoring(model.id, upload, text_column="note", language=language)
    job = work(workspace, ScoreHandler())
    rows = list(load_workbook(workspace.scored_file(job.id)[0]).active.values)
    assert rows[0] == {"en": ("note", "categories", "sure %"), "zh_CN": ("note", "类别", "把握 %")}[language]
    assert set(rows[1][1].split("|")) == {"refund", "login"} and 0 < rows[1][2] < 100
    assert rows[-1][1] == {"en": "none", "zh_CN": "无"}[language]
    assert (job.result["n_rows"], job.result["n_scored"], job.result["n_blank"]) == (4, 2, 2)
    assert (job.result["n_none"], job.result["label_counts"]["refund"]) == (1, 1)


def test_a_long_file_is_answered_in_parts(
    workspace: Workspace, model: ModelVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = workspace.receive_upload(io.BytesIO(table(40)), "long.csv")
    whole, parts = tmp_path / "whole.csv", tmp_path / "parts.csv"
    summaries = [workspace.score_now(model.id, upload, whole)]
    monkeypatch.setattr("core.prediction.several_table.CHUNK", 7)
    summaries.append(workspace.score_now(model.id, upload, parts))
    assert [row.split(",")[:3] for row in whole.read_text().splitlines()] == [
        row.split(",")[:3] for row in parts.read_text().splitlines()
    ]
    assert summaries[0]["label_counts"] == summaries[1]["label_counts"] and summaries[1]["n_none"] == 8


def test_a_labeled_file_is_examined(workspace: Workspace, model: ModelVersion, tmp_path: Path) -> None:
    path = tmp_path / "more.csv"
    path.write_bytes(table(60))
    told = answer(workspace, "evaluate", str(model.id), str(path))
    assert told.data["n"] == 60 and told.data["macro_f1"] > 0.9
    assert "exactly their categories" in told.text
    path.write_text("note,topics\nthe card,\n")
    with pytest.raises(BadData, match="a category in “topics”"):
        answer(workspace, "evaluate", str(model.id), str(path))
    flags = "note,card,refund,login\n" + "".join(
        ",".join([text, *(str(int(topic in label)) for topic in TOPICS)]) + "\n" for text, label in rows_of(60)
    )
    short = {name: told.data[name] for name in ("macro_f1", "micro_f1", "exact", "n")}
    upload = workspace.receive_upload(io.BytesIO(flags.replace("card", "Card", 1).encode()), "flags.csv")
    for columns in ((), TOPICS):
        report = workspace.evaluate_several(model.id, upload, label_columns=columns)
        assert report.score.to_json() == short, "a column for each category, whatever is a capital"


def test_a_file_that_the_model_filled_in_examines_it(workspace: Workspace, model: ModelVersion, tmp_path: Path) -> None:
    asked, out = tmp_path / "asked.csv", tmp_path / "out.csv"
    asked.write_bytes(table(20))
    answer(workspace, "predict", str(model.id), "--file", str(asked), "--out", str(out))
    assert "none" in out.read_text()
    told = answer(workspace, "evaluate", str(model.id), str(out), "--label", "categories")
    assert (told.data["n"], told.data["exact"]) == (20, 1.0)


def test_the_terminal_shows_run_model_and_answered_file(
    workspace: Workspace, model: ModelVersion, tmp_path: Path
) -> None:
    shown = answer(workspace, "models", "show", str(model.id))
    assert json.dumps(shown.data) and shown.data["report"]["macro_f1"] == model.score.macro_f1
    assert shown.data["verdict"]["readiness"] == "automate" and "Ticks a text" in shown.text
    assert "F1" in answer(workspace, "runs", "list").text
    assert "exactly right" in answer(workspace, "runs", "show", str(model.run_id)).text
    path, out = tmp_path / "asked.csv", tmp_path / "answered.csv"
    path.write_bytes(table(20))
    told = answer(workspace, "predict", str(model.id), "--file", str(path), "--out", str(out))
    assert told.data["n_scored"] == 20 and "none of the categories" in told.text


def test_a_second_text_is_refused_and_lost_files_are_told(workspace: Workspace, model: ModelVersion) -> None:
    with pytest.raises(UserError, match="reads single texts"):
        answer(workspace, "predict", str(model.id), "--text", "my card", "--with", "my refund")
    exam = workspace.settings.models_dir / str(model.id) / "exam.parquet"
    kept = exam.read_bytes()
    exam.write_bytes(b"PAR1 and no more")
    with pytest.raises(UserError, match="missing or damaged"):
        workspace.exam_several(model.id)
    exam.write_bytes(kept)


def test_what_is_about_one_category_a_text_is_refused(workspace: Workspace, model: ModelVersion) -> None:
    with pytest.raises(NotPossible):
        workspace.rivals(model.id)
    with pytest.raises(NotPossible):
        workspace.save_policy(model.id, None)
