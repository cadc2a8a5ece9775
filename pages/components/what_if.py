"""What if the text said something else: a second box beside the first answer, asked while one types."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from core.domain.explanation import Answer
from core.domain.model import ModelVersion, Prediction
from core.domain.number import NumberPrediction, shown
from core.domain.several import SeveralPrediction
from core.domain.task import AnswerKind
from core.domain.use_words import USE_WORDS
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from core.i18n import say
from pages.components.category_sets import set_in_words
from pages.components.layout import plain, tells_errors
from pages.components.session import workspace
from pages.components.text_boxes import TextBoxes

ONE_LINE_CHARS = 200  # a longer text gets a box of several lines
TOLD_CHANGE = 0.005  # of a probability; a smaller one is no change


@st.fragment
@tells_errors
def show_what_if(model: ModelVersion, prediction: Answer, boxes: TextBoxes) -> None:
    """A second box beside the first answer; typing in it asks at once."""
    st.subheader(_("What if it said something else?"), anchor=False)
    is_short = len(prediction.text) <= ONE_LINE_CHARS and "\n" not in prediction.text
    for key, label in boxes.labels(_("Change the text")).items():
        st.text_input(label, key=key, live=True) if is_short else st.text_area(label, key=key, height=150)
    changed = boxes.text
    if not changed.strip():
        st.caption(_("One of the boxes is empty.") if boxes.halves else _("The box is empty."))
        return
    ask, show, change = _KINDS[model.answers]
    (now,) = ask(model.id, [changed])
    before_column, now_column = st.columns(2)
    for column, title, one in ((before_column, _("As it was"), prediction), (now_column, _("Now"), now)):
        with column:
            st.caption(title)
            show(model, one)
    st.text(change(prediction, now))


def _show_category(model: ModelVersion, prediction: Prediction) -> None:
    words = USE_WORDS[workspace().goal(model.dataset_id).use]
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
    return likelihood_sentence(before.label, old, new)


def likelihood_sentence(label: str, old: float, new: float) -> str:
    pattern = (
        _("“{label}” became likelier: {old} → {new}.")
        if new > old
        else _("“{label}” became less likely: {old} → {new}.")
    )
    return pattern.format(label=label, old=percent(old), new=percent(new))


def _show_number(model: ModelVersion, prediction: NumberPrediction) -> None:
    st.markdown(f"**{plain(shown(prediction.value))}**")
    st.caption(_("{low} to {high}").format(low=shown(prediction.low), high=shown(prediction.high)))


def number_change_sentence(before: NumberPrediction, now: NumberPrediction) -> str:
    old, new = shown(before.value), shown(now.value)
    if old == new:
        return _("The answer did not move.")
    return _("The score moved from {old} to {new}.").format(old=old, new=new)


def _show_categories(model: ModelVersion, prediction: SeveralPrediction) -> None:
    st.markdown(f"**{plain(set_in_words(prediction.label))}**")


def set_change_sentence(before: SeveralPrediction, now: SeveralPrediction) -> str:
    """What came and what went; where nothing did, the category that moved most."""
    came = [name for name in now.categories if name not in before.categories]
    went = [name for name in before.categories if name not in now.categories]
    told = [
        _("Came: {labels}.").format(labels=_(", ").join(came)) if came else "",
        _("Went: {labels}.").format(labels=_(", ").join(went)) if went else "",
    ]
    if came or went:
        return " ".join(filter(None, told))
    moved = max(now.probabilities, key=lambda name: abs(now.probabilities[name] - before.probabilities[name]))
    old, new = before.probabilities[moved], now.probabilities[moved]
    if abs(new - old) < TOLD_CHANGE:
        return _("The answer did not move.")
    return likelihood_sentence(moved, old, new)


#: how a model of each kind is asked again, how an answer is shown, and what a change is called
_KINDS: dict[AnswerKind, tuple[Callable[..., Any], Callable[..., None], Callable[..., str]]] = {
    AnswerKind.CATEGORY: (lambda *asked: workspace().predict(*asked), _show_category, change_sentence),
    AnswerKind.NUMBER: (lambda *asked: workspace().predict_numbers(*asked), _show_number, number_change_sentence),
    AnswerKind.CATEGORIES: (lambda *asked: workspace().predict_several(*asked), _show_categories, set_change_sentence),
}
