"""Which columns of a file are read to score it: those with the texts, or the two that a model compares."""

import streamlit as st

from core.domain.dataset import TablePreview, Upload
from core.domain.model import ModelVersion
from core.i18n import gettext as _
from pages.components import keys
from pages.components.layout import plain
from pages.components.pair_texts import Halves, halves_of_model
from pages.components.session import workspace


def choose_text_columns(model: ModelVersion, upload: Upload, shown: TablePreview) -> list[str]:
    """The columns in their order; none while something is missing, which is said."""
    halves = halves_of_model(model)
    return _choose_pair(halves, upload, shown) if halves else _choose_texts(model, upload, shown)


def _choose_texts(model: ModelVersion, upload: Upload, shown: TablePreview) -> list[str]:
    chosen = st.multiselect(
        _("Columns with the texts"),
        list(shown.columns),
        default=_usual_columns(model, shown),
        key=f"{keys.SCORE_COLUMN}_{upload.sha256}",
        placeholder=_("Choose one or more columns"),
        help=_("Cells of several columns are read one below the other, as one text."),
    )
    if not chosen:
        st.caption(_("Choose the columns that hold the texts."))
    return list(chosen)


def _usual_columns(model: ModelVersion, shown: TablePreview) -> list[str]:
    """Those the model learned from, where the file has them all; else the one that looks like texts."""
    learned = workspace().dataset(model.dataset_id).read_columns
    if set(learned) <= set(shown.columns):
        return list(learned)
    return [shown.text_column] if shown.text_column in shown.columns else []


def _choose_pair(halves: Halves, upload: Upload, shown: TablePreview) -> list[str]:
    chosen = [
        st.selectbox(
            plain(name),
            shown.columns,
            index=shown.columns.index(name) if name in shown.columns else None,
            key=f"{keys.SCORE_COLUMN}_{upload.sha256}_{place}",
            placeholder=_("Choose a column"),
        )
        for place, name in enumerate(halves)
    ]
    names = {"first": plain(halves[0]), "second": plain(halves[1])}
    if len(shown.columns) < len(halves):
        st.warning(
            _(
                "This file has one column only. The model compares two texts, “{first}” with “{second}”: upload a table "
                "that holds both."
            ).format(**names),
            icon=":material/warning:",
        )
    elif None in chosen:
        st.caption(_("The model compares two texts. Choose the columns for “{first}” and “{second}”.").format(**names))
    elif chosen[0] == chosen[1]:
        st.warning(
            _("First and second text are the same column. Choose two different ones."), icon=":material/warning:"
        )
    else:
        return [name for name in chosen if name is not None]
    return []
