"""The report of a model that gives several categories: verdict, results beside their baselines, each category, what is
missed and wrongly added, and the exam row by row."""

from collections.abc import Sequence

import pandas
import streamlit as st

from core.domain.dataset import Dataset
from core.domain.model import ModelVersion
from core.domain.several import SeveralReport, Slip, categories_of
from core.evaluation.several import added_words, judge_several, missed_words
from core.evaluation.several_advice import advice_for
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components.category_sets import set_in_words
from pages.components.layout import MetricCard, metric_cards, page_link, plain
from pages.components.report_cards import inside_sentence, show_verdict
from pages.components.row_filters import rows_in_url
from pages.components.session import workspace
from pages.components.several_rows import show_exam_rows, show_set_rows

N_SLIPS = 5


def show_several_report(model: ModelVersion) -> None:
    report = workspace().several_report(model.id)
    exam = workspace().exam_several(model.id)
    show_verdict(judge_several(report), exact_sentence(report))
    _show_cards(report, model.kept)
    st.text(inside_sentence(model, workspace().run(model.run_id)))
    if report.n_none or report.n_answered_none:
        st.text(none_sentence(report))
    _show_categories(report, workspace().dataset(model.dataset_id))
    _show_slips(report, exam, model)
    show_exam_rows(exam, model)


def facts(report: SeveralReport) -> dict[str, str]:
    """For "Details"."""
    low, high = report.f1_interval
    return {
        _("Exactly right on the exam"): f"{report.score.exact:.4f}",
        _("F1 a category (macro)"): f"{report.score.macro_f1:.4f} ({low:.4f} – {high:.4f})",
        _("F1 over all answers (micro)"): f"{report.score.micro_f1:.4f}",
        _("Categories a text, true / answered"): f"{report.mean_true:.2f} / {report.mean_answered:.2f}",
        _("Ticks a text: correcting / by hand"): f"{report.slips:.2f} / {report.mean_true:.2f}",
        _("Seconds for the exam"): f"{report.seconds:.2f}",
    }


def exact_sentence(report: SeveralReport) -> str:
    low, high = report.interval
    return ngettext(
        "{n_exact} of {n} unseen example got exactly its categories: {share} (likely {low} to {high}).",
        "{n_exact} of {n} unseen examples got exactly their categories: {share} (likely {low} to {high}).",
        report.score.n,
    ).format(
        n_exact=report.n_exact,
        n=report.score.n,
        share=percent(report.score.exact),
        low=percent(low),
        high=percent(high),
    )


def none_sentence(report: SeveralReport) -> str:
    """How often no category is true, and how often none was given."""
    if not report.n_none:
        return ngettext(
            "Every exam example has a category; the model gave none to {n} of them.",
            "Every exam example has a category; the model gave none to {n} of them.",
            report.n_answered_none,
        ).format(n=report.n_answered_none)
    return ngettext(
        "{n} exam example belongs to none of the categories; the model gave none to {answered}.",
        "{n} exam examples belong to none of the categories; the model gave none to {answered}.",
        report.n_none,
    ).format(n=report.n_none, answered=report.n_answered_none)


def _show_cards(report: SeveralReport, kept: str) -> None:
    by_hand = min(report.mean_true, report.usual_slips)
    saved = 1 - report.slips / by_hand if by_hand else 0.0
    cards = [
        MetricCard(
            _("Exactly right"),
            percent(report.score.exact),
            _("Share of exam texts that got all of their categories and no other."),
        ),
        MetricCard(
            _("Categories right"),
            percent(report.score.macro_f1),
            _(
                "Found and reliable in one number, on average over the categories (macro F1). Over all answers: {micro}."
            ).format(micro=percent(report.score.micro_f1)),
        ),
        MetricCard(
            _("Ticks saved"),
            percent(max(saved, 0.0)),
            _("Correcting the answers takes {slips} ticks a text; doing without the model takes {by_hand}.").format(
                slips=f"{report.slips:.2f}", by_hand=f"{by_hand:.2f}"
            ),
        ),
    ]
    if report.draft is not None and kept != "draft":
        cards.append(
            MetricCard(
                _("Quick draft"),
                percent(report.draft.exact),
                _("Exactly right by the quick linear model of the same run, on the same exam. Its F1 is {f1}.").format(
                    f1=percent(report.draft.macro_f1)
                ),
            )
        )
    cards.append(
        MetricCard(
            _("Without a model"),
            percent(report.usual.exact),
            _("Exactly right by always answering what most practice texts have: {usual}.").format(
                usual=plain(set_in_words(report.usual_label))
            ),
        )
    )
    metric_cards(cards, columns=len(cards))


