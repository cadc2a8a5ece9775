"""What `models`, `evaluate` and `predict` say of models that answer with a number."""

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from core.domain.model import ModelVersion
from core.domain.number import NumberPrediction, NumberReport, shown
from core.evaluation.numbers import judge_number
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from core.i18n import ngettext, say
from core.terminal import records
from core.terminal.answer import Answer, listing
from core.terminal.inputs import asked_text, only_label, receive
from core.terminal.judging import verdict_lines
from core.workspace import Workspace


def show_model(workspace: Workspace, model: ModelVersion) -> Answer:
    report = workspace.number_report(model.id)
    verdict = judge_number(report)
    text = "\n".join([*verdict_lines(model, verdict), _about(report)])
    return Answer(data=records.other_model_json(model, report, verdict), text=text)


def evaluate(workspace: Workspace, args: Namespace) -> Answer:
    upload = receive(workspace, args.file)
    report = workspace.evaluate_numbers(args.id, upload, text_columns=args.text, label_column=only_label(args))
    return Answer(data=records.other_report_json(report), text=_about(report))


def predict_text(workspace: Workspace, args: Namespace) -> Answer:
    (prediction,) = workspace.predict_numbers(args.id, [asked_text(workspace, args)])
    return Answer(data=records.prediction_json(prediction), text=in_words(prediction))


def in_words(prediction: NumberPrediction) -> str:
    return _("{value} (likely {low} to {high})").format(
        value=shown(prediction.value), low=shown(prediction.low), high=shown(prediction.high)
    )


def file_words(summary: Mapping[str, Any]) -> list[str]:
    n = summary["n_scored"]
    lines = [ngettext("{n} row has a score.", "{n} rows have a score.", n).format(n=n)]
    if n:
        lines.append(
            _("On average {mean}, from {low} to {high}.").format(
                mean=shown(summary["mean"]), low=shown(summary["low"]), high=shown(summary["high"])
            )
        )
    return lines


def _about(report: NumberReport) -> str:
    rows = [
        (
            _("{low} to {high}").format(low=shown(band.low), high=shown(band.high)),
            shown(band.mae),
            f"{band.bias:+.2g}",
            band.n,
        )
        for band in report.bands
    ]
    return "\n".join(
        [
            _("The model is {result}.").format(result=say(report.score.words)),
            _("Always answering {middle}: off by {mae} on average.").format(
                middle=shown(report.middle_answer), mae=shown(report.middle.mae)
            ),
            _("Answers ± {half_width} hold the truth in {coverage} of the exam ({promised} were aimed for).").format(
                half_width=shown(report.half_width),
                coverage=percent(report.coverage),
                promised=percent(report.promised),
            ),
            _("Order of the texts met (Spearman): {spearman}").format(spearman=f"{report.spearman:.3f}"),
            "",
            listing((_("true score"), _("off by"), _("too high by"), _("examples")), rows),
        ]
    )
