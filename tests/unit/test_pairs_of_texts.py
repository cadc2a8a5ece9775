"""Pairs of texts all the way: learned, examined, asked, explained, a file filled in, studied, and told in the terminal."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.domain.model import ModelVersion
from core.domain.pairs import SIGN, joined, parts
from core.domain.task import AnswerKind
from core.errors import BadData, NotFound, NotPossible, UserError
from core.jobs.handlers.score import ScoreHandler
from core.jobs.handlers.study import StudyHandler
from core.jobs.handlers.train import TrainHandler
from core.settings import load
from core.terminal import commands
from core.terminal.parser import build_parser
from core.workspace import Workspace
from tests.in_process import work
from tests.unit.training.tiny import FILLERS, WORDS, build_base, tiny_recipe

TOPICS = list(WORDS)
SAME = joined("where is my card now", "the card will arrive")
OTHER = joined("where is my card now", "i need the refund")


def pair(i: int) -> tuple[str, str]:
    """Every second pair is about the same thing."""
    draw = np.random.default_rng(i)
    first = TOPICS[draw.integers(3)]
    second = first if i % 2 else TOPICS[(TOPICS.index(first) + draw.integers(1, 3)) % 3]
    one, two = (" ".join([*draw.choice(FILLERS, 3), WORDS[topic][0]]) for topic in (first, second))
    return one, two


def table(n: int, task: str, columns: tuple[str, str, str] = ("question1", "question2", "same")) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for i in range(n):
        grade = (4.0 if i % 2 else 1.0) + i % 10 / 10
        writer.writerow([*pair(i), grade if task == "pair_score" else "yes" if i % 2 else "no"])
    return buffer.getvalue().encode()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pairs")


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch, in_this_process: None) -> Workspace:
    monkeypatch.setenv("TUNEDESK_HOME", str(home))
    return Workspace.open(load())


def trained(workspace: Workspace, home: Path, task: str) -> ModelVersion:
    """Once for this module."""
    if not any(model.task == task for model in workspace.models()):
        upload = workspace.receive_upload(io.BytesIO(table(200, task)), f"{task}.csv")
        dataset = workspace.add_dataset(upload)
        assert (dataset.task, dataset.text_columns) == (task, ("question1", "question2"))
        base = home / "tiny" if (home / "tiny").exists() else build_base(home / "tiny")
        n_passes = 10 if task == "pair_score" else 4
        workspace.start_training(dataset.id, tiny_recipe(task=task, base_model=str(base), epochs=n_passes))
        work(workspace, TrainHandler())
    return next(model for model in workspace.models() if model.task == task)


@pytest.fixture
def model(workspace: Workspace, home: Path) -> ModelVersion:
    return trained(workspace, home, "text_pair")


def answer(workspace: Workspace, *argv: str) -> commands.Answer:
    args = build_parser().parse_args(argv)
    return commands.COMMANDS[args.command](workspace, args)


def test_whether_two_texts_say_the_same_is_learned(workspace: Workspace, model: ModelVersion) -> None:
    assert model.answers is AnswerKind.CATEGORY and set(model.labels) == {"yes", "no"}
    report = workspace.report(model.id)
    assert report.score.accuracy > report.majority.accuracy + 0.2
    exam = workspace.exam_rows(model.id)
    assert all(all(parts(text)) for text in exam["text"])
    same, other = workspace.predict(model.id, [SAME, OTHER])
    assert same.probabilities["yes"] > other.probabilities["yes"]


def test_how_alike_two_texts_are_is_learned(workspace: Workspace, home: Path) -> None:
    model = trained(workspace, home, "pair_score")
    assert workspace.number_report(model.id).score.r2 > 0.5
    assert model.kept in ("mix", "fine_tuned"), "reading both texts at once is of use here"
    same, other = workspace.predict_numbers(model.id, [SAME, OTHER])
    assert same.value > other.value
    told = answer(workspace, "predict", str(model.id), "--text", parts(SAME)[0], "--with", parts(SAME)[1])
    assert told.data["value"] == pytest.approx(same.value, rel=1e-4)


def test_half_a_pair_is_not_answered(workspace: Workspace, model: ModelVersion) -> None:
    for verb in (lambda text: workspace.predict(model.id, [text]), lambda text: workspace.explain(model.id, text)):
        for text in ("only one text", f"one {SIGN} ", f"{SIGN} other"):
            with pytest.raises(NotPossible, match="compares two texts"):
                verb(text)
    with pytest.raises(NotPossible, match="compares two texts"):
        answer(workspace, "predict", str(model.id), "--text", "only one text")


def test_words_of_both_texts_explain_an_answer(workspace: Workspace, model: ModelVersion) -> None:
    explanation = workspace.explain(model.id, OTHER)
    assert [word.text for word in explanation.words] == OTHER.replace(f"{SIGN} ", "").split()
    assert explanation.neighbours is not None and all(all(parts(one.text)) for one in explanation.neighbours)
    assert explanation.neighbours[0].similarity > 0.5


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_file_with_both_columns_is_filled_in(
    workspace: Workspace, model: ModelVersion, tmp_path: Path, suffix: str
) -> None:
    first, second = parts(SAME)
    content = f"id,question1,question2\n1,{first},{second}\n2,{first},\n3,,\n"
    upload = workspace.receive_upload(io.BytesIO(content.encode()), "ask.csv")
    workspace.start_scoring(model.id, upload, suffix=suffix)
    job = work(workspace, ScoreHandler())
    assert (job.result["n_rows"], job.result["n_scored"], job.result["n_blank"]) == (3, 1, 2)
    path, _name = workspace.scored_file(job.id)
    written = pd.read_csv(path) if suffix == ".csv" else pd.read_excel(path, engine="openpyxl")
    assert written["category"].tolist()[0] == workspace.predict(model.id, [SAME])[0].label
    assert written["category"].isna().tolist() == [False, True, True]


def test_a_file_that_lacks_a_column_says_which(workspace: Workspace, model: ModelVersion, tmp_path: Path) -> None:
    path = tmp_path / "half.csv"
    path.write_text("question1,reply\nwhere is my card,the card will arrive\n")
    ask = ("predict", str(model.id), "--file", str(path), "--out", str(tmp_path / "out.csv"))
    with pytest.raises(NotFound, match="no column named “question2”"):
        answer(workspace, *ask)
    for again in ((), ("--column", "QUESTION1")):
        with pytest.raises(BadData, match="name both"):
            answer(workspace, *ask, "--column", "question1", *again)
    told = answer(workspace, *ask, "--column", "question1", "--column", "reply")
    assert told.data["text_columns"] == ["question1", "reply"] and told.data["n_scored"] == 1


def test_a_labeled_file_is_examined(workspace: Workspace, model: ModelVersion, tmp_path: Path) -> None:
    path = tmp_path / "more.csv"
    path.write_bytes(table(60, "text_pair"))
    assert answer(workspace, "evaluate", str(model.id), str(path)).data["n"] == 60


def test_studies_change_each_text_of_a_pair(workspace: Workspace, model: ModelVersion) -> None:
    workspace.start_study(model.id, "robustness")
    work(workspace, StudyHandler())
    result = workspace.study(model.id, "robustness").result
    flips = [flip for way in result.ways for flip in way.examples]
    assert flips and all(all(parts(flip.after)) for flip in flips)
    assert "order" not in {way.name for way in result.ways}, "the two texts are not sentences of one"
    workspace.start_study(model.id, "label_mistakes")
    work(workspace, StudyHandler())
    assert workspace.study(model.id, "label_mistakes").result.n_rows == 200


def test_recipes_read_pairs_from_their_start(workspace: Workspace, model: ModelVersion) -> None:
    assert workspace.plan(model.dataset_id).recipe.long_texts == "start"
    for changes in ({"long_texts": "windows"}, {"extras": ("word_noise",)}):
        with pytest.raises(UserError):
            tiny_recipe(task="text_pair", **changes)
    told = answer(workspace, "data", "show", model.dataset_id)
    assert json.dumps(told.data) and told.data["task"] == "text_pair"
    assert np.isclose(sum(told.data["splits"].values()), 200)


def test_the_best_matches_of_a_text_are_found_in_its_own_table(workspace: Workspace, model: ModelVersion) -> None:
    assert workspace.matching_label(model.id) == "yes"
    found = workspace.best_matches(model.id, "where is my card", n=4)
    assert (found.label, len(found.matches), found.n_asked) == ("yes", 4, 50)
    values = [one.value for one in found.matches]
    assert values == sorted(values, reverse=True) and values[0] > 0.5
    assert sum("card" in one.text for one in found.matches) >= 3
    (asked,) = workspace.predict(model.id, [joined("where is my card", found.matches[0].text)])
    assert asked.probabilities["yes"] == pytest.approx(values[0], rel=1e-4)
    nearest_no = workspace.best_matches(model.id, "where is my card", label="no", n=1)
    assert nearest_no.matches[0].text != found.matches[0].text


def test_matches_come_from_a_file_too_and_scores_rank_them(workspace: Workspace, home: Path) -> None:
    model = trained(workspace, home, "pair_score")
    content = "id,answer\n1,the refund will arrive\n2,\n3,the card will arrive\n4,the card will arrive\n"
    upload = workspace.receive_upload(io.BytesIO(content.encode()), "answers.csv")
    found = workspace.best_matches(model.id, "where is my card", candidates=upload, column="answer")
    assert (found.matches[0].text, found.matches[0].row) == ("the card will arrive", 4)
    assert (found.label, found.n_candidates, len(found.matches)) == ("", 2, 2)
    assert all(one.low <= one.value <= one.high for one in found.matches)


def test_every_row_of_a_file_gets_its_matches(workspace: Workspace, model: ModelVersion, tmp_path: Path) -> None:
    asked, answers, out = (tmp_path / name for name in ("asked.csv", "answers.csv", "out.csv"))
    asked.write_text("n,question1\n1,where is my card\n2,\n3,i need the refund\n")
    answers.write_text("question2\nthe card will arrive\nget the refund now\nplease help with login\n")
    ask = ("models", "matches", str(model.id), "--file", str(asked), "--candidates", str(answers), "--n", "2")
    told = answer(workspace, *ask, "--out", str(out))
    assert (told.data["n_rows"], told.data["n_scored"], told.data["n_candidates"]) == (3, 2, 3)
    written = pd.read_csv(out)
    assert list(written) == ["n", "question1", "match 1", "sure % 1", "match 2", "sure % 2"]
    assert written["match 1"].fillna("").tolist() == ["the card will arrive", "", "get the refund now"]
    asked.write_text("reply,question\nget the refund now,where is my card\n")
    answer(workspace, *ask, "--out", str(out), "--text-column", "question")
    assert pd.read_csv(out)["match 1"].tolist() == ["the card will arrive"]
    with pytest.raises(UserError, match="Where should"):
        answer(workspace, *ask)


def test_matches_are_told_in_the_terminal_or_refused(workspace: Workspace, model: ModelVersion) -> None:
    told = answer(workspace, "models", "matches", str(model.id), "--text", "where is my card", "--n", "2")
    assert json.dumps(told.data) and len(told.data["matches"]) == 2
    assert "sure % of “yes”" in told.text
    for options in ({"n": 0}, {"text": " "}):
        with pytest.raises(NotPossible):
            workspace.best_matches(model.id, **({"text": "where is my card"} | options))
    assert workspace.best_matches(model.id, "where is my card", label="").label == "yes"
    with pytest.raises(NotFound, match="no category"):
        workspace.best_matches(model.id, "where is my card", label="perhaps")


def test_without_a_yes_the_category_of_the_most_alike_pairs_means_a_match(workspace: Workspace, home: Path) -> None:
    renamed = table(60, "text_pair").replace(b",yes", b",alike").replace(b",no", b",apart")
    upload = workspace.receive_upload(io.BytesIO(renamed), "alike.csv")
    dataset = workspace.add_dataset(upload, task="text_pair")
    base = home / "tiny" if (home / "tiny").exists() else build_base(home / "tiny")
    workspace.start_training(dataset.id, tiny_recipe(task="text_pair", base_model=str(base), technique="draft"))
    work(workspace, TrainHandler())
    quick = workspace.models()[0]
    assert quick.labels == ("apart", "alike") and workspace.matching_label(quick.id) == "alike"
    blank = workspace.receive_upload(io.BytesIO(b"id,question2\n1,\n2, \n"), "blank.csv")
    with pytest.raises(BadData, match="no texts to choose from"):
        workspace.best_matches(quick.id, "where is my card", candidates=blank)
    workspace.delete_run(quick.run_id)
