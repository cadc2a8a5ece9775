"""Why this answer: the words that moved it, what speaks against another category, similar practice rows, and what if."""

from dataclasses import replace

import streamlit as st

from core.domain.explanation import Explanation, Neighbour
from core.domain.model import ModelVersion, Prediction
from core.domain.use_words import USE_WORDS, UseWords
from core.evaluation.verdict import percent
from core.explanation.words import text_without
from core.i18n import gettext as _
from core.i18n import say
from pages.components import keys
from pages.components.inert_text import shorten
from pages.components.layout import plain, tells_errors
from pages.components.marked_text import marked_text
from pages.components.pair_texts import Halves, in_short, row_height, text_cells, text_columns
from pages.components.session import workspace
from pages.components.text_boxes import TextBoxes

N_NAMED = 3  # words in the sentence
ONE_LINE_CHARS = 200  # a longer text gets a box of several lines
TOLD_CHANGE = 0.005  # a smaller one is no change


def show_why(model: ModelVersion, prediction: Prediction, halves: Halves = ()) -> None:
    """Everything about one answer; asked for anew only when the text changes."""
    known: tuple[int, Explanation] | None = st.session_state.get(keys.TRY_WHY)
    if known is None or (known[0], known[1].prediction.text) != (model.id, prediction.text):
        with st.spinner(_("Asking again without each word…"), show_time=False):
            known = (model.id, workspace().explain(model.id, prediction.text))
        st.session_state[keys.TRY_WHY] = known
    explanation = known[1]
    boxes = what_if_boxes(model.id, halves)
    settle_what_if(boxes, model.id, prediction.text)
    words, what_if = st.columns(2, gap="medium")
    with words, st.container(border=True):
        show_words(model, explanation, boxes)
    with what_if, st.container(border=True):
        show_what_if(model, prediction, boxes)
    if explanation.neighbours:
        show_neighbours(explanation.neighbours, halves)


def what_if_boxes(model_id: int, halves: Halves) -> TextBoxes:
    return TextBoxes(key=f"{keys.TRY_WHAT_IF}_{model_id}", halves=halves)


def settle_what_if(boxes: TextBoxes, model_id: int, text: str) -> None:
    """A new question starts from its own text, with every word in it."""
    state = st.session_state
    if state.get(f"{boxes.key}_of") != text or not boxes.is_open:
        state[f"{boxes.key}_of"] = text
        boxes.fill(text)
        state[f"{keys.TRY_LEFT_OUT}_{model_id}"] = []


def show_words(model: ModelVersion, explanation: Explanation, boxes: TextBoxes) -> None:
    st.subheader(_("The words that moved the answer"), anchor=False)
    answer = explanation.prediction.label
    others = [label for label in explanation.prediction.probabilities if label != answer]
    chosen = st.selectbox(
        _("Why not another category?"),
        others,
        index=None,
        key=f"{keys.TRY_AGAINST}_{model.id}",
        placeholder=_("Against all others"),
    )
    against = chosen if chosen in others else None
    effects = explanation.effects(answer, against)
    left_out = st.session_state[f"{keys.TRY_LEFT_OUT}_{model.id}"]
    key = f"marked_{model.id}"
    marked_text(
        explanation,
        effects,
        left_out=left_out,
        headings=boxes.halves,
        key=key,
        on_word=lambda: leave_out(model.id, explanation, key, boxes.halves),
    )
    st.text(words_sentence(explanation, against))
    st.caption(
        _("These are hints, not proof: the model was asked again without each word. Words can also work together.")
    )


def leave_out(model_id: int, explanation: Explanation, key: str, halves: Halves = ()) -> None:
    """Take the clicked word out of the text of “what if”, or put it back."""
    place = st.session_state[key].word
    chosen: list[int] = st.session_state[f"{keys.TRY_LEFT_OUT}_{model_id}"]
    chosen.remove(place) if place in chosen else chosen.append(place)
    spans = [(explanation.words[i].start, explanation.words[i].end) for i in chosen]
    what_if_boxes(model_id, halves).fill(text_without(explanation.prediction.text, spans))


