"""Widgets whose value is in the URL, so that a refresh and a shared link open the same view.

Streamlit's own `bind="query-params"` writes the shown words, which differ from language to language.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import streamlit as st

from core.domain.recipe import SettingValue

T = TypeVar("T")

MOST_SEGMENTS = 5  # more go over several lines, where segments lose their frame and pills do not


def url_select(
    parameter: str,
    label: str,
    options: Sequence[T],
    current: T | None,
    format_func: Callable[[T], str] = str,
    placeholder: str | None = None,
) -> None:
    """A selectbox whose choice goes into the URL under `parameter`. `options` are shown and written as they are."""
    key = f"select_{parameter}"
    names = {option: format_func(option) for option in options}

    def choose() -> None:
        st.query_params[parameter] = str(st.session_state[key])

    if key not in st.session_state or st.session_state[key] != current:
        st.session_state[key] = current
    st.selectbox(label, options, key=key, format_func=names.__getitem__, on_change=choose, placeholder=placeholder)


def url_multiselect(
    parameter: str,
    label: str,
    options: Sequence[str],
    current: Sequence[str],
    format_func: Callable[[str], str] = str,
    placeholder: str | None = None,
    help: str | None = None,
    wrap: bool | None = None,
) -> None:
    """As `url_select`, for several choices in the order in which they were made; choosing none guesses again."""
    key = f"select_{parameter}"
    names = {option: format_func(option) for option in options}

    def choose() -> None:
        chosen = list(st.session_state[key])
        if chosen:
            st.query_params[parameter] = chosen
        else:
            st.query_params.pop(parameter, None)

    if st.session_state.get(key) != list(current):
        st.session_state[key] = list(current)
    st.multiselect(
        label,
        options,
        key=key,
        format_func=names.__getitem__,
        on_change=choose,
        placeholder=placeholder,
        help=help,
        wrap=wrap,
        select_all=False,
    )


def url_segments(parameter: str, label: str, options: dict[str, str]) -> str:
    """Segments side by side, `options` by their value in the URL; the first one is meant where the URL names none."""
    key = f"select_{parameter}"
    asked = st.query_params.get(parameter, "")
    current = asked if asked in options else next(iter(options))

    def choose() -> None:
        st.query_params[parameter] = str(st.session_state[key])

    if st.session_state.get(key) != current:
        st.session_state[key] = current
    draw = st.pills if len(options) > MOST_SEGMENTS else st.segmented_control
    draw(
        label,
        list(options),
        key=key,
        format_func=options.__getitem__,
        on_change=choose,
        required=True,
        label_visibility="collapsed",
    )
    return current


def text_of(settings: Mapping[str, SettingValue]) -> str:
    """Settings as they stand in the URL: "epochs=9;extras=r_drop,ema"."""
    return ";".join(
        f"{name}={','.join(value) if isinstance(value, tuple) else value}" for name, value in settings.items()
    )


def settings_of(text: str) -> dict[str, str]:
    """The other way round. A recipe checks names and values (`TrainingRecipe.changed`)."""
    pairs = (part.partition("=") for part in text.split(";") if part)
    return {name: value for name, _equals, value in pairs}
