"""Are groups served alike: the differences as sentences, and the figures of every group with their intervals."""

from collections.abc import Sequence

import pandas
import streamlit as st

from core.domain.model import ModelVersion
from core.domain.study import StudyRecord
from core.evaluation.fairness import MIN_GROUP, ColumnGroups, Group, Rate
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from core.i18n import ngettext, say
from core.studies.fairness import MAX_TOLD, FairnessResult, difference_sentence, overall_sentence, small_sentence
from pages.components.layout import plain

SMALL_TOLD = 5


def show_fairness(record: StudyRecord, model: ModelVersion) -> None:
    result: FairnessResult = record.result
    comparison = result.comparison
    st.text(say(overall_sentence(result)))
    for one in comparison.differences[:MAX_TOLD]:
        st.text(f"• {say(difference_sentence(one))}")
    if not comparison.columns:
        return
    column = _chosen_column(comparison.columns, model)
    if column.groups:
        _show_answers(column.groups, model)
        if result.labels:
            _show_category(column.groups, result.labels, model)
    for small in column.too_small[:SMALL_TOLD]:
        st.caption(plain(say(small_sentence(column.column, small))))
    _show_limits(column)


def _chosen_column(columns: Sequence[ColumnGroups], model: ModelVersion) -> ColumnGroups:
    if len(columns) == 1:
        return columns[0]
    by_name = {one.column: one for one in columns}
    chosen = st.selectbox(_("Groups by column"), list(by_name), key=f"fairness_column_{model.id}")
    return by_name[chosen]


def _show_answers(groups: Sequence[Group], model: ModelVersion) -> None:
    st.dataframe(
        pandas.DataFrame(
            {
                "group": group.value,
                "n": group.right.n,
                "right": 100 * group.right.share,
                "likely": _likely(group.right),
                "surer": 100 * group.surer,
                "surer_likely": "{:+.0f} – {:+.0f}".format(*(100 * end for end in group.surer_interval)),
            }
            for group in groups
        ),
        hide_index=True,
        height="content",
        key=f"fairness_groups_{model.id}",
        alt=_("Right answers and sure % for each group"),
        column_config={
            "group": st.column_config.TextColumn(_("Group"), width="medium"),
            "n": st.column_config.NumberColumn(_("Exam examples"), format="localized"),
            "right": st.column_config.NumberColumn(_("Right"), format="%.0f%%"),
            "likely": st.column_config.TextColumn(_("Likely")),
            "surer": st.column_config.NumberColumn(
                _("Surer than right"),
                format="%+.0f",
                help=_("Points by which the sure % is above the share of right answers; near 0 it can be trusted."),
            ),
            "surer_likely": st.column_config.TextColumn(_("Likely")),
        },
    )


def _show_category(groups: Sequence[Group], labels: Sequence[str], model: ModelVersion) -> None:
    label = labels[0]
    if len(labels) > 1:
        label = st.selectbox(_("Category"), labels, key=f"fairness_label_{model.id}")
    found = [(group, next(one for one in group.categories if one.label == label)) for group in groups]
    share = st.column_config.NumberColumn
    st.dataframe(
        pandas.DataFrame(
            {
                "group": group.value,
                "given": 100 * one.given.share,
                "true": 100 * one.true.share,
                "missed": 100 * one.missed.share,
                "missed_likely": _likely(one.missed),
                "wrongly_given": 100 * one.wrongly_given.share,
                "wrongly_likely": _likely(one.wrongly_given),
            }
            for group, one in found
        ),
        hide_index=True,
        height="content",
        key=f"fairness_category_{model.id}",
        alt=_("How often the category is answered, true, missed and wrongly given in each group"),
        column_config={
            "group": st.column_config.TextColumn(_("Group"), width="medium"),
            "given": share(_("Answered"), format="%.0f%%", help=_("Of all messages of the group.")),
            "true": share(_("True"), format="%.0f%%", help=_("Of all messages of the group.")),
            "missed": share(_("Missed"), format="%.0f%%", help=_("Of those that belong to the category.")),
            "missed_likely": st.column_config.TextColumn(_("Likely")),
            "wrongly_given": share(_("Wrongly given"), format="%.0f%%", help=_("Of those that do not belong to it.")),
            "wrongly_likely": st.column_config.TextColumn(_("Likely")),
        },
    )


def _show_limits(column: ColumnGroups) -> None:
    told = [
        _("A difference is a question, not a verdict: groups may write about other things, or in another way."),
        _("Groups of fewer than {n} exam examples are not judged.").format(n=MIN_GROUP),
    ]
    if column.n_too_small > SMALL_TOLD:
        told.append(
            ngettext("{n} group is too small.", "{n} groups are too small.", column.n_too_small).format(
                n=column.n_too_small
            )
        )
    if column.n_blank:
        told.append(
            ngettext("{n} exam example has no value.", "{n} exam examples have no value.", column.n_blank).format(
                n=f"{column.n_blank:,}"
            )
        )
    st.caption(" ".join(told))


def _likely(rate: Rate) -> str:
    if not rate.n:
        return ""
    low, high = rate.interval
    return f"{percent(low)} – {percent(high)}"
