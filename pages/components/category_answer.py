"""Try it, for a model that answers with one category: the category, how sure it is, and where the text would go."""

from collections.abc import Sequence
from dataclasses import replace

import pandas
import streamlit as st

from core.domain.model import ModelVersion, Prediction
from core.domain.policy import NEVER
from core.domain.use_words import USE_WORDS, UseWords
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from core.i18n import say
from pages.components.answer_bars import bars_figure, bars_height
from pages.components.layout import chart_layout, plain, show_chart
from pages.components.pair_texts import Halves, in_short, row_height, show_label_name, text_cells, text_columns
from pages.components.session import workspace


def show_category_answer(model: ModelVersion, text: str) -> Prediction:
    with st.spinner(_("Reading…"), show_time=False):
        (prediction,) = workspace().predict(model.id, [text])
    sure, words = percent(prediction.probability), words_of(model)
    if prediction.sure:
        st.badge(_("Sure"), color="green", icon=":material/check_circle:")
        sentence = _("It is {sure} sure, at or above the threshold of {threshold}.")
    elif not prediction.familiar:
        st.badge(say(words.none_of_these), color="violet", icon=":material/help:")
        sentence = _("It is unlike what the model learned from. The nearest category would be this one, {sure} sure.")
    else:
        st.badge(say(words.not_sure), color="orange", icon=":material/person:")
        sentence = _("Its best guess is {sure} sure, below the threshold of {threshold}.")
    show_label_name(model)
    st.subheader(plain(prediction.label), anchor=False)
    threshold = model.rule.threshold_of(prediction.label)
    if threshold >= NEVER:
        st.text(say(replace(words.never_sure, params={"sure": sure})))
    else:
        st.text(sentence.format(sure=sure, threshold=percent(threshold)))
    figure = chart_layout(bars_figure(prediction, threshold), bars_height(prediction))
    figure.update_layout(hovermode="closest", margin={"t": 8})
    show_chart(
        figure,
        key=f"bars_{model.id}",
        alt=_("How sure the model is of its likeliest categories"),
        sentence=_(
            "The dotted line is the threshold. It was set on the check-up examples, aiming for 95 right of 100 sure answers."
        )
        if not model.has_own_rule
        else _("The dotted line is the threshold, as it was chosen in the report."),
    )
    _show_truth(model, prediction)
    return prediction


def _show_truth(model: ModelVersion, prediction: Prediction) -> None:
    """Where the text is one of the exam's, what it truly is."""
    rows = workspace().exam_rows(model.id)
    same = rows[rows["text"] == prediction.text]
    if same.empty:
        return
    row = same.iloc[0]
    pattern = (
        _("Exam row {row}. Its true category is “{label}”, so this is right.")
        if row["label"] == prediction.label
        else _("Exam row {row}. Its true category is “{label}”, so this is wrong.")
    )
    st.caption(pattern.format(row=int(row["row"]), label=plain(str(row["label"]))))


def words_of(model: ModelVersion) -> UseWords:
    """What its answers are called, by the goal of its table."""
    return USE_WORDS[workspace().goal(model.dataset_id).use]


def show_category_predictions(
    predictions: Sequence[Prediction], words: Sequence[UseWords], *, key: str, halves: Halves = ()
) -> None:
    """`words` has one entry a prediction."""
    table = pandas.DataFrame(
        {
            **text_cells([prediction.text for prediction in predictions], halves, in_short),
            "label": [prediction.label for prediction in predictions],
            "sure": [100 * prediction.probability for prediction in predictions],
            "action": [_action_of(prediction, own) for prediction, own in zip(predictions, words, strict=True)],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        row_height=row_height(halves),
        height="content" if len(table) <= 10 else 400,
        key=key,
        alt=_("Texts and their answers"),
        column_config={
            **text_columns(halves, 430),
            "label": st.column_config.TextColumn(_("Category"), width=220),
            "sure": st.column_config.ProgressColumn(
                _("How sure"), width=150, format="%.0f%%", min_value=0, max_value=100
            ),
            "action": st.column_config.TextColumn(_("Action"), width=150),
        },
    )


def _action_of(prediction: Prediction, words: UseWords) -> str:
    if prediction.sure:
        return _("Sure")
    return say(words.unsure_action) if prediction.familiar else _("None of these")
