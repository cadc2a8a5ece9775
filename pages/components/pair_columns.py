"""Which two columns hold the texts that are compared. The choice is in the URL (?first=, ?second=)."""

from collections.abc import Callable

import streamlit as st

from core.domain.dataset import ColumnRole, TablePreview
from core.i18n import gettext as _
from pages.components.url_state import url_select


def choose_pair(shown: TablePreview, label: str | None, described: Callable[[str], str]) -> tuple[str, ...]:
    """The columns of the first and of the second text; those that are known where one is still open."""
    first, second = asked_pair(shown, label)
    left, right = st.columns(2)
    with left:
        url_select("first", _("First text"), shown.columns, first, described, _("Choose a column"))
    with right:
        url_select("second", _("Second text"), shown.columns, second, described, _("Choose a column"))
    if first is None or second is None:
        st.info(_("Choose both columns with the texts that are compared."), icon=":material/info:")
    elif first == second:
        st.warning(
            _("First and second text are the same column. Choose two different ones."), icon=":material/warning:"
        )
    return tuple(dict.fromkeys(name for name in (first, second) if name is not None))


def asked_pair(shown: TablePreview, label: str | None) -> tuple[str | None, str | None]:
    """What the URL names; for the rest the columns that look most like texts, in the order of the table."""
    likely = [name for name in _likely(shown) if name != label]
    first = _asked("first", shown) or next((name for name in likely if name != _asked("second", shown)), None)
    second = _asked("second", shown) or next((name for name in likely if name != first), None)
    return first, second


def _asked(parameter: str, shown: TablePreview) -> str | None:
    name = st.query_params.get(parameter)
    return name if name in shown.columns else None


def _likely(shown: TablePreview) -> list[str]:
    """Columns that were chosen as texts before, those guessed to be compared, then every other one with texts."""
    understood = shown.understanding
    names = [*st.query_params.get_all("text")]
    if understood is not None:
        names += understood.pair
        names += [column.name for column in understood.columns if column.role is ColumnRole.TEXT]
    if shown.text_column is not None:
        names.append(shown.text_column)
    return [name for name in dict.fromkeys(names) if name in shown.columns]
