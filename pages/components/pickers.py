"""Choose a model or a dataset; the choice is in the URL, so a refresh and a shared link open the same thing."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from core.domain.dataset import Dataset
from core.domain.model import ModelVersion
from core.domain.number import shown
from core.domain.run import Score
from core.domain.several import SeveralScore
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components.dataset_list import newest_of_families
from pages.components.dataset_view import name_of, repairs_of
from pages.components.layout import empty_state, format_percent, format_time
from pages.components.session import workspace

T = TypeVar("T", Dataset, ModelVersion)


def pick_model(key: str) -> ModelVersion | None:
    """The model that ?model= names, or the newest. None (with an empty state shown) while there is none."""
    models = workspace().models()
    if not models:
        empty_state(
            _("No model yet"),
            _("Train one on your own examples first. A quick one takes about a minute."),
            action=_("Train a model"),
            page="train",
        )
        return None
    return _pick("model", key, models, _("Model"), _describe_model)


def pick_dataset(key: str) -> Dataset | None:
    """The dataset that ?dataset= names, or the newest; each table is offered in one version only.

    None (with an empty state shown) while there is none.
    """
    datasets = newest_of_families(workspace().datasets(), keep=st.query_params.get("dataset", ""))
    if not datasets:
        empty_state(
            _("No data yet"),
            _("Add a table with one column of texts and one column of categories, or open a sample."),
            action=_("Add data"),
            page="data",
        )
        return None
    return _pick("dataset", key, datasets, _("Data set"), _describe_dataset)


def _pick(parameter: str, key: str, items: Sequence[T], label: str, describe: Callable[[T], str]) -> T:
    by_id = {str(item.id): item for item in items}
    names = {item_id: describe(item) for item_id, item in by_id.items()}
    asked = st.query_params.get(parameter)
    chosen = asked if asked in by_id else next(iter(by_id))
    if asked != chosen:
        st.query_params[parameter] = chosen

    def choose() -> None:
        st.query_params[parameter] = st.session_state[key]

    if st.session_state.get(key) != chosen:
        st.session_state[key] = chosen
    st.selectbox(
        label,
        list(by_id),
        format_func=names.__getitem__,
        key=key,
        on_change=choose,
        label_visibility="collapsed",
    )
    return by_id[chosen]


def _describe_model(model: ModelVersion) -> str:
    parts = [model.name]
    if model.score:
        if isinstance(model.score, Score):
            parts.append(_("{share} right").format(share=format_percent(model.score.accuracy)))
        elif isinstance(model.score, SeveralScore):
            parts.append(_("{share} exactly right").format(share=format_percent(model.score.exact)))
        else:
            parts.append(_("off by {mae}").format(mae=shown(model.score.mae)))
    parts.append(format_time(model.created_at))
    return " · ".join(parts)


def _describe_dataset(dataset: Dataset) -> str:
    rows = ngettext("{n} example", "{n} examples", dataset.n_used).format(n=f"{dataset.n_used:,}")
    return " · ".join(part for part in (name_of(dataset), rows, repairs_of(dataset)) if part)
