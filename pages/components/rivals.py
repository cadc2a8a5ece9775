"""What the model has to beat, on the same exam, with what a paired test says of the difference."""

import pandas
import streamlit as st

from core.domain.model import EvaluationReport
from core.evaluation.comparing import Rival, difference_of, title_of
from core.i18n import gettext as _
from core.i18n import say


def show_rivals(rivals: list[Rival], report: EvaluationReport) -> None:
    if not rivals:
        return
    rows = [{"name": _("This model"), "right": 100 * report.score.accuracy, "difference": None}]
    rows += [
        {
            "name": say(title_of(rival)),
            "right": 100 * rival.n_right / max(1, rival.paired.n),
            "difference": say(difference_of(rival)),
        }
        for rival in rivals
    ]
    st.subheader(_("Beside it, on the same exam"), anchor=False)
    st.dataframe(
        pandas.DataFrame(rows),
        hide_index=True,
        row_height=36,
        height="content",
        placeholder="–",
        alt=_("The model and what it has to beat"),
        column_config={
            "name": st.column_config.TextColumn(_("Who answers"), width="medium"),
            "right": st.column_config.ProgressColumn(
                _("Right"), format="%.1f%%", min_value=0, max_value=100, width="small"
            ),
            "difference": st.column_config.TextColumn(
                _("Difference"),
                width="large",
                help=_(
                    "Real: between equally good models, a difference this big comes about by chance in fewer than 1 of 20 "
                    "exams (McNemar's exact test on the rows where only one of the two is right)."
                ),
            ),
        },
    )