def words_sentence(explanation: Explanation, against: str | None) -> str:
    answer = explanation.prediction.label
    named = _(", ").join(f"“{shorten(word.text)}”" for word, _effect in explanation.strongest(answer, against, N_NAMED))
    if not named:
        if against is None:
            return _("No single word speaks for “{label}”.").format(label=answer)
        return _("No single word speaks for “{label}” rather than “{other}”.").format(label=answer, other=against)
    if against is None:
        return _("The strongest words for “{label}”: {words}.").format(label=answer, words=named)
    sentence = _("The strongest words for “{label}” rather than “{other}”: {words}.").format(
        label=answer, other=against, words=named
    )
    for_other = explanation.strongest(against, answer, 1)
    if not for_other:
        return sentence
    return _("{sentence} The strongest for “{other}”: “{word}”.").format(
        sentence=sentence, other=against, word=shorten(for_other[0][0].text)
    )


@st.fragment
@tells_errors
def show_what_if(model: ModelVersion, prediction: Prediction, boxes: TextBoxes) -> None:
    """A second box beside the first answer; typing in it asks at once."""
    st.subheader(_("What if it said something else?"), anchor=False)
    is_short = len(prediction.text) <= ONE_LINE_CHARS and "\n" not in prediction.text
    for key, label in boxes.labels(_("Change the text")).items():
        st.text_input(label, key=key, live=True) if is_short else st.text_area(label, key=key, height=150)
    changed = boxes.text
    if not changed.strip():
        st.caption(_("One of the boxes is empty.") if boxes.halves else _("The box is empty."))
        return
    (now,) = workspace().predict(model.id, [changed])
    words = USE_WORDS[workspace().goal(model.dataset_id).use]
    before_column, now_column = st.columns(2)
    with before_column:
        _show_side(_("As it was"), prediction, words)
    with now_column:
        _show_side(_("Now"), now, words)
    st.text(change_sentence(prediction, now))


def _show_side(title: str, prediction: Prediction, words: UseWords) -> None:
    st.caption(title)
    st.markdown(f"**{plain(prediction.label)}**")
    if prediction.sure:
        st.badge(_("{share} sure").format(share=percent(prediction.probability)), color="green")
    elif not prediction.familiar:
        st.badge(say(words.none_of_these), color="violet")
    else:
        share = {"share": percent(prediction.probability)}
        st.badge(say(replace(words.not_sure_short, params=share)), color="orange")


def change_sentence(before: Prediction, now: Prediction) -> str:
    old, new = before.probability, now.probabilities[before.label]
    if now.label != before.label:
        return _("The answer moved from “{old}” to “{new}”.").format(old=before.label, new=now.label)
    if abs(new - old) < TOLD_CHANGE:
        return _("The answer did not move.")
    pattern = (
        _("“{label}” became likelier: {old} → {new}.")
        if new > old
        else _("“{label}” became less likely: {old} → {new}.")
    )
    return pattern.format(label=before.label, old=percent(old), new=percent(new))


def show_neighbours(neighbours: tuple[Neighbour, ...], halves: Halves) -> None:
    st.subheader(_("Similar practice examples"), anchor=False)
    st.dataframe(
        {
            "row": [one.row for one in neighbours],
            **text_cells([one.text for one in neighbours], halves, in_short),
            "label": [one.label for one in neighbours],
            "similarity": [100 * max(0.0, one.similarity) for one in neighbours],
        },
        hide_index=True,
        row_height=row_height(halves),
        height="content",
        key="try_neighbours",
        alt=_("The practice examples nearest to this text"),
        column_config={
            "row": st.column_config.NumberColumn(
                _("Row"), help=_("Row number in the file, header included."), width="small", format="%d"
            ),
            **text_columns(halves, 430),
            "label": st.column_config.TextColumn(_("Category"), width=220),
            "similarity": st.column_config.ProgressColumn(
                _("Similarity"), width=150, format="%.0f%%", min_value=0, max_value=100
            ),
        },
    )
    st.caption(_("If one of them carries a wrong category, correct it on the Data page: the model learned from it."))
