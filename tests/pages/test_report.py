"""The report says what a model is worth, where it errs, and shows the rows; user text stays text."""

import shutil
from dataclasses import replace

import numpy as np
import pandas
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from core.domain.goal import Goal, Use, WorstMixUp
from core.domain.model import EvaluationReport, ModelVersion
from core.domain.policy import NEVER, Handle, Policy
from core.evaluation.report import build_report
from core.evaluation.rule_words import in_use_words
from core.workspace import Workspace
from pages.components.automation import own_of
from pages.components.confusion import MATRIX_LIMIT, matrix_figure, mix_ups, most_confused
from pages.components.exam_table import as_csv, matching
from pages.components.inert_text import chart_text, shorten, text_width
from pages.components.report_cards import categories_table, weakest_sentence
from pages.components.telling_words import words_of_model
from tests.pages.conftest import OpenPage
from tests.pages.model_seeds import MARKDOWN, publish_model


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    return publish_model(workspace)


def texts(test: AppTest) -> str:
    return "\n".join(element.value for element in [*test.text, *test.subheader, *test.caption])


def report_of_many(n_labels: int) -> EvaluationReport:
    """Every category is asked three times; each tenth one is once answered like its neighbour."""
    labels = [f"category {i}" for i in range(n_labels)]
    true = [label for label in labels for _ in range(3)]
    proba = np.full((len(true), n_labels), 0.001)
    for row in range(len(true)):
        answer = row // 3
        if answer % 10 == 0 and row % 3 == 0:
            answer += 1
        proba[row, answer] = 0.9
    return build_report(labels, true, proba, threshold=0.5, majority_label=labels[0], seconds=0.0)


