"""What `models`, `evaluate` and `predict` say of models that give several categories."""

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from core.domain.model import ModelVersion
from core.domain.several import SeveralReport, categories_of
from core.evaluation.several import added_words, judge_several, missed_words
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from core.i18n import ngettext, say
from core.terminal import records
from core.terminal.answer import Answer, listing
from core.terminal.inputs import asked_text, receive
from core.terminal.judging import verdict_lines
from core.workspace import Workspace

N_SLIPS = 5  # told of what is missed, and of what is added


def show_model(workspace: Workspace, model: ModelVersion) -> Answer:
    report = workspace.several_report(model.id)
    verdict = judge_several(report)
    text = "\n".join([*verdict_lines(model, verdict), _about(report)])
    return Answer(data=records.other_model_json(model, report, verdict), text=text)


def evaluate(workspace: Workspace, args: Namespace) -> Answer:
    report = workspace.evaluate_several(
        args.id, receive(workspace, args.file), text_columns=args.text, label_columns=args.label
    )
    return Answer(data=records.other_report_json(report), text=_about(report))


def predict_text(workspace: Workspace, args: Namespace) -> Answer:
    (prediction,) = workspace.predict_several(args.id, [asked_text(workspace, args)])
    given = set(prediction.categories)
    rows = [
        (name, f"{probability:.1%}", f"{prediction.thresholds[name]:.0%}", "✓" if name in given else "")
        for name, probability in prediction.probabilities.items()
        if name in given or probability >= prediction.thresholds[name] / 2
    ]
    heading = ", ".join(prediction.categories) or _("None of the categories")
    table = listing((_("category"), _("sure %"), _("given from"), _("given")), rows) if rows else ""
    return Answer(data=records.prediction_json(prediction), text=f"{heading}\n\n{table}".rstrip())


def file_words(summary: Mapping[str, Any]) -> list[str]:
    n = summary["n_scored"]
    lines = [
        ngettext(
            "{n} row is answered, {n_none} with none of the categories.",
            "{n} rows are answered, {n_none} with none of the categories.",
            n,
        ).format(n=n, n_none=summary["n_none"])
    ]
    counts = sorted(summary["label_counts"].items(), key=lambda item: -item[1])
    return [*lines, "", listing((_("category"), _("rows")), counts)]


def _about(report: SeveralReport) -> str:
    rows = [
        (one.label, percent(one.precision), percent(one.recall), percent(one.f1), f"{one.threshold:.0%}", one.n)
        for one in report.per_label
    ]
    low, high = report.interval
    f1_low, f1_high = report.f1_interval
    usual = ", ".join(categories_of(report.usual_label)) or _("None of the categories")
    return "\n".join(
        [
            _("{n_exact} of {n} examples got exactly their categories: {share} (likely {low} to {high}).").format(
                n_exact=report.n_exact,
                n=report.score.n,
                share=percent(report.score.exact),
                low=percent(low),
                high=percent(high),
            ),
            _("F1: {macro} a category (likely {low} to {high}), {micro} over all answers.").format(
                macro=f"{report.score.macro_f1:.3f}",
                low=f"{f1_low:.3f}",
                high=f"{f1_high:.3f}",
                micro=f"{report.score.micro_f1:.3f}",
            ),
            _("Always answering “{usual}”: exactly right for {share}.").format(
                usual=usual, share=percent(report.usual.exact)
            ),
            _("Ticks a text: {slips} to correct its answers, {by_hand} by hand.").format(
                slips=f"{report.slips:.2f}", by_hand=f"{report.mean_true:.2f}"
            ),
            "",
            listing((_("category"), _("precision"), _("recall"), _("F1"), _("given from"), _("examples")), rows),
            "",
            *(say(missed_words(slip)) for slip in report.missed[:N_SLIPS]),
            *(say(added_words(slip)) for slip in report.added[:N_SLIPS]),
        ]
    ).rstrip()
