"""Why a job of its own failed, what to do next, and its log."""

import streamlit as st

from core.domain.job import Job
from core.i18n import gettext as _
from core.i18n import say
from pages.components.layout import plain
from pages.components.session import workspace


def show_job_failure(job: Job) -> None:
    """Nothing where the job holds no error."""
    if job.error is None:
        return
    st.error(plain(say(job.error.message)), icon=":material/error:")
    if job.error.hint:
        st.text(say(job.error.hint))
    with st.expander(_("Details"), icon=":material/receipt_long:"):
        st.code(workspace().job_log(job.id) or _("The log is empty."), language=None, wrap_lines=True)
