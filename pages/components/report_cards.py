"""The head of a report: the verdict, the result beside its baselines, what was kept, and the categories one by one."""

from dataclasses import replace

import pandas
import streamlit as st

from core.domain.goal import Use
from core.domain.model import EvaluationReport, ModelVersion
from core.domain.policy import Promise
from core.domain.recipe import Preset
from core.domain.run import Run
from core.domain.use_words import USE_WORDS
from core.evaluation.verdict import Readiness, Verdict, percent
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components.layout import MetricCard, metric_cards, plain


def show_verdict(verdict: Verdict, result: str, use: Use = Use.FILL) -> None:
    """The sentence a boss reads: what it is ready for, the result of the exam in words, and why."""
    with st.container(border=True, gap="xsmall"):
        _show_badge(verdict, use)
        st.subheader(say(verdict.headline), anchor=False)
        st.text(result)
        st.text(say(verdict.reason))
        if verdict.caution:
            st.caption(plain(say(verdict.caution)))


def result_sentence(report: EvaluationReport) -> str:
    low, high = report.interval
    return ngettext(
        "Right on {n_right} of {n} unseen example: {share} (likely {low} to {high}).",
        "Right on {n_right} of {n} unseen examples: {share} (likely {low} to {high}).",
        report.score.n,
    ).format(
        n_right=report.n_right,
        n=report.score.n,
        share=percent(report.score.accuracy),
        low=percent(low),
        high=percent(high),
    )


def show_result_cards(report: EvaluationReport, promise: Promise, use: Use) -> None:
    """The result, and what is taken for sure with what it is worth."""
    words = USE_WORDS[use]
    answers = replace(words.sure_right, params={"n_right": promise.n_auto - promise.n_wrong, "n": promise.n_auto})
    metric_cards(
        [
            MetricCard(
                _("Right"),
                percent(report.score.accuracy),
                _("Share of right answers on the exam (accuracy). Macro-F1: {f1}.").format(
                    f1=f"{report.score.macro_f1:.3f}"
                ),
            ),
            MetricCard(
                say(words.sure_title),
                percent(promise.share),
                say(words.sure_help),
            ),
            MetricCard(
                _("Of those right"),
                percent(1 - promise.n_wrong / promise.n_auto) if promise.n_auto else "–",
                say(answers),
            ),
            _at_most_card(promise),
        ]
    )


def _at_most_card(promise: Promise) -> MetricCard:
    if promise.weight > 1:
        return MetricCard(
            _("Weighted mistakes per 1,000, at most"),
            f"{promise.at_most:,}",
            _(
                "Of the next 1,000 messages; the worst mix-up counts as {weight} mistakes. It is more in 1 of 20 cases, if "
                "messages stay like those of the exam."
            ).format(weight=f"{promise.weight:g}"),
        )
    return MetricCard(
        _("Wrong per 1,000, at most"),
        f"{promise.at_most:,}",
        _("Of the next 1,000 messages. More are wrong in 1 of 20 cases, if messages stay like those of the exam."),
    )


def inside_sentence(model: ModelVersion, run: Run) -> str:
    """Which of the two models is inside."""
    if model.kept == "draft":
        if run.recipe.preset is Preset.QUICK or run.recipe.technique == "draft":
            return _("Inside is the quick draft; no fine-tuning was asked for.")
        return _("Inside is the quick draft: fine-tuning did not beat it on the check-up examples.")
    if model.kept == "mix":
        return _("Inside are the draft and the fine-tuned model together: mixed, they were best on the check-up.")
    return _("Inside is the fine-tuned model: it was best on the check-up examples.")


def kept_sentence(model: ModelVersion, run: Run, report: EvaluationReport) -> str:
    """Which of the two models is inside, and what fine-tuning brought on the exam."""
    inside = inside_sentence(model, run)
    if model.kept == "draft" or report.draft is None or report.draft.n != report.score.n:
        return inside
    gained = report.n_right - round(report.draft.accuracy * report.draft.n)
    if gained > 0:
        brought = ngettext(
            "On the exam it is right on {n} example more than the draft.",
            "On the exam it is right on {n} examples more than the draft.",
            gained,
        ).format(n=gained)
    elif gained < 0:
        brought = ngettext(
            "On the exam, though, it is right on {n} example fewer than the draft.",
            "On the exam, though, it is right on {n} examples fewer than the draft.",
            -gained,
        ).format(n=-gained)
    else:
        brought = _("On the exam it is right exactly as often as the draft.")
    return _("{first} {second}").format(first=inside, second=brought)


