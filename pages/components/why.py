"""Why this answer: the words that moved it, what speaks against another category, similar practice rows, and what if."""

from collections.abc import Sequence

import streamlit as st

from core.domain.explanation import VALUE, Answer, Explanation, Neighbour, Word
from core.domain.model import ModelVersion
from core.domain.number import NumberPrediction
from core.domain.several import SeveralPrediction
from core.domain.task import AnswerKind
from core.explanation.words import text_without
from core.i18n import gettext as _
from pages.components import keys
from pages.components.category_sets import set_in_words
from pages.components.inert_text import shorten
from pages.components.marked_text import marked_text
from pages.components.pair_texts import Halves, in_short, row_height, text_cells, text_columns
from pages.components.session import workspace
from pages.components.text_boxes import TextBoxes
from pages.components.what_if import show_what_if

N_NAMED = 3  # words in the sentence


def show_why(model: ModelVersion, prediction: Answer, halves: Halves = ()) -> None:
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
        show_neighbours(explanation.neighbours, model.answers, halves)


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
    label, against = choose_label(model, explanation)
    effects = explanation.effects(label, against)
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
    st.text(number_sentence(explanation) if label == VALUE else words_sentence(explanation, label, against))
    st.caption(
        _("These are hints, not proof: the model was asked again without each word. Words can also work together.")
    )


def choose_label(model: ModelVersion, explanation: Explanation) -> tuple[str, str | None]:
    """What the words are weighed for, and against which other category, where an answer lets one choose."""
    prediction = explanation.prediction
    if isinstance(prediction, NumberPrediction):
        return VALUE, None
    names = list(prediction.probabilities)
    if isinstance(prediction, SeveralPrediction):
        return st.selectbox(_("Words for which category?"), names, key=f"{keys.TRY_ABOUT}_{model.id}"), None
    others = [label for label in names if label != prediction.label]
    chosen = st.selectbox(
        _("Why not another category?"),
        others,
        index=None,
        key=f"{keys.TRY_AGAINST}_{model.id}",
        placeholder=_("Against all others"),
    )
    return prediction.label, chosen if chosen in others else None


def leave_out(model_id: int, explanation: Explanation, key: str, halves: Halves = ()) -> None:
    """Take the clicked word out of the text of “what if”, or put it back."""
    place = st.session_state[key].word
    chosen: list[int] = st.session_state[f"{keys.TRY_LEFT_OUT}_{model_id}"]
    chosen.remove(place) if place in chosen else chosen.append(place)
    spans = [(explanation.words[i].start, explanation.words[i].end) for i in chosen]
    what_if_boxes(model_id, halves).fill(text_without(explanation.prediction.text, spans))


def number_sentence(explanation: Explanation) -> str:
    """Which words raise the score most, and which lower it."""
    effects = sorted(zip(explanation.effects(VALUE), explanation.words, strict=True), key=lambda pair: -pair[0])

    def named(pairs: Sequence[tuple[float, Word]]) -> str:
        return _(", ").join(f"“{shorten(word.text)}” ({effect:+.2g})" for effect, word in pairs)

    raising = named([pair for pair in effects[:N_NAMED] if pair[0] > 0])
    lowering = named([pair for pair in effects[: -N_NAMED - 1 : -1] if pair[0] < 0])
    told = [
        _("These words raise the score most: {words}.").format(words=raising) if raising else "",
        _("These lower it most: {words}.").format(words=lowering) if lowering else "",
    ]
    return " ".join(filter(None, told)) or _("No single word moves the score.")


def words_sentence(explanation: Explanation, answer: str, against: str | None) -> str:
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


def show_neighbours(neighbours: tuple[Neighbour, ...], answers: AnswerKind, halves: Halves) -> None:
    st.subheader(_("Similar practice examples"), anchor=False)
    labels = [set_in_words(one.label) if answers is AnswerKind.CATEGORIES else one.label for one in neighbours]
    st.dataframe(
        {
            "row": [one.row for one in neighbours],
            **text_cells([one.text for one in neighbours], halves, in_short),
            "label": labels,
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
            "label": st.column_config.TextColumn(
                _("Score") if answers is AnswerKind.NUMBER else _("Category"), width=220
            ),
            "similarity": st.column_config.ProgressColumn(
                _("Similarity"), width=150, format="%.0f%%", min_value=0, max_value=100
            ),
        },
    )
    st.caption(_("If one of them carries a wrong category, correct it on the Data page: the model learned from it."))
