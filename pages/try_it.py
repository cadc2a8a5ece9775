"""Try it: a text in, an answer out, with how sure it is and where it would go."""

import random
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.domain.explanation import Answer
from core.domain.goal import Use
from core.domain.model import ModelVersion, Prediction
from core.domain.number import NumberPrediction
from core.domain.pairs import parts
from core.domain.several import SeveralPrediction
from core.domain.task import AnswerKind
from core.domain.use_words import USE_WORDS
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components import keys
from pages.components.category_answer import show_category_answer, show_category_predictions, words_of
from pages.components.exam_examples import exam_texts, first_example, kinds_of_examples
from pages.components.layout import go, page_header, show_error
from pages.components.matches import show_matches
from pages.components.number_answer import show_number_answer, show_number_predictions
from pages.components.pair_texts import Halves, halves_of_model
from pages.components.pickers import pick_model
from pages.components.session import workspace
from pages.components.several_answer import show_several_answer, show_several_predictions
from pages.components.text_boxes import MAX_CHARS, TextBoxes
from pages.components.url_state import url_segments
from pages.components.why import show_why

HEIGHT, HALF_HEIGHT = 150, 100  # of a box, in pixels
MAX_LINES = 100
HISTORY_LIMIT = 20
SHOW_ANSWER: dict[AnswerKind, Callable[[ModelVersion, str], Answer]] = {
    AnswerKind.CATEGORY: show_category_answer,
    AnswerKind.NUMBER: show_number_answer,
    AnswerKind.CATEGORIES: show_several_answer,
}


def show_one(model: ModelVersion, halves: Halves) -> None:
    asked_key = f"{keys.TRY_ASKED}_{model.id}"
    boxes = TextBoxes(key=f"{keys.TRY_TEXT}_{model.id}", halves=halves)
    if not boxes.is_open:
        shared = boxes.in_address()
        boxes.fill(shared or first_example(model))
        st.session_state[asked_key] = shared
    question, answer = st.columns([5, 4], gap="medium")
    with question:
        with st.form(f"try_form_{model.id}", border=False):
            for key, label in boxes.labels(_("Text")).items():
                st.text_area(
                    label,
                    key=key,
                    height=HALF_HEIGHT if halves else HEIGHT,
                    max_chars=MAX_CHARS,
                    placeholder=_("Type or paste a text") if halves else _("Type or paste a message"),
                )
            st.form_submit_button(_("Answer"), type="primary", on_click=ask, args=(model, boxes))
        st.caption(_("Or take one from the exam:"))
        with st.container(horizontal=True):
            for kind, label in kinds_of_examples(model).items():
                st.button(label, key=f"try_{kind}", on_click=take_from_exam, args=(model, kind, boxes))
    with answer, st.container(border=True):
        asked = st.session_state.get(asked_key, "")
        prediction = None
        if asked.strip():
            prediction = SHOW_ANSWER[model.answers](model, asked)
            remember(model, prediction)
        elif boxes.lack_one:
            st.caption(_("Fill both boxes: the model compares two texts."))
        else:
            st.caption(_("The answer appears here, with how sure the model is."))
    if prediction is not None:
        show_why(model, prediction, halves)
    show_history()