def categories_table(report: EvaluationReport, label_counts: dict[str, int]) -> pandas.DataFrame:
    """One row a category, weakest first; those the exam never asked for come last, with nothing claimed."""
    rows = [
        {
            "label": one.label,
            "recall": 100 * one.recall if one.n else None,
            "precision": 100 * one.precision if one.n_predicted else None,
            "f1": one.f1 if one.n else None,
            "n": one.n,
            "n_examples": label_counts.get(one.label, 0),
        }
        for one in report.per_label
    ]
    table = pandas.DataFrame(rows, columns=["label", "recall", "precision", "f1", "n", "n_examples"])
    return table.astype({"recall": float, "precision": float, "f1": float}).sort_values(
        ["f1", "n"], ascending=[True, False], na_position="last", kind="stable", ignore_index=True
    )


def show_categories(report: EvaluationReport, label_counts: dict[str, int]) -> None:
    table = categories_table(report, label_counts)
    st.subheader(_("Categories, weakest first"), anchor=False)
    if (sentence := weakest_sentence(report, label_counts)) is not None:
        st.text(sentence)
    st.dataframe(
        table,
        hide_index=True,
        row_height=36,
        height="content" if len(table) <= 10 else 420,
        placeholder="–",
        alt=_("Result of each category, weakest first"),
        column_config={
            "label": st.column_config.TextColumn(_("Category"), width="medium"),
            "recall": st.column_config.ProgressColumn(
                _("Found"),
                help=_("Of the exam examples that belong here, how many got this answer (recall)."),
                format="%.0f%%",
                min_value=0,
                max_value=100,
            ),
            "precision": st.column_config.ProgressColumn(
                _("Reliable"),
                help=_("Of the times it gave this answer, how many were right (precision)."),
                format="%.0f%%",
                min_value=0,
                max_value=100,
            ),
            "f1": st.column_config.NumberColumn(
                _("Both"), help=_("One number for found and reliable: their harmonic mean (F1)."), format="%.2f"
            ),
            "n": st.column_config.NumberColumn(_("In the exam"), help=_("Exam examples of this category (support).")),
            "n_examples": st.column_config.NumberColumn(
                _("In the data"), help=_("All examples of this category: practice, check-up and exam.")
            ),
        },
    )


def weakest_sentence(report: EvaluationReport, label_counts: dict[str, int]) -> str | None:
    """The category to help first, with its numbers; None when every asked category was answered perfectly."""
    asked = [one for one in report.per_label if one.n]
    if not asked or (weakest := min(asked, key=lambda one: (one.f1, -one.n))).f1 == 1.0:
        return None
    n_found = round(weakest.recall * weakest.n)
    if weakest.n_predicted and weakest.precision < weakest.recall:
        fault = ngettext(
            "Weakest: “{label}”. Of {n} time it gave this answer, {n_right} was right;",
            "Weakest: “{label}”. Of {n} times it gave this answer, {n_right} were right;",
            weakest.n_predicted,
        ).format(label=weakest.label, n=weakest.n_predicted, n_right=n_found)
    else:
        fault = ngettext(
            "Weakest: “{label}”. It found {n_found} of {n} exam example;",
            "Weakest: “{label}”. It found {n_found} of {n} exam examples;",
            weakest.n,
        ).format(label=weakest.label, n_found=n_found, n=weakest.n)
    n_examples = label_counts.get(weakest.label, 0)
    held = ngettext(
        "the data holds {n} example of it in all.", "the data holds {n} examples of it in all.", n_examples
    ).format(n=n_examples)
    return _("{first} {second}").format(first=fault, second=held)


def _show_badge(verdict: Verdict, use: Use) -> None:
    label, color, icon = {
        Readiness.AUTOMATE: (_("Automate part"), "green", ":material/check_circle:"),
        Readiness.SUGGEST: (_("Keep watch"), "blue", ":material/visibility:")
        if use is Use.WATCH
        else (_("Suggest"), "blue", ":material/assistant:"),
        Readiness.NOT_YET: (_("Not yet"), "orange", ":material/hourglass_empty:"),
    }[verdict.readiness]
    st.badge(label, color=color, icon=icon)  # type: ignore[arg-type]
