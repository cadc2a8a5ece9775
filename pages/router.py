"""Runs first on every full rerun: language, logo, the visible table of pages, then the page itself."""

import streamlit as st

from core.i18n import gettext as _
from pages.components import language
from pages.components.navigation import PAGES_DIR, file_of

STATIC_DIR = PAGES_DIR / "static"

st.set_page_config(page_title="Tunedesk", page_icon=str(STATIC_DIR / "mark.svg"), layout="wide")
language.follow_session()
language.settle()
shade = "dark" if st.context.theme.type == "dark" else "light"
st.logo(str(STATIC_DIR / f"logo-{shade}.svg"), size="medium", icon_image=str(STATIC_DIR / "mark.svg"))

pages = {
    _("Start"): [
        st.Page(file_of("home"), title=_("Home"), icon=":material/home:", url_path="home", default=True),
        st.Page(file_of("data"), title=_("Data"), icon=":material/table_view:", url_path="data"),
    ],
    _("Train"): [
        st.Page(file_of("train"), title=_("Train"), icon=":material/school:", url_path="train"),
        st.Page(file_of("runs"), title=_("Runs"), icon=":material/timeline:", url_path="runs"),
    ],
    _("Use"): [
        st.Page(file_of("report"), title=_("Report"), icon=":material/grading:", url_path="report"),
        st.Page(file_of("try"), title=_("Try it"), icon=":material/chat:", url_path="try"),
        st.Page(file_of("score"), title=_("Score a file"), icon=":material/playlist_add_check:", url_path="score"),
    ],
}
page = st.navigation(pages, expanded=True)
with st.sidebar:
    language.show_switch()
page.run()