def show_several(model: ModelVersion, halves: Halves) -> None:
    lines_key, asked_key = f"{keys.TRY_LINES}_{model.id}", f"{keys.TRY_LINES}_asked_{model.id}"
    with st.form(f"try_lines_form_{model.id}", border=False):
        label = (
            _("One pair a line, up to {n}: two columns copied from Excel")
            if halves
            else _("One text a line, up to {n}")
        )
        st.text_area(label.format(n=MAX_LINES), key=lines_key, height=180, persist_state="session")
        if st.form_submit_button(_("Answer"), type="primary"):
            st.session_state[asked_key] = st.session_state[lines_key]
    written = TextBoxes(key=lines_key, halves=halves).lines(st.session_state.get(asked_key, ""))
    lines = [line for line in written if line]
    if n_halves := len(written) - len(lines):
        st.warning(
            ngettext(
                "{n} line holds no two texts and was left out. Copy two columns from Excel, or put a | between the texts.",
                "{n} lines hold no two texts and were left out. Copy two columns from Excel, or put a | between the texts.",
                n_halves,
            ).format(n=n_halves),
            icon=":material/info:",
        )
    if not lines:
        return
    if len(lines) > MAX_LINES:
        st.warning(
            _("Only the first {n} lines were answered. For more, score a file.").format(n=MAX_LINES),
            icon=":material/info:",
        )
    if model.answers is AnswerKind.NUMBER:
        numbers = workspace().predict_numbers(model.id, lines[:MAX_LINES])
        show_number_predictions(numbers, key="try_several_table", halves=halves)
        return
    if model.answers is AnswerKind.CATEGORIES:
        show_several_predictions(workspace().predict_several(model.id, lines[:MAX_LINES]), key="try_several_table")
        return
    predictions = workspace().predict(model.id, lines[:MAX_LINES])
    counts = {"n": len(predictions), "n_sure": sum(prediction.sure for prediction in predictions)}
    st.text(say(replace(words_of(model).several, params=counts)))
    show_category_predictions(predictions, [words_of(model)] * len(predictions), key="try_several_table", halves=halves)


def show_matching(model: ModelVersion, halves: Halves) -> None:
    """What goes best with the first text of a pair."""
    box = TextBoxes(key=f"{keys.MATCH_TEXT}_{model.id}", halves=())
    if not box.is_open:
        box.fill(box.in_address() or parts(first_example(model))[0])
    show_matches(model, halves, box)


def show_history() -> None:
    history = st.session_state.get(keys.TRY_HISTORY, [])
    if len(history) < 2:
        return
    st.subheader(_("Tried in this tab"), anchor=False)
    if sorted_ones := [(model_id, one) for model_id, one in history if isinstance(one, Prediction)]:
        words = {model.id: words_of(model) for model in workspace().models()}
        own = [words.get(model_id, USE_WORDS[Use.FILL]) for model_id, _one in sorted_ones]
        show_category_predictions([one for _model_id, one in sorted_ones], own, key="try_history_table")
    if numbers := [one for _model_id, one in history if isinstance(one, NumberPrediction)]:
        show_number_predictions(numbers, key="try_history_numbers")
    if sets := [one for _model_id, one in history if isinstance(one, SeveralPrediction)]:
        show_several_predictions(sets, key="try_history_sets")


def remember(model: ModelVersion, prediction: Answer) -> None:
    history = [
        (model_id, earlier)
        for model_id, earlier in st.session_state.get(keys.TRY_HISTORY, [])
        if (model_id, earlier.text) != (model.id, prediction.text)
    ]
    st.session_state[keys.TRY_HISTORY] = [(model.id, prediction), *history][:HISTORY_LIMIT]


def ask(model: ModelVersion, boxes: TextBoxes) -> None:
    """Take what stands in the box as the question; short ones go into the address."""
    st.session_state[f"{keys.TRY_ASKED}_{model.id}"] = boxes.text
    boxes.write_address()


def take_from_exam(model: ModelVersion, kind: str, boxes: TextBoxes) -> None:
    """Put a random exam text of this kind ("any", "unsure", "wrong") in the box and ask it."""
    texts = exam_texts(model, kind) or exam_texts(model, "any")
    if texts:
        boxes.fill(random.choice(texts))
        ask(model, boxes)


actions = page_header(_("Try it"), _("Ask the model about a text of your own."))
if (model := pick_model("try_model")) is not None:
    with actions:
        if st.button(_("Score a file"), key="try_score"):
            go("score", model=model.id)
    halves = halves_of_model(model)
    ways = {"one": _("One pair") if halves else _("One text"), "several": _("Several")}
    if halves:
        ways["matches"] = _("Best matches")
    show = {"one": show_one, "several": show_several, "matches": show_matching}
    try:
        show[url_segments("ask", _("How many texts"), ways)](model, halves)
    except UserError as error:
        show_error(error)
