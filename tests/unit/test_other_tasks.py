"""Tables of scores and of stars all the way: learned, examined, asked, a file filled in, and told in the terminal."""

import csv
import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from core.domain.explanation import VALUE
from core.domain.model import ModelVersion
from core.domain.number import NumberScore
from core.domain.task import AnswerKind
from core.errors import BadData, NotPossible
from core.jobs.handlers.score import ScoreHandler
from core.jobs.handlers.train import TrainHandler
from core.settings import load
from core.terminal import commands
from core.terminal.parser import build_parser
from core.workspace import Workspace
from tests.in_process import work
from tests.unit.training.tiny import FILLERS, WORDS, build_base, tiny_recipe

GRADES = {"card": 1.0, "refund": 2.5, "login": 9.0}


def table(n: int) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(["note", "points"])
    for i in range(n):
        topic = list(GRADES)[i % 3]
        text = f"{FILLERS[i % 17]} {WORDS[topic][i // 3 % 4]} {FILLERS[i * 5 % 17]} {FILLERS[i * 7 % 13]}"
        writer.writerow([f"{text} {i}", GRADES[topic] + i % 7 / 10])
    return buffer.getvalue().encode()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scores")


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch, in_this_process: None) -> Workspace:
    monkeypatch.setenv("TUNEDESK_HOME", str(home))
    return Workspace.open(load())


@pytest.fixture
def model(workspace: Workspace, home: Path) -> ModelVersion:
    """Trained once for this module."""
    if not [model for model in workspace.models() if model.task == "score"]:
        dataset = workspace.add_dataset(workspace.receive_upload(io.BytesIO(table(240)), "notes.csv"))
        base = build_base(home / "tiny")
        recipe = tiny_recipe(task="score", base_model=str(base))
        workspace.start_training(dataset.id, recipe)
        work(workspace, TrainHandler())
    (model,) = [model for model in workspace.models() if model.task == "score"]
    return model


def answer(workspace: Workspace, *argv: str) -> commands.Answer:
    args = build_parser().parse_args(argv)
    return commands.COMMANDS[args.command](workspace, args)


def test_a_table_of_scores_is_taken_for_what_it_is_and_learned(workspace: Workspace, model: ModelVersion) -> None:
    dataset = workspace.dataset(model.dataset_id)
    assert (dataset.task, dataset.label_column) == ("score", "points")
    assert model.answers is AnswerKind.NUMBER and model.labels == ()
    assert isinstance(model.score, NumberScore) and model.score.r2 > 0.8
    report = workspace.number_report(model.id)
    assert report.score == model.score and report.score.mae < 0.5 * report.middle.mae
    assert report.coverage >= 0.7
    exam = workspace.exam_numbers(model.id)
    assert (exam["predicted"] - exam["label"]).abs().mean() == pytest.approx(report.score.mae)
    assert model.kept in ("mix", "fine_tuned")


def test_a_text_gets_a_number_with_its_likely_range(workspace: Workspace, model: ModelVersion) -> None:
    low, high = workspace.predict_numbers(model.id, ["the card arrive now", "the password help now"])
    assert low.value < high.value
    assert 1.0 <= low.low <= low.value <= low.high <= 9.6
    told = answer(workspace, "predict", str(model.id), "--text", "the card arrive now")
    assert told.data["value"] == low.value and "likely" in told.text


def test_words_that_move_a_number_are_told_in_its_unit(workspace: Workspace, model: ModelVersion) -> None:
    text = "the password help now"
    explanation = workspace.explain(model.id, text)
    effects = dict(zip([word.text for word in explanation.words], explanation.effects(VALUE), strict=True))
    assert max(effects, key=effects.__getitem__) == "password"
    (word,) = [word for word in explanation.words if word.text == "password"]
    assert effects["password"] == pytest.approx(explanation.whole[VALUE] - word.without[VALUE])
    told = answer(workspace, "explain", str(model.id), "--text", text)
    assert told.data["value"] == explanation.whole[VALUE] and "likely" in told.text
    with pytest.raises(NotPossible, match="does not give several"):
        answer(workspace, "explain", str(model.id), "--text", text, "--label", "card")


def test_what_is_asked_of_categories_is_refused(workspace: Workspace, model: ModelVersion) -> None:
    study = "learning_curve"
    for verb in (
        workspace.report,
        lambda id: workspace.predict(id, ["a"]),
        lambda id: workspace.start_study(id, study),
        workspace.verdict,
        workspace.outlook,
    ):
        with pytest.raises(NotPossible, match="does not answer that way"):
            verb(model.id)


