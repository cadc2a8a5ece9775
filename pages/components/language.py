"""Which language this session reads: the URL first, then the browser; the switch changes it and keeps the page.

Callbacks and fragments run without the router, so `core.i18n` asks the session itself (`i18n.follow`).
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import i18n
from pages.components import keys

PARAMETER = "lang"

_SET_LANG = st.components.v2.component(
    "tunedesk_document_language",
    js="""
export default function ({ data }) {
  document.documentElement.lang = data.lang
}
""",
)


def follow_session() -> None:
    """From now on every text of this process is in the language of the session that renders it."""
    i18n.follow(_language_of_session)


def settle() -> str:
    """Decide the language of this run and write a deliberate choice back into the URL."""
    state = st.session_state
    if keys.LANGUAGE not in state:
        asked = st.query_params.get(PARAMETER)
        state[keys.LANGUAGE_CHOSEN] = asked in i18n.LANGUAGES
        state[keys.LANGUAGE] = asked if asked in i18n.LANGUAGES else i18n.best_language(st.context.locale)
    language = str(state[keys.LANGUAGE])
    if state[keys.LANGUAGE_CHOSEN] and st.query_params.get(PARAMETER) != language:
        st.query_params[PARAMETER] = language
    return language


def show_switch() -> None:
    """The two languages side by side, each in its own words."""
    st.segmented_control(
        "Language / 语言",
        list(i18n.LANGUAGES),
        key=keys.LANGUAGE_SWITCH,
        default=st.session_state[keys.LANGUAGE],
        format_func=i18n.LANGUAGES.__getitem__,
        label_visibility="collapsed",
        required=True,
        on_change=_switch,
    )
    _SET_LANG(data={"lang": st.session_state[keys.LANGUAGE].replace("_", "-")}, key="document_language")


def _switch() -> None:
    state = st.session_state
    state[keys.LANGUAGE] = state[keys.LANGUAGE_SWITCH]
    state[keys.LANGUAGE_CHOSEN] = True


def _language_of_session() -> str:
    if get_script_run_ctx(suppress_warning=True) is None:
        return "en"
    return str(st.session_state.get(keys.LANGUAGE, "en"))
