"""The Excel template: offered wherever a person may not know what a table should look like."""

import streamlit as st

from core.i18n import gettext as _
from pages.components.session import workspace


def show_template() -> None:
    st.download_button(
        _("Download an Excel template"),
        workspace().template_xlsx,
        file_name="tunedesk-template.xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        icon=":material/download:",
        on_click="ignore",
        type="tertiary",
    )
