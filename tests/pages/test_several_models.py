"""Every page of a model that gives several categories, in both languages."""

import io
import shutil
from pathlib import Path

import pandas
import pytest
from streamlit.testing.v1 import AppTest

from core.domain.model import ModelVersion
from core.domain.several import SeveralPrediction
from core.jobs.context import JobContext
from core.jobs.handlers.score import ScoreHandler
from core.settings import Settings
from core.workspace import Workspace
from pages.components import session
from pages.components.several_answer import answer_sentence, bars_of
from pages.components.several_rows import rows_of
from tests.pages.conftest import OpenPage
from tests.pages.several_models import LABELS, MARKUP, publish_several_model

BOTH = pytest.mark.parametrize("lang", ["en", "zh_CN"])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the model, made once."""
    home = tmp_path_factory.mktemp("built") / "home"
    workspace = Workspace.open(Settings(home=home))
    publish_several_model(workspace)
    workspace.close()
    return home


@pytest.fixture
def workspace(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    shutil.copytree(built, tmp_path / "home")
    monkeypatch.setenv("TUNEDESK_HOME", str(tmp_path / "home"))
    return session.workspace()


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    return workspace.models()[0]


def exam_table(test: AppTest) -> pandas.DataFrame:
    return next(frame.value for frame in test.dataframe if "missed" in frame.value)


def said(test: AppTest) -> str:
    found = [*test.title, *test.header, *test.subheader, *test.text, *test.caption, *test.markdown, *test.expander]
    return "\n".join(getattr(element, "value", None) or element.label for element in found)


@BOTH
def test_the_report_says_how_much_is_exactly_right_and_what_slips(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion, lang: str
) -> None:
    test = open_page("report", lang=lang, model=str(model.id))
    assert not test.exception
    report = workspace.several_report(model.id)
    expected = {
        "en": ["got exactly their categories", "What is missed", "is wrongly added", "The exam, row by row"],
        "zh_CN": ["类别完全正确", "漏掉了什么", "误加了什么", "逐行查看考试"],
    }[lang]
    assert [words for words in expected if words not in said(test)] == []
    values = {metric.label: metric.value for metric in test.metric}
    assert f"{report.score.exact:.0%}" in values.values() and len(values) == 5
    assert "](http://" not in "".join(element.value for element in test.markdown)
    categories = test.dataframe[0].value
    assert list(categories["label"]) and categories["f1"].is_monotonic_increasing
    assert set(categories["threshold"]) == {50.0}


def test_rows_of_the_exam_are_chosen_by_what_happened(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion
) -> None:
    exam = workspace.exam_several(model.id)
    test = open_page("report", model=str(model.id))
    shown = exam_table(test)
    wrong = exam[exam["label"] != exam["predicted"]]
    assert 0 < len(shown) == len(wrong) < len(exam)
    test.segmented_control(key=f"several_kind_{model.id}").set_value("exact").run()
    assert len(exam_table(test)) == len(exam) - len(wrong)
    test.selectbox(key=f"several_label_{model.id}").set_value("price").run()
    assert all("price" in cell for cell in exam_table(test)["label"])


def test_a_sentence_opens_its_rows(open_page: OpenPage, workspace: Workspace, model: ModelVersion) -> None:
    slip = workspace.several_report(model.id).added[0]
    test = open_page("report", model=str(model.id))
    n_tables = len(test.dataframe)
    test.session_state[f"added_{model.id}_0"] = True
    test.run()
    assert len(test.dataframe) == n_tables + 1
    assert len(test.dataframe[1].value) == slip.n
    exam = pandas.DataFrame({"label": ["a|b", "|"], "predicted": ["a", "b"], "missed": ["b", ""], "added": ["", "b"]})
    assert [len(rows_of(exam, kind, "b")) for kind in ("wrong", "missed", "added", "exact", "all")] == [2, 1, 1, 0, 2]


@BOTH
def test_a_text_gets_its_categories_or_none(open_page: OpenPage, model: ModelVersion, lang: str) -> None:
    test = open_page(
        "try", lang=lang, model=str(model.id), text="About order 5: it came a week late and it broke on the first day."
    )
    assert not test.exception
    assert test.subheader[0].value == "delivery · quality"
    assert len(test.get("plotly_chart")) == 1
    test = open_page("try", lang=lang, model=str(model.id), text="About order 7: thank you for the quick answer.")
    assert test.subheader[0].value == {"en": "None of the categories", "zh_CN": "不属于任何类别"}[lang]


@BOTH
def test_words_of_a_chosen_category_and_what_if(open_page: OpenPage, model: ModelVersion, lang: str) -> None:
    text = "About order 5: it came a week late and it broke on the first day."
    test = open_page("try", lang=lang, model=str(model.id), text=text)
    assert not test.exception
    assert "“delivery”" in said(test)
    test.selectbox(key=f"try_about_{model.id}").set_value("quality").run()
    assert {"en": "“quality”: ", "zh_CN": "“quality”"}[lang] in said(test)
    box = next(one for one in test.text_input if one.value == text)
    box.set_value("About order 5: it came a week late.").run()
    assert {"en": "Went: quality.", "zh_CN": "消失：quality。"}[lang] in said(test)


def test_examples_come_with_their_truth_and_markup_stays_text(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id), text=MARKUP)
    assert not test.exception and "Its true categories are" in said(test)
    assert "](http://" not in "".join(element.value for element in test.markdown)
    next(button for button in test.button if button.label == "One it got wrong").click()
    test.run()
    assert "Its true categories are: " in said(test)
    assert not any(button.label == "One it is not sure about" for button in test.button)


def test_several_texts_come_back_in_a_table(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id))
    test.segmented_control(key="select_ask").set_value("several").run()
    test.text_area[0].set_value("About order 5: it came a week late.\nAbout order 7: thank you for the quick answer.")
    next(button for button in test.button if button.label == "Answer").click()
    test.run()
    assert not test.exception
    assert list(test.dataframe[0].value["labels"].iloc[0]) == ["delivery"]


def test_a_scored_file_tells_how_many_got_none(open_page: OpenPage, workspace: Workspace, model: ModelVersion) -> None:
    assert "two more columns" in said(open_page("score", model=str(model.id)))
    content = b"text\nit came a week late and I was charged too much\nthank you for the quick answer\n"
    workspace.start_scoring(model.id, workspace.receive_upload(io.BytesIO(content), "new.csv"), text_column="text")
    claimed = workspace._store.jobs.claim()
    assert claimed is not None
    weights = ScoreHandler().stage_weights(workspace._store, claimed)
    with JobContext(workspace._store, workspace.settings, claimed, weights) as context:
        ScoreHandler().run(context)
    test = open_page("score", job=str(claimed.id))
    assert not test.exception
    assert {metric.label: metric.value for metric in test.metric} == {
        "Rows": "2",
        "Categories a text": "1.0",
        "With none": "1",
        "Without text": "0",
    }
    first = test.dataframe[0].value
    assert list(first.columns) == ["text", "categories", "sure %"] and first["categories"].iloc[0] == "delivery|price"


@BOTH
def test_home_runs_and_train_speak_of_several_categories(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion, lang: str
) -> None:
    words = "exactly right on" if lang == "en" else "完全正确"
    home = open_page("home", lang=lang)
    assert not home.exception and words in said(home)
    runs = open_page("runs", lang=lang)
    assert not runs.exception and runs.dataframe[0].value["result"].iloc[0].startswith("F1 ")
    run = open_page("runs", lang=lang, run=str(model.run_id))
    assert not run.exception and words in said(run)
    train = open_page("train", lang=lang, dataset="6" * 12)
    assert not train.exception
    assert ("3 categories, several at once" if lang == "en" else "3 个类别，可同时有多个") in said(train)
    assert not [button for button in train.button if button.key == "choose_best"]


def test_bars_show_all_that_is_given_and_the_likeliest_others() -> None:
    sure = {f"c{i:02}": 0.95 - i / 50 for i in range(30)}
    prediction = SeveralPrediction(
        text="t", categories=("c00", "c05"), probabilities=sure, thresholds=dict.fromkeys(sure, 0.9) | {"c05": 0.8}
    )
    drawn = bars_of(prediction)
    assert drawn == [f"c{i:02}" for i in range(10)]
    assert "at least 85% sure of each: least of “c05”, which is given from 80% on" in answer_sentence(prediction)
    assert set(LABELS) == {"delivery", "price", "quality"}
