"""Try it answers with the real predictor, says when it is not sure, and keeps the question in the address."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.goal import Goal, Use
from core.domain.model import ModelVersion
from core.workspace import Workspace
from pages.components import keys, session
from pages.components.marked_text import pieces
from pages.components.why import leave_out
from tests.pages.conftest import OpenPage
from tests.pages.model_seeds import EXAM, MARKDOWN, publish_model


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    return publish_model(workspace, copies=1)


def said(test: AppTest) -> str:
    return "\n".join(element.value for element in [*test.text, *test.subheader, *test.caption, *test.get("badge")])


def answer_button(test: AppTest, label: str = "Answer") -> None:
    next(button for button in test.button if button.label == label).click()
    test.run()


def test_the_box_starts_with_a_hard_example_of_the_exam(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id))
    assert not test.exception
    assert test.text_area[0].value in {"nothing that it knows", "the blue ribbon parcel"}  # the two it got wrong
    answer_button(test)
    assert not test.exception
    assert "so this is wrong" in said(test)
    assert len(test.get("plotly_chart")) == 1


def test_a_sure_answer_names_category_percent_and_threshold(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id))
    test.text_area[0].set_value("my money please thanks")
    answer_button(test)
    assert test.subheader[0].value == "refund"
    assert "sure, at or above the threshold of 50%." in said(test)
    assert test.query_params["text"] == "my money please thanks"


def test_an_unsure_answer_goes_to_a_person(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id), text="blue ribbon")
    assert not test.exception
    assert "below the threshold of 50%." in said(test)
    assert any("Not sure: goes to a person" in element.value for element in test.markdown)


def test_where_nobody_acts_on_answers_nothing_goes_to_a_person(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion
) -> None:
    workspace.set_goal(model.dataset_id, Goal(use=Use.WATCH))
    test = open_page("try", model=str(model.id), text="blue ribbon")
    assert not test.exception
    badges = "\n".join(element.value for element in test.markdown)
    assert "Not sure" in badges and "to a person" not in badges


def test_an_address_with_a_text_restores_the_answer_in_chinese(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", lang="zh_CN", model=str(model.id), text="我要退款")
    assert not test.exception
    assert test.title[0].value == "试一试"
    assert test.subheader[0].value == "退款"
    assert "达到 50% 的阈值" in said(test)


def test_a_long_text_stays_out_of_the_address(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id), text="hello")
    test.text_area[0].set_value("money " * 200)
    answer_button(test)
    assert test.subheader[0].value == "refund"
    assert "text" not in test.query_params


def test_examples_of_the_exam_come_with_their_truth(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id))
    answer_button(test, "Surprise me")
    assert not test.exception
    assert test.text_area[0].value in {text for text, _label in EXAM}
    assert "Its true category is" in said(test)
    answer_button(test, "One it got wrong")
    assert "so this is wrong" in said(test)


def test_several_texts_are_answered_in_order(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id))
    test.segmented_control(key="select_ask").set_value("several").run()
    test.text_area[0].set_value(f"my money please\n\n{MARKDOWN}\nblue ribbon")
    answer_button(test)
    assert not test.exception
    table = test.dataframe[0].value
    assert list(table["text"]) == ["my money please", MARKDOWN, "blue ribbon"]
    assert list(table["action"]) == ["Sure", "Sure", "Goes to a person"]
    assert "Sure about 2 of 3 texts" in said(test)


def test_more_lines_than_allowed_are_said(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id))
    test.segmented_control(key="select_ask").set_value("several").run()
    test.text_area[0].set_value("\n".join(f"money {i}" for i in range(130)))
    answer_button(test)
    assert len(test.dataframe[0].value) == 100
    assert "first 100 lines" in test.warning[0].value


def test_what_was_tried_is_kept_in_this_tab(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id), text="hello")
    for text in ("my money", "the parcel", "my money"):
        test.text_area[0].set_value(text)
        answer_button(test)
    assert list(test.dataframe[0].value["text"]) == ["my money", "the parcel", "hello"]


def test_an_empty_box_asks_nothing(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id), text="hello")
    test.text_area[0].set_value("   ")
    answer_button(test)
    assert not test.exception
    assert "The answer appears here" in said(test)
    assert "text" not in test.query_params


def test_an_answer_comes_with_the_words_that_moved_it(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id), text="my money please thanks")
    assert not test.exception
    assert "The strongest words for “refund”: “money”" in said(test)
    why_not = next(box for box in test.selectbox if box.label == "Why not another category?")
    why_not.set_value("delivery").run()
    assert not test.exception
    assert "The strongest words for “refund” rather than “delivery”: “money”" in said(test)


def test_a_changed_text_is_answered_beside_the_first(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id), text="my money please thanks")
    assert "The answer did not move." in said(test)
    box = next(box for box in test.text_input if box.label == "Change the text")
    box.set_value("my parcel please thanks").run()
    assert not test.exception
    assert "The answer moved from “refund” to “delivery”." in said(test)
    box.set_value(" ").run()
    assert "The box is empty." in said(test)


def test_a_new_question_starts_what_if_from_its_own_text(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("try", model=str(model.id), text="my money please thanks")
    next(box for box in test.text_input if box.label == "Change the text").set_value("my parcel").run()
    test.text_area[0].set_value("when does it arrive")
    answer_button(test)
    assert next(box for box in test.text_input if box.label == "Change the text").value == "when does it arrive"


def test_a_word_that_is_clicked_leaves_the_changed_text_and_comes_back(
    open_page: OpenPage, model: ModelVersion
) -> None:
    explanation = session.workspace().explain(model.id, "my money please")
    state: dict[str, object] = {"marked": SimpleNamespace(word=1), f"{keys.TRY_LEFT_OUT}_{model.id}": []}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streamlit.session_state", state)
        leave_out(model.id, explanation, "marked")
        assert state[f"{keys.TRY_WHAT_IF}_{model.id}"] == "my please"
        leave_out(model.id, explanation, "marked")
        assert state[f"{keys.TRY_WHAT_IF}_{model.id}"] == "my money please"


def test_the_marked_text_is_the_whole_text_in_order(open_page: OpenPage, model: ModelVersion) -> None:
    explanation = session.workspace().explain(model.id, MARKDOWN)
    drawn = pieces(explanation, explanation.effects(explanation.prediction.label))
    assert "".join(str(piece["text"]) for piece in drawn) == MARKDOWN
    assert max(abs(float(piece.get("tint", 0))) for piece in drawn) <= 1
