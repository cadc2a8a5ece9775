"""Every page of a model that answers with a number, in both languages."""

import io

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.model import ModelVersion
from core.jobs.handlers.score import ScoreHandler
from core.workspace import Workspace
from tests.in_process import work
from tests.pages.conftest import OpenPage
from tests.pages.model_seeds import publish_model
from tests.pages.number_seeds import MARKDOWN, add_scores, publish_number_model

BOTH = pytest.mark.parametrize("lang", ["en", "zh_CN"])


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    return publish_number_model(workspace)


def said(test: AppTest) -> str:
    found = [*test.title, *test.header, *test.subheader, *test.text, *test.caption, *test.markdown]
    return "\n".join(element.value for element in found)


@BOTH
def test_the_report_says_how_far_off_it_is_and_where(open_page: OpenPage, model: ModelVersion, lang: str) -> None:
    test = open_page("report", lang=lang, model=str(model.id))
    assert not test.exception
    expected = {
        "en": ["off by", "Without a model", "Answers against true scores", "Least reliable from"],
        "zh_CN": ["平均偏差", "答案与真实评分对照", "最不可靠"],
    }[lang]
    shown = said(test) + "".join(metric.label for metric in test.metric)
    assert [words for words in expected if words not in shown] == []
    assert len(test.get("plotly_chart")) == 1
    worst = test.dataframe[1].value
    assert len(worst) == 40 and worst["off"].abs().is_monotonic_decreasing


@BOTH
def test_a_text_gets_a_number_on_its_scale(open_page: OpenPage, model: ModelVersion, lang: str) -> None:
    test = open_page("try", lang=lang, model=str(model.id), text="my money please")
    assert not test.exception
    assert float(test.subheader[0].value) == pytest.approx(1.1, abs=0.6)
    assert ("likely from 1" if lang == "en" else "很可能在 1") in said(test)


def test_examples_come_with_their_truth_and_a_text_of_markup_stays_text(
    open_page: OpenPage, model: ModelVersion
) -> None:
    test = open_page("try", model=str(model.id), text=f"{MARKDOWN} 30")
    assert not test.exception
    assert "Its true score is 4." in said(test)
    assert "](http://" not in "".join(element.value for element in test.markdown)
    next(button for button in test.button if button.label == "One it got wrong").click()
    test.run()
    assert not test.exception and "Its true score is" in said(test)
    assert not any(button.label == "One it is not sure about" for button in test.button)


@BOTH
def test_words_that_move_a_score_and_what_if(open_page: OpenPage, model: ModelVersion, lang: str) -> None:
    test = open_page("try", lang=lang, model=str(model.id), text="my money please the blue ribbon parcel")
    assert not test.exception
    assert {"en": "raise the score most", "zh_CN": "最提高评分的词"}[lang] in said(test)
    box = next(one for one in test.text_input if one.value.startswith("my money"))
    box.set_value("my money please").run()
    assert {"en": "The score moved from", "zh_CN": "评分从"}[lang] in said(test)


def test_several_texts_come_back_in_a_table(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id))
    test.segmented_control(key="select_ask").set_value("several").run()
    test.text_area[0].set_value("my money please\nthe blue ribbon parcel")
    next(button for button in test.button if button.label == "Answer").click()
    test.run()
    assert not test.exception
    table = test.dataframe[0].value
    assert list(table.columns) == ["text", "value", "low", "high"]
    assert table["value"].iloc[0] < table["value"].iloc[1]


def test_a_scored_file_tells_its_mean(open_page: OpenPage, workspace: Workspace, model: ModelVersion) -> None:
    upload = workspace.receive_upload(io.BytesIO(b"text\nmy money please\nwhen does it arrive\n"), "new.csv")
    workspace.start_scoring(model.id, upload, text_column="text")
    job = work(workspace, ScoreHandler())
    test = open_page("score", job=str(job.id))
    assert not test.exception
    assert {metric.label for metric in test.metric} == {"Rows", "Mean score", "Lowest and highest", "Without text"}
    assert list(test.dataframe[0].value.columns) == ["text", "score", "at least", "at most"]


@BOTH
def test_home_runs_and_train_speak_of_scores(open_page: OpenPage, workspace: Workspace, lang: str) -> None:
    model = publish_number_model(workspace)
    home = open_page("home", lang=lang)
    assert not home.exception
    assert ("off by" if lang == "en" else "平均偏差") in said(home)
    runs = open_page("runs", lang=lang)
    assert not runs.exception and runs.dataframe[0].value["result"].iloc[0].startswith("R² ")
    run = open_page("runs", lang=lang, run=str(model.run_id))
    assert not run.exception and ("off by" if lang == "en" else "平均偏差") in said(run)
    train = open_page("train", lang=lang, dataset="7" * 12)
    assert not train.exception
    assert ("scores from 1 to 5" if lang == "en" else "评分从 1 到 5") in said(train)
    assert not [button for button in train.button if button.key == "choose_best"]


def test_the_data_page_shows_how_scores_are_spread(open_page: OpenPage, workspace: Workspace) -> None:
    dataset = add_scores(workspace)
    test = open_page("data", dataset=dataset.id)
    assert not test.exception
    assert "From 1 to 5; half of the texts are below 3, the mean is 3.2." in said(test)
    assert "Categories" not in {metric.label for metric in test.metric}


@BOTH
def test_a_table_of_scores_is_offered_as_one(open_page: OpenPage, workspace: Workspace, lang: str) -> None:
    rows = "".join(f"this lid number {i} fits rather well,{i * 7 % 101 / 10}\n" for i in range(60))
    upload = workspace.receive_upload(io.BytesIO(b"review,score\n" + rows.encode()), "reviews.csv")
    test = open_page("data", lang=lang, upload=upload.sha256)
    assert not test.exception
    next(button for button in test.button if button.key == "check_data").click()
    test.run()
    assert not test.exception
    (dataset,) = workspace.datasets()
    assert (dataset.task, dataset.label_column) == ("score", "score")


@BOTH
def test_a_report_on_stars_counts_the_steps_it_is_off(open_page: OpenPage, workspace: Workspace, lang: str) -> None:
    model = publish_model(workspace, task="ordered_categories")
    test = open_page("report", lang=lang, model=str(model.id))
    assert not test.exception
    assert ("An answer is off by 0." if lang == "en" else "答案平均相差 0.") in said(test)


def test_a_table_can_be_learned_as_a_scale(open_page: OpenPage, workspace: Workspace) -> None:
    rows = "".join(f"this lid number {i} fits rather well,{5 - i % 5}\n" for i in range(60))
    upload = workspace.receive_upload(io.BytesIO(b"review,stars\n" + rows.encode()), "reviews.csv")
    test = open_page("data", upload=upload.sha256, task="ordered_categories")
    next(button for button in test.button if button.key == "check_data").click()
    test.run()
    assert not test.exception
    (dataset,) = workspace.datasets()
    assert (dataset.task, dataset.labels) == ("ordered_categories", ("1", "2", "3", "4", "5"))
