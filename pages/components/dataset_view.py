"""A dataset in words and numbers: its name, the one sentence about it, the verdict of the checks, and who sees which rows."""

import pandas as pd
import streamlit as st

from core.datasets.understanding import sentence_of, sets_in_words
from core.domain.dataset import Dataset, Split
from core.domain.number import shown
from core.domain.task import AnswerKind, reads_pairs
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components.category_sets import set_in_words
from pages.components.layout import MetricCard, metric_cards, plain
from pages.components.pair_texts import Halves, row_height, text_cells, text_columns

SPLITS = (Split.PRACTICE, Split.CHECKUP, Split.EXAM)


def name_of(dataset: Dataset) -> str:
    """What to call it: a sample by its title in the reader's language, a person's table by its own name."""
    return _(dataset.name) if dataset.sample else dataset.name


def language_name(language: str) -> str:
    return {"en": _("English"), "zh": _("Chinese")}.get(language, _("Other"))


def repairs_of(dataset: Dataset) -> str:
    """ "3 repairs"; empty when there are none."""
    n = len(dataset.operations)
    return ngettext("{n} repair", "{n} repairs", n).format(n=n) if n else ""


def show_numbers(dataset: Dataset) -> None:
    metric_cards(
        [
            MetricCard(_("Examples"), f"{dataset.n_used:,}"),
            _labels_card(dataset),
            MetricCard(_("Set aside"), f"{dataset.n_set_aside:,}", _("Rows left out, each with its reason.")),
            MetricCard(_("Language"), language_name(dataset.profile.language)),
        ]
    )


def labels_in_words(dataset: Dataset) -> str:
    """ "12 categories", or "scores from 1 to 5"."""
    if dataset.numbers is not None:
        return _("scores from {low} to {high}").format(low=shown(dataset.numbers.low), high=shown(dataset.numbers.high))
    n = len(dataset.label_counts)
    if dataset.answers is AnswerKind.CATEGORIES:
        return ngettext("{n} category, several at once", "{n} categories, several at once", n).format(n=n)
    return ngettext("{n} category", "{n} categories", n).format(n=n)


def _labels_card(dataset: Dataset) -> MetricCard:
    if dataset.numbers is None:
        return MetricCard(_("Categories"), f"{len(dataset.label_counts):,}")
    return MetricCard(
        _("Scores"), _("{low} to {high}").format(low=shown(dataset.numbers.low), high=shown(dataset.numbers.high))
    )


def show_headline(dataset: Dataset) -> None:
    """ "1,204 customer messages in Chinese, sorted into 12 categories." """
    if dataset.answers is not AnswerKind.CATEGORIES:
        st.subheader(plain(say(sentence_of(dataset))), anchor=False)
        return
    with st.container(gap=None):
        st.subheader(plain(say(sentence_of(dataset))), anchor=False)
        st.caption(say(sets_in_words(dataset)))


def show_verdict(dataset: Dataset, n_warnings: int) -> None:
    """Whether training can start. `n_warnings` are those still worth a look."""
    n_blocking = len(dataset.blocking_findings)
    if n_blocking:
        title = _("Training cannot start yet.")
        text = ngettext(
            "{n} thing must be mended first: apply a repair below, or mend your table and upload it again.",
            "{n} things must be mended first: apply the repairs below, or mend your table and upload it again.",
            n_blocking,
        ).format(n=n_blocking)
        st.error(f"**{title}**  \n{text}", icon=":material/block:")
    elif n_warnings:
        title = _("Training can start.")
        text = ngettext(
            "{n} thing is worth a look before: it may make the result worse.",
            "{n} things are worth a look before: they may make the result worse.",
            n_warnings,
        ).format(n=n_warnings)
        st.warning(f"**{title}**  \n{text}", icon=":material/warning:")
    else:
        st.success(f"**{_('Training can start.')}**  \n{_('The checks found nothing that stands in the way.')}")


def show_rows(rows: pd.DataFrame, *, key: str, halves: Halves = (), several: bool = False) -> None:
    """Rows of a dataset as they are; a table renders nothing that stands in a cell. `several`: categories at once."""
    labels = rows["label"].map(set_in_words) if several else rows["label"]
    st.dataframe(
        pd.DataFrame({"row": rows["row"], "label": labels}).assign(**text_cells(rows["text"], halves)),
        column_order=["row", *text_columns(halves, 640), "label"],
        hide_index=True,
        row_height=row_height(halves),
        key=key,
        height="content" if len(rows) < 9 else 320,
        column_config={
            "row": st.column_config.NumberColumn(_("Row"), width="small", format="%d"),
            **text_columns(halves, 640),
            "label": st.column_config.TextColumn(_("Categories") if several else _("Category")),
        },
    )


def show_split(dataset: Dataset) -> None:
    """Who sees which rows, in words."""
    practice, checkup, exam = (dataset.split_sizes.get(split.value, 0) for split in SPLITS)
    st.header(_("How the examples are used"), anchor=False)
    st.markdown(
        _(
            "**{practice}** to practise on, **{checkup}** for check-ups while it learns, "
            "and **{exam}** for an exam it never sees before."
        ).format(practice=f"{practice:,}", checkup=f"{checkup:,}", exam=f"{exam:,}")
    )
    profile = dataset.profile
    lengths = (
        _(
            "Both texts together have {mean} characters on average; 95 of 100 pairs have at most {p95}, the longest {longest}."
        )
        if reads_pairs(dataset.task)
        else _("A text has {mean} characters on average; 95 of 100 have at most {p95}, the longest {longest}.")
    )
    st.caption(
        lengths.format(mean=round(profile.mean_chars), p95=f"{profile.p95_chars:,}", longest=f"{profile.max_chars:,}")
    )