def test_the_verdict_comes_first_with_its_interval(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("report", model=str(model.id))
    assert not test.exception
    assert test.subheader[0].value == "Ready to suggest answers to staff"
    said = texts(test)
    assert "Right on 70 of 90 unseen examples: 78% (likely 68% to 85%)." in said
    assert "right on 25 examples more than the draft" in said
    assert "The exam has only 90 examples" in said.replace("\\", "")
    assert [(card.label, card.value) for card in test.metric] == [
        ("Right", "78%"),
        ("Automatic", "0%"),
        ("Of those right", "–"),
        ("Wrong per 1,000, at most", "0"),
    ]


def test_the_report_speaks_chinese(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("report", lang="zh_CN", model=str(model.id))
    assert not test.exception
    assert test.title[0].value == "报告"
    assert test.subheader[0].value == "可以为员工提供建议答案"
    assert "90 条从未见过的示例中答对 70 条：78%（可能在 68% 到 85% 之间）。" in texts(test)


def test_a_cell_of_the_address_shows_its_exam_rows(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("report", model=str(model.id), truth="delivery", answer="退款")
    assert not test.exception
    rows = next(table.value for table in test.dataframe if len(table.value) == 10 and "row" in table.value)
    assert set(rows["text"]) == {"nothing that it knows"}
    assert list(rows["row"][:2]) == [7, 16]


def test_a_mix_up_sentence_opens_its_rows_and_the_address_keeps_them(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("report", model=str(model.id))
    sentence = next(button for button in test.button if "were answered" in button.label)
    assert sentence.label.startswith("10 of 30 “delivery” were answered “退款”")
    sentence.click().run()
    assert not test.exception
    assert (test.query_params["truth"], test.query_params["answer"]) == ("delivery", "退款")
    assert "10 exam rows" in texts(test)


def test_the_wrong_answers_can_be_searched(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("report", model=str(model.id))
    assert "20 wrong answers" in texts(test)
    test.text_input[0].set_value("RIBBON").run()
    assert "10 wrong answers" in texts(test)
    test.text_input[0].set_value("no such words").run()
    assert "No wrong answer contains these words." in texts(test)


def test_user_text_is_never_formatted(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("report", model=str(model.id), truth="refund", answer="refund")
    assert MARKDOWN in set(next(t.value["text"] for t in test.dataframe if len(t.value) == 30))
    for kind in ("markdown", "caption", "subheader", "button", "page_link"):
        for element in test.get(kind):
            shown = f"{getattr(element, 'label', '')} {getattr(element, 'value', '')}"
            assert "![x](" not in shown
            assert "Tickets *June*" not in shown  # only with its stars escaped


def test_without_a_model_the_page_says_what_to_do(open_page: OpenPage) -> None:
    test = open_page("report")
    assert not test.exception
    assert test.subheader[0].value == "No model yet"
    assert [button.label for button in test.button] == ["Train a model"]


def test_many_categories_start_with_the_confused_ones() -> None:
    report = report_of_many(77)
    shown = most_confused(report)
    assert 2 <= len(shown) <= 12
    assert {mix_up.truth for mix_up in mix_ups(report)[:6]} <= set(shown)
    assert most_confused(report_of_many(MATRIX_LIMIT)) == [f"category {i}" for i in range(MATRIX_LIMIT)]


def test_the_matrix_draws_tags_as_text_and_keeps_each_name_apart() -> None:
    labels = ["<a href='http://x'>refund</a>", "a" * 40 + "1", "a" * 40 + "2"]
    report = build_report(labels, labels, np.eye(3), threshold=0.5, majority_label=labels[0], seconds=0.0)
    figure: go.Figure = matrix_figure(report, labels)
    ticks = figure.layout.yaxis.ticktext
    assert "<a" not in ticks[0] and ticks[0].startswith("&lt;a")
    assert len(set(figure.layout.yaxis.tickvals)) == 3
    assert [list(pair) for pair in figure.data[2].customdata] == [[label, label] for label in labels]


def test_weakest_category_comes_first_and_an_unasked_one_last() -> None:
    report = build_report(
        ["never asked", "good", "bad"],
        ["good", "good", "bad", "bad"],
        np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]], dtype=float),
        threshold=0.5,
        majority_label="good",
        seconds=0.0,
    )
    table = categories_table(report, {"good": 20, "bad": 5, "never asked": 2})
    assert list(table["label"]) == ["bad", "good", "never asked"]
    assert table["f1"].isna().tolist() == [False, False, True]
    assert weakest_sentence(report, {"bad": 5}) == (
        "Weakest: “bad”. It found 1 of 2 exam examples; the data holds 5 examples of it in all."
    )


def test_a_perfect_exam_has_no_weakest_category() -> None:
    report = build_report(["a", "b"], ["a", "b"], np.eye(2), threshold=0.5, majority_label="a", seconds=0.0)
    assert weakest_sentence(report, {}) is None
    assert mix_ups(report) == []


def test_the_download_is_inert_and_opens_in_excel(workspace: Workspace, model: ModelVersion) -> None:
    rows = workspace.exam_rows(model.id, wrong_only=True).copy()
    rows.loc[rows.index[0], "text"] = "=HYPERLINK(1)"
    content = as_csv(rows)
    assert content.startswith(b"\xef\xbb\xbf")
    assert "\n7,=HYPERLINK" not in content.decode("utf-8-sig")
    assert len(matching(rows, "  hyperlink ")) == 1
    assert len(matching(rows, "")) == len(rows)


@pytest.mark.parametrize(("text", "width"), [("short", 24), ("服务" * 20, 24), ("a b\n" * 50, 24), ("退" * 9000, 200)])
def test_shortened_text_fits(text: str, width: int) -> None:
    assert text_width(shorten(text, width)) <= width
    assert "\n" not in shorten(text, width)
    assert "<" not in chart_text(f"<b>{text}", width)


def test_a_slider_moves_the_sentence_and_is_saved_with_the_model(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion
) -> None:
    test = open_page("report", model=str(model.id))
    assert "Of the next 1,000 messages 0 go automatic" in marked(test)
    test.select_slider[0].set_value(50.0).run()
    assert "Of the next 1,000 messages 1,000 go automatic (about 222 wrong, at most 3" in marked(test)
    test.button(key=f"policy_save_{model.id}").click().run()
    assert not test.exception
    saved = workspace.model(model.id).policy
    assert saved is not None and (saved.handle, saved.value) == (Handle.MISTAKES, 50.0)
    assert "In use now, as you chose: answers from" in test.success[0].value.replace("\\", "")
    test.button(key=f"policy_reset_{model.id}").click().run()
    assert workspace.model(model.id).policy is None


def test_the_slider_speaks_chinese_and_takes_a_share(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("report", lang="zh_CN", model=str(model.id))
    handle = next(one for one in test.get("button_group") if one.proto.label == "以什么为准")
    handle.set_value(Handle.SHARE).run()
    test.slider[0].set_value(100).run()
    assert not test.exception
    assert "接下来的 1,000 条消息中，1,000 条自动处理（约 222 条错误" in marked(test)


def test_a_goal_with_costs_is_told_in_money(open_page: OpenPage, workspace: Workspace, model: ModelVersion) -> None:
    test = open_page("report", model=str(model.id))
    messages, wrong, reading, _allowed, _weight = test.number_input
    messages.set_value(2000)
    wrong.set_value(2.0)
    reading.set_value(1.0)
    next(button for button in test.button if button.label == "Save the goal").click().run()
    assert not test.exception
    assert workspace.goal(model.dataset_id).n_messages == 2000
    assert "Saves about $1,333 a month, at least $" in texts(test)
    assert test.subheader[0].value == "Ready to automate part of the work"


def test_a_goal_that_makes_no_sense_is_refused_on_the_page(open_page: OpenPage, model: ModelVersion) -> None:
    test = open_page("report", model=str(model.id))
    truth, answer = (one for one in test.selectbox if one.label in ("Worst mix-up: it truly is", "and is answered"))
    truth.set_value("refund")
    answer.set_value("refund")
    next(button for button in test.button if button.label == "Save the goal").click().run()
    assert "between two categories" in test.error[0].value


def test_a_model_without_kept_answers_says_train_again(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion
) -> None:
    shutil.rmtree(workspace._model_dir(model.id) / "answers")
    test = open_page("report", model=str(model.id))
    assert not test.exception
    assert "Train again to choose its threshold" in texts(test).replace("\\", "")
    assert not test.select_slider


def test_a_model_whose_folder_is_gone_says_so_and_what_to_do(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion
) -> None:
    shutil.rmtree(workspace._model_dir(model.id))
    test = open_page("report", model=str(model.id))
    assert not test.exception
    assert test.subheader[0].value == "Ready to suggest answers to staff"  # the report itself is in the database
    [error] = [element.value.replace("\\", "") for element in test.error]
    assert f"What model {model.id} answered in its exam is gone." in error and "Train it again." in error


def test_a_table_of_rules_becomes_thresholds() -> None:
    table = pandas.DataFrame({"label": ["a", "b", "c"], "never": [True, False, False], "from": [50.0, 80.0, None]})
    assert own_of(table) == {"a": NEVER, "b": 0.8}


def marked(test: AppTest) -> str:
    return "\n".join(element.value for element in test.markdown).replace("\\", "")


def test_a_weighted_promise_names_its_number_so(open_page: OpenPage, workspace: Workspace, model: ModelVersion) -> None:
    workspace.set_goal(model.dataset_id, Goal(worst=WorstMixUp(truth="delivery", answer="refund")))
    workspace.save_policy(model.id, Policy(threshold=0.5))
    test = open_page("report", model=str(model.id))
    assert not test.exception
    assert test.metric[3].label == "Weighted mistakes per 1,000, at most"
    assert "the worst mix-up counts as 10 mistakes" in test.metric[3].help


def test_what_is_in_use_looks_at_the_rule_of_every_category(model: ModelVersion) -> None:
    def said(threshold: float, use: Use = Use.FILL, **overrides: float) -> str:
        return str(in_use_words(replace(model, policy=Policy(threshold=threshold, overrides=overrides)), use))

    assert said(NEVER) == "In use now, as you chose: nothing goes automatic."
    assert said(0.5, **dict.fromkeys(model.labels, NEVER)) == said(NEVER)
    assert said(NEVER, refund=0.9).endswith("only categories with a rule of their own go automatic.")
    assert said(NEVER, Use.WATCH, refund=0.9).endswith("with a rule of their own are counted for sure.")
    assert said(0.8, refund=NEVER).endswith("answers from 80% sure on go automatic.")
    assert said(0.8, Use.SUGGEST).endswith("answers from 80% sure on are suggested.")


def test_what_is_in_use_is_told_before_what_is_only_recommended(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion
) -> None:
    test = open_page("report", model=str(model.id))
    in_use = test.info[0].value.replace("\\", "")
    assert "In use now, as training chose: answers from 50% sure on go automatic." in in_use
    assert "Of the next 1,000 messages 1,000 go automatic" in in_use and "not in use until you save it" in in_use
    assert "It is not in use yet; until you save it, answers from 50% sure on go automatic." in texts(test)
    workspace.save_policy(model.id, workspace.outlook(model.id).policy)
    test = open_page("report", model=str(model.id))
    assert "In use now, as you chose: nothing goes automatic." in test.success[0].value.replace("\\", "")
    assert "not in use yet" not in texts(test)


def test_numbers_are_called_by_what_happens_to_the_messages(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion
) -> None:
    workspace.set_goal(model.dataset_id, Goal(use=Use.WATCH))
    test = open_page("report", model=str(model.id))
    assert not test.exception
    assert test.metric[1].label == "Counted for sure"
    assert test.select_slider[0].label == "Most mistakes allowed, per 100 sure answers"
    assert "Keep watch" in marked(test) and "utomat" not in "".join(one.label for one in test.metric)
    assert "answers from 50% sure on are counted for sure." in test.info[0].value.replace("\\", "")


def test_the_slider_starts_at_the_very_threshold_that_is_recommended(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion
) -> None:
    """Its share in whole percents could stand for a looser one."""
    workspace.set_goal(model.dataset_id, Goal(wrong_cost=2.0, reading_cost=1.0, allowed=50.0))
    policy = workspace.outlook(model.id).policy
    assert policy.handle is Handle.SHARE
    test = open_page("report", model=str(model.id))
    next(button for button in test.button if button.label == "Save and use it").click().run()
    assert workspace.model(model.id).policy == policy


def test_details_are_drawn_when_they_are_opened_and_telling_words_are_worked_out_once(
    open_page: OpenPage, workspace: Workspace, model: ModelVersion
) -> None:
    def facts(test: AppTest) -> list[str]:
        return [str(name) for one in test.dataframe if "name" in one.value for name in one.value["name"]]

    test = open_page("report", model=str(model.id))
    assert "Base model" not in facts(test)
    test.session_state[f"report_details_{model.id}"] = True
    test.run()
    assert not test.exception
    assert {"Base model", "Macro-F1 on the exam"} <= set(facts(test))
    words = words_of_model(str(workspace.settings.home), model.id)
    (workspace.settings.models_dir / str(model.id) / "exam.parquet").unlink()
    assert words_of_model(str(workspace.settings.home), model.id) == words