def test_a_recipe_for_categories_does_not_start_on_scores(workspace: Workspace, model: ModelVersion) -> None:
    with pytest.raises(BadData, match="another task"):
        workspace.start_training(model.dataset_id, tiny_recipe())
    assert workspace.plan(model.dataset_id).recipe.task == "score"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_file_comes_back_with_three_more_columns(workspace: Workspace, model: ModelVersion, language: str) -> None:
    content = "note\nthe card arrive now\n\n  \nthe password help now\n"
    upload = workspace.receive_upload(io.BytesIO(content.encode()), f"{language}.csv")
    workspace.start_scoring(model.id, upload, text_column="note", language=language)
    job = work(workspace, ScoreHandler())
    rows = list(load_workbook(workspace.scored_file(job.id)[0]).active.values)
    assert (
        rows[0]
        == {
            "en": ("note", "score", "at least", "at most"),
            "zh_CN": ("note", "评分", "至少", "至多"),
        }[language]
    )
    first, last = rows[1], rows[-1]
    assert first[2] <= first[1] <= first[3] and first[1] < last[1]
    assert (job.result["n_rows"], job.result["n_scored"], job.result["n_blank"]) == (4, 2, 2)


def test_a_labeled_file_is_examined(workspace: Workspace, model: ModelVersion, tmp_path: Path) -> None:
    path = tmp_path / "more.csv"
    path.write_bytes(table(60))
    told = answer(workspace, "evaluate", str(model.id), str(path))
    assert told.data["n"] == 60 and told.data["r2"] > 0.7
    assert "off by" in told.text
    path.write_text("note,points\nthe card,high\n")
    with pytest.raises(BadData, match="a number in “points”"):
        answer(workspace, "evaluate", str(model.id), str(path), "--label", "points")


def test_the_terminal_shows_data_run_and_model(workspace: Workspace, model: ModelVersion) -> None:
    shown = answer(workspace, "models", "show", str(model.id))
    assert json.dumps(shown.data) and shown.data["report"]["mae"] == model.score.mae
    assert "Always answering" in shown.text
    assert "scores in “points”" in answer(workspace, "data", "show", model.dataset_id).text
    assert "R²" in answer(workspace, "runs", "list").text
    assert "off by" in answer(workspace, "runs", "show", str(model.run_id)).text


def test_stars_are_learned_in_their_order(
    workspace: Workspace, model: ModelVersion, home: Path, tmp_path: Path
) -> None:
    rows = list(csv.reader(io.StringIO(table(240).decode())))[1:]
    stars = {"1": "1 star", "2": "3 stars", "3": "3 stars", "9": "5 stars"}
    content = "note,grade\n" + "".join(f"{text},{stars[points[0]]}\n" for text, points in reversed(rows))
    path = tmp_path / "stars.csv"
    path.write_text(content)
    upload = workspace.receive_upload(io.BytesIO(content.encode()), "stars.csv")
    dataset = workspace.add_dataset(upload, task="ordered_categories")
    assert dataset.labels == ("1 star", "3 stars", "5 stars")
    recipe = tiny_recipe(task="ordered_categories", base_model=model.base_model, technique="draft")
    workspace.start_training(dataset.id, recipe)
    work(workspace, TrainHandler())
    (learned,) = [one for one in workspace.models() if one.task == "ordered_categories"]
    assert (learned.labels, learned.answers) == (dataset.labels, AnswerKind.CATEGORY)
    shown = answer(workspace, "models", "show", str(learned.id))
    assert shown.data["report"]["steps_off"] < 0.5 and "steps on average" in shown.text
    told = answer(workspace, "evaluate", str(learned.id), str(path))
    assert told.data["within_one_step"] > 0.8
    assert workspace.predict(learned.id, ["the card arrive now"])[0].label in dataset.labels
    assert workspace.verdict(learned.id).headline
    exam = workspace.exam_rows(learned.id)
    sure = [one.sure for one in workspace.predict(learned.id, list(exam["text"]))]
    assert exam["familiar"].dtype == bool and 0 < sum(sure) < len(exam)
    assert sum(sure) == workspace.report(learned.id).n_sure, "promised is what would go out"
