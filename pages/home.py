"""Home: open a sample at once, or go on with what is there."""

import streamlit as st

from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import say
from pages.components.layout import go, page_header, plain, show_error
from pages.components.session import workspace

samples = workspace().samples()
page_header(_("Home"), _("Turn a labelled table into a language model of your own."))
for sample in samples:
    if st.button(plain(say(sample.title)), key=f"sample_{sample.name}"):
        try:
            dataset = workspace().open_sample(sample.name)
        except UserError as error:
            show_error(error)
        else:
            go("data", dataset=dataset.id)