def categories_table(report: SeveralReport, label_counts: dict[str, int]) -> pandas.DataFrame:
    """One row a category, weakest first; those the exam never asked for come last, with nothing claimed."""
    rows = [
        {
            "label": one.label,
            "recall": 100 * one.recall if one.n else None,
            "precision": 100 * one.precision if one.n_answered else None,
            "f1": one.f1 if one.n else None,
            "threshold": 100 * one.threshold,
            "n": one.n,
            "n_examples": label_counts.get(one.label, 0),
            "next": say(advice_for(one, label_counts.get(one.label, 0))),
        }
        for one in report.per_label
    ]
    table = pandas.DataFrame(rows).astype({"recall": float, "precision": float, "f1": float})
    return table.sort_values(["f1", "n"], ascending=[True, False], na_position="last", kind="stable", ignore_index=True)


def _show_categories(report: SeveralReport, dataset: Dataset) -> None:
    table = categories_table(report, dict(dataset.label_counts))
    st.subheader(_("Categories, weakest first"), anchor=False)
    st.caption(
        _("Each category has a threshold of its own, chosen on the check-up: a text gets the category from there on.")
    )
    config = st.column_config
    st.dataframe(
        table,
        hide_index=True,
        row_height=36,
        height="content" if len(table) <= 10 else 420,
        placeholder="–",
        key="several_categories_table",
        alt=_("Result of each category, weakest first"),
        column_config={
            "label": config.TextColumn(_("Category"), width=125),
            "recall": config.ProgressColumn(
                _("Found"),
                help=_("Of the exam texts that have it, how many got it (recall)."),
                format="%.0f%%",
                min_value=0,
                max_value=100,
                width=88,
            ),
            "precision": config.ProgressColumn(
                _("Reliable"),
                help=_("Of the texts that got it, how many truly have it (precision)."),
                format="%.0f%%",
                min_value=0,
                max_value=100,
                width=88,
            ),
            "f1": config.NumberColumn(
                _("Both"),
                help=_("One number for found and reliable: their harmonic mean (F1)."),
                format="%.2f",
                width=55,
            ),
            "threshold": config.NumberColumn(
                _("Given from"), help=_("The threshold: how sure the model must be."), format="%.0f%%", width=88
            ),
            "n": config.NumberColumn(_("In the exam"), help=_("Exam examples that have it (support)."), width=94),
            "n_examples": config.NumberColumn(
                _("In the data"), help=_("All examples that have it: practice, check-up and exam."), width=88
            ),
            "next": config.TextColumn(_("What helps next"), width="large"),
        },
    )


def _show_slips(report: SeveralReport, exam: pandas.DataFrame, model: ModelVersion) -> None:
    """Sentences, the most frequent first; each opens its rows."""
    if not report.missed and not report.added:
        return
    st.subheader(_("What is missed"), anchor=False)
    _show_side(report.missed, [say(missed_words(slip)) for slip in report.missed], exam, "missed", model)
    st.subheader(_("What is wrongly added"), anchor=False)
    _show_side(report.added, [say(added_words(slip)) for slip in report.added], exam, "added", model)


def _show_side(
    slips: Sequence[Slip], sentences: Sequence[str], exam: pandas.DataFrame, column: str, model: ModelVersion
) -> None:
    if not slips:
        st.caption(_("Nothing."))
        return
    dataset = workspace().versions(model.dataset_id)[-1]
    for place, (slip, sentence) in enumerate(zip(slips[:N_SLIPS], sentences, strict=False)):
        key = f"{column}_{model.id}_{place}"
        expander = st.expander(plain(sentence), key=key, on_change="rerun", type="compact")
        if expander.open:
            with expander:
                rows = exam[exam[column].map(lambda cell, label=slip.label: label in categories_of(cell))]
                show_set_rows(
                    rows, key=f"{key}_rows", alt=plain(sentence), columns=("row", "text", "label", "predicted")
                )
                page_link(
                    "data",
                    _("Is the table wrong? Correct these rows"),
                    icon=":material/edit:",
                    dataset=dataset.id,
                    view="rows",
                    file="exam" if dataset.exam_upload else "practice",
                    rows=rows_in_url(rows["row"]),
                )
    if rest := slips[N_SLIPS:]:
        st.caption(
            ngettext(
                "{n} more category, {rows} times in all: see the table below.",
                "{n} more categories, {rows} times in all: see the table below.",
                len(rest),
            ).format(n=len(rest), rows=sum(slip.n for slip in rest))
        )
