"""Every page of models that compare two texts. One of each kind is trained for all of them: real drafts of a tiny base."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.matching import Match, Matches
from core.domain.model import ModelVersion
from core.domain.pairs import joined
from core.jobs.handlers.score import ScoreHandler
from core.jobs.handlers.train import TrainHandler
from core.workspace import Workspace
from pages.components import session
from pages.components.matches import best_sentence
from tests.in_process import work
from tests.pages.conftest import OpenPage
from tests.unit.training.tiny import FILLERS, WORDS, build_base, tiny_recipe

BOTH = pytest.mark.parametrize("lang", ["en", "zh_CN"])
COLUMNS = ("question *1*", "question 2")
MARKDOWN = "![x](http://localhost:9/x.png) <b>card</b>"


def table(task: str) -> bytes:
    """Every second pair is about the same thing."""
    topics, rows = list(WORDS), []
    for i in range(120):
        first, second = topics[i % 3], topics[(i + i // 3 % 2) % 3]
        one, two = (
            f"{FILLERS[i % 5]} {FILLERS[(i + k) % 7]} {WORDS[topic][k % 2]} {i}"
            for k, topic in enumerate((first, second))
        )
        is_same = first == second
        rows.append(
            f"{one},{two},{(4 if is_same else 1) + i % 10 / 10 if task == 'pair_score' else 'yes' if is_same else 'no'}"
        )
    return "\n".join([",".join([*COLUMNS, "same"]), *rows]).encode()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pairs")


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch, in_this_process: None) -> Iterator[Workspace]:
    monkeypatch.setenv("TUNEDESK_HOME", str(home))
    yield session.workspace()


def trained(workspace: Workspace, home: Path, task: str) -> ModelVersion:
    if not any(model.task == task for model in workspace.models()):
        upload = workspace.receive_upload(io.BytesIO(table(task)), f"{task}.csv")
        dataset = workspace.add_dataset(upload, text_columns=COLUMNS, label_column="same", task=task)
        base = home / "tiny" if (home / "tiny").exists() else build_base(home / "tiny")
        workspace.start_training(dataset.id, tiny_recipe(task=task, base_model=str(base), technique="draft"))
        work(workspace, TrainHandler())
    return next(model for model in workspace.models() if model.task == task)


@pytest.fixture
def model(workspace: Workspace, home: Path) -> ModelVersion:
    return trained(workspace, home, "text_pair")


@pytest.fixture
def grader(workspace: Workspace, home: Path) -> ModelVersion:
    return trained(workspace, home, "pair_score")


def said(test: AppTest) -> str:
    found = [*test.title, *test.header, *test.subheader, *test.text, *test.caption, *test.markdown]
    return "\n".join(element.value for element in found)


def press(test: AppTest, label: str) -> None:
    next(button for button in test.button if button.label == label).click()
    test.run()
    assert not test.exception


# -- try it ----------------------------------------------------------------------------------------------------------


@BOTH
def test_two_boxes_under_the_names_of_the_columns_are_answered(
    open_page: OpenPage, model: ModelVersion, lang: str
) -> None:
    test = open_page("try", lang=lang, model=str(model.id), text="where is my card", second=f"the card {MARKDOWN}")
    assert not test.exception
    assert [(box.label, box.value) for box in test.text_area[:2]] == [
        (r"question \*1\*", "where is my card"),
        ("question 2", f"the card {MARKDOWN}"),
    ]
    assert test.subheader[0].value in ("yes", "no")
    assert "](http://" not in "".join(element.value for element in test.markdown)
    assert ("The words that moved the answer" if lang == "en" else "影响答案的词语") in said(test)


def test_boxes_start_with_a_pair_of_the_exam_and_half_a_pair_is_not_asked(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion
) -> None:
    test = open_page("try", model=str(model.id))
    first, second = (box.value for box in test.text_area[:2])
    assert joined(first, second) in set(workspace.exam_rows(model.id)["text"])
    press(test, "Answer")
    assert (test.query_params["text"], test.query_params["second"]) == (first, second)
    assert "Its true category is" in said(test)
    test.text_area[1].set_value(" ")
    press(test, "Answer")
    assert "Fill both boxes" in said(test)
    assert "second" not in test.query_params


def test_each_text_is_changed_for_itself(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id), text="where is my card", second="the card")
    first, second = test.text_input[:2]
    assert (first.value, second.value) == ("where is my card", "the card")
    assert "The answer did not move." in said(test)
    second.set_value("refund please").run()
    assert not test.exception and "The answer did not move." not in said(test)
    test.text_input[1].set_value("").run()
    assert "One of the boxes is empty." in said(test)
    assert list(test.dataframe[0].value.columns) == ["row", "text", "second_text", "label", "similarity"]


def test_several_pairs_come_as_two_columns(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id), ask="several")
    test.text_area[0].set_value("where is my card\tthe card\tyes\nmy refund | the money\nonly one")
    press(test, "Answer")
    table = test.dataframe[0].value
    assert list(zip(table["text"], table["second_text"], strict=True)) == [
        ("where is my card", "the card"),
        ("my refund", "the money"),
    ]
    assert "1 line holds no two texts" in test.warning[0].value


def test_two_texts_get_a_score(open_page: OpenPage, grader: ModelVersion) -> None:
    test = open_page("try", lang="zh_CN", model=str(grader.id), text="where is my card", second="the card")
    assert not test.exception
    assert 0 < float(test.subheader[0].value) < 6
    assert "same" in [caption.value for caption in test.caption]


# -- report, score a file ----------------------------------------------------------------------------------------------


@BOTH
def test_reports_show_both_texts(open_page: OpenPage, model: ModelVersion, grader: ModelVersion, lang: str) -> None:
    test = open_page("report", lang=lang, model=str(grader.id))
    assert not test.exception
    assert list(test.dataframe[1].value.columns)[:3] == ["row", "text", "label"]
    assert "second_text" in test.dataframe[1].value
    test = open_page("report", lang=lang, model=str(model.id), truth="yes", answer="yes")
    assert not test.exception
    assert any("second_text" in table.value for table in test.dataframe)
    assert ("Telling words" if lang == "en" else "特征词") not in said(test)


def test_a_file_is_scored_by_both_of_its_columns(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion
) -> None:
    content = f"id,{COLUMNS[0]},other\n1,where is my card,the card\n2,my refund,\n"
    upload = workspace.receive_upload(io.BytesIO(content.encode()), "new.csv")
    test = open_page("score", lang="zh_CN", model=str(model.id), upload=upload.sha256)
    assert not test.exception
    assert test.button(key="score_start").disabled
    first, second = (test.selectbox(key=f"score_column_{upload.sha256}_{place}") for place in (0, 1))
    assert (first.value, second.value) == (COLUMNS[0], None)
    assert "比较两段文本" in said(test)
    second.set_value("other").run()
    test.button(key="score_start").click()
    test.run()
    assert not test.exception
    work(workspace, ScoreHandler())
    done = open_page("score", lang="zh_CN", job=test.query_params["job"])
    assert not done.exception
    scored = done.dataframe[0].value
    assert list(scored.columns)[:3] == ["id", COLUMNS[0], "other"] and list(scored.iloc[1, 3:]) == ["", "", ""]


def test_a_file_of_one_column_is_refused_with_its_reason(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion
) -> None:
    upload = workspace.receive_upload(io.BytesIO(b"question\nwhere is my card\nmy refund\n"), "one.csv")
    test = open_page("score", model=str(model.id), upload=upload.sha256)
    assert "one column only" in test.warning[0].value
    assert test.button(key="score_start").disabled


def test_train_runs_and_home_open(open_page: OpenPage, model: ModelVersion) -> None:
    for page, query in (("train", {"dataset": model.dataset_id}), ("runs", {"run": str(model.run_id)}), ("home", {})):
        test = open_page(page, lang="zh_CN", **query)
        assert not test.exception and not test.error


# -- best matches ------------------------------------------------------------------------------------------------------


@BOTH
def test_the_best_of_the_models_own_table_come_with_how_sure_it_is(
    open_page: OpenPage, model: ModelVersion, lang: str
) -> None:
    test = open_page("try", lang=lang, model=str(model.id), ask="matches", text="where is my card")
    assert not test.exception
    assert test.selectbox(key=f"match_label_{model.id}").value == "yes"
    test.number_input(key=f"match_n_{model.id}").set_value(7)
    press(test, "Find the best matches" if lang == "en" else "查找最佳匹配")
    table = test.dataframe[0].value
    assert len(table) == 7 and table["value"].is_monotonic_decreasing and table["value"].between(0, 100).all()
    assert ("120 texts to choose from" if lang == "en" else "120") in said(test)
    row = test.selectbox(key=f"match_row_{model.id}")
    row.set_value(row.options[0]).run()
    assert not test.exception
    assert row.options[0].split(" · ")[1] == test.text_area[0].value == test.query_params["text"]


def test_scores_are_matched_in_a_file_of_ones_own(
    open_page: OpenPage, workspace: Workspace, grader: ModelVersion
) -> None:
    content = "id,answer\n" + "".join(
        f"{i},please {words} today {i}\n" for i, words in enumerate(["the card", "my refund"] * 3)
    )
    upload = workspace.receive_upload(io.BytesIO(content.encode()), "answers.csv")
    test = open_page("try", model=str(grader.id), ask="matches", among="file")
    assert test.button(key=f"match_find_{grader.id}").disabled
    test = open_page("try", model=str(grader.id), ask="matches", among="file", candidates=upload.sha256, text="my card")
    assert test.selectbox(key="select_column").value == "answer"
    press(test, "Find the best matches")
    table = test.dataframe[0].value
    assert sorted(table["row"]) == [2, 3, 4, 5, 6, 7] and table["value"].is_monotonic_decreasing
    assert "The best has a score of" in said(test)
    test.text_area[0].set_value(" ")
    press(test, "Find the best matches")
    assert not test.dataframe


@pytest.mark.parametrize(
    ("values", "n_sure", "words"),
    [
        ((0.1, 0.0), 0, "none of them for a match: it is 10% sure"),
        ((0.6, 0.1), 0, "sure of none"),
        ((0.9, 0.8), 1, "sure of 1 of these 2"),
    ],
)
def test_the_sentence_above_matches_says_what_they_are_worth(
    values: tuple[float, ...], n_sure: int, words: str
) -> None:
    matches = tuple(Match(text="a", row=2, value=value, sure=i < n_sure) for i, value in enumerate(values))
    found = Matches(text="b", label="yes", matches=matches, n_candidates=2, n_asked=2, seconds=0.1)
    assert words in best_sentence(found)
