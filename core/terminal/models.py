"""`models`, `evaluate` and `predict`: finished models and what they answer."""

from argparse import Namespace
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from core.domain.message import msg
from core.domain.model import EvaluationReport, ModelVersion
from core.domain.task import ORDERED, AnswerKind
from core.domain.use_words import USE_WORDS
from core.errors import DamagedModel, NotFound, UserError
from core.evaluation.comparing import Rival
from core.evaluation.ordered import steps_off
from core.evaluation.verdict import Verdict, percent
from core.i18n import gettext as _
from core.i18n import ngettext, say
from core.terminal import numbers, records, several
from core.terminal.answer import Answer, listing
from core.terminal.explaining import familiarity_lines
from core.terminal.inputs import asked_text, only_label, receive
from core.terminal.judging import outlook_text, rivals_table, verdict_lines
from core.workspace import Workspace
from core.workspace.judging import Outlook


class _Telling(Protocol):
    """A module that tells of models that answer otherwise than with one category a text."""

    def show_model(self, workspace: Workspace, model: ModelVersion) -> Answer: ...

    def evaluate(self, workspace: Workspace, args: Namespace) -> Answer: ...

    def predict_text(self, workspace: Workspace, args: Namespace) -> Answer: ...

    def file_words(self, summary: Mapping[str, Any]) -> list[str]: ...


_OTHERS: Mapping[AnswerKind, _Telling] = {AnswerKind.NUMBER: numbers, AnswerKind.CATEGORIES: several}


def models_list(workspace: Workspace, args: Namespace) -> Answer:
    models = workspace.models()
    rows = [
        (m.id, m.name, m.base_model, m.kept, records.short_result(m.score), f"{m.n_bytes / 1e6:.0f} MB") for m in models
    ]
    return Answer(
        data={"models": [records.model_json(model) for model in models]},
        text=listing((_("model"), _("name"), _("base model"), _("kept"), _("result"), _("size")), rows),
    )


def models_show(workspace: Workspace, args: Namespace) -> Answer:
    model = workspace.model(args.id)
    if model.answers in _OTHERS:
        return _OTHERS[model.answers].show_model(workspace, model)
    report = workspace.report(args.id)
    verdict, outlook, rivals = _judged(workspace, args.id)
    lines = [*verdict_lines(model, verdict), _about_report(report, model.task)]
    if outlook is not None:
        lines += ["", outlook_text(outlook), "", rivals_table(rivals, report)]
    familiarity = calibration = None
    with suppress(DamagedModel):  # the report itself is in the database
        familiarity, calibration = workspace.familiarity(args.id), workspace.calibration(args.id)
    if familiarity is not None:
        lines += ["", *familiarity_lines(familiarity, model.rule.keeps)]
    data = records.model_json(model) | {
        "report": records.report_json(report) | records.steps_json(report, model.task),
        "familiarity": familiarity.to_json() if familiarity else None,
        "calibration": calibration.to_json() if calibration else None,
        "verdict": records.verdict_json(verdict),
        "outlook": records.outlook_json(outlook) if outlook else None,
        "rivals": [records.rival_json(rival) for rival in rivals],
    }
    return Answer(data=data, text="\n".join(lines))


def _judged(workspace: Workspace, model_id: int) -> tuple[Verdict, Outlook | None, list[Rival]]:
    """Verdict, outlook and rivals; of the last two nothing where the model's files are gone."""
    try:
        return workspace.verdict(model_id), workspace.outlook(model_id), workspace.rivals(model_id)
    except (NotFound, DamagedModel):
        return workspace.verdict(model_id), None, []


def models_delete(workspace: Workspace, args: Namespace) -> Answer:
    workspace.delete_model(args.id)
    return Answer(data={"model_id": args.id, "deleted": True}, text=_("Deleted."))


def evaluate(workspace: Workspace, args: Namespace) -> Answer:
    model = workspace.model(args.id)
    if model.answers in _OTHERS:
        return _OTHERS[model.answers].evaluate(workspace, args)
    upload = receive(workspace, args.file)
    report = workspace.evaluate(args.id, upload, text_columns=args.text, label_column=only_label(args))
    data = records.report_json(report) | records.steps_json(report, model.task)
    return Answer(data=data, text=_about_report(report, model.task))


def _about_report(report: EvaluationReport, task: str) -> str:
    low, high = report.interval
    steps = steps_off(report) if task == ORDERED else None
    rows = [
        (one.label, percent(one.precision), percent(one.recall), percent(one.f1), one.n) for one in report.per_label
    ]
    return "\n".join(
        [
            _("Right on {n_right} of {n} examples: {share} (likely {low} to {high}).").format(
                n_right=report.n_right,
                n=report.score.n,
                share=percent(report.score.accuracy),
                low=percent(low),
                high=percent(high),
            ),
            _("Always answering the biggest category: {share}.").format(share=percent(report.majority.accuracy)),
            _("Sure about {n_sure}, of which {n_sure_right} are right.").format(
                n_sure=report.n_sure, n_sure_right=report.n_sure_right
            ),
            *([say(steps.words)] if steps else []),
            "",
            listing((_("category"), _("precision"), _("recall"), _("F1"), _("examples")), rows),
        ]
    )


def predict(workspace: Workspace, args: Namespace) -> Answer:
    return _predict_file(workspace, args) if args.file else _predict_text(workspace, args)


def _predict_text(workspace: Workspace, args: Namespace) -> Answer:
    answers = workspace.model(args.id).answers
    if answers in _OTHERS:
        return _OTHERS[answers].predict_text(workspace, args)
    (prediction,) = workspace.predict(args.id, [asked_text(workspace, args)])
    rows = [(label, f"{probability:.1%}") for label, probability in list(prediction.probabilities.items())[:5]]
    if prediction.sure:
        heading = prediction.label
    elif prediction.familiar:
        heading = _("{label}, but not sure").format(label=prediction.label)
    else:
        use = workspace.goal(workspace.model(args.id).dataset_id).use
        heading = _("{none}. The nearest is {label}").format(
            none=say(USE_WORDS[use].none_of_these), label=prediction.label
        )
    return Answer(
        data=records.prediction_json(prediction),
        text=f"{heading}\n\n{listing((_('category'), _('sure %')), rows)}",
    )


def _predict_file(workspace: Workspace, args: Namespace) -> Answer:
    if not args.out:
        raise UserError(
            msg("Where should the answered table go?"),
            hint=msg("Name a file: --out answered.xlsx or --out answered.csv"),
        )
    out_path = Path(args.out).resolve()
    if out_path == Path(args.file).resolve():
        raise UserError(
            msg("{path} would be overwritten with its own answers.", path=args.out),
            hint=msg("Give --out another name."),
        )
    summary = workspace.score_now(args.id, receive(workspace, args.file), out_path, text_columns=args.column)
    answers = workspace.model(args.id).answers
    if answers in _OTHERS:
        lines = [*_OTHERS[answers].file_words(summary), _("Written to {path}").format(path=out_path)]
        return Answer(data={**summary, "out": str(out_path)}, text="\n".join(lines))
    sentence = ngettext(
        "{n} row is answered, {n_sure} for sure.", "{n} rows are answered, {n_sure} for sure.", summary["n_scored"]
    )
    counts = sorted(summary["label_counts"].items(), key=lambda item: -item[1])
    return Answer(
        data={**summary, "out": str(out_path)},
        text="\n".join(
            [
                sentence.format(n=summary["n_scored"], n_sure=summary["n_sure"]),
                _("Written to {path}").format(path=out_path),
                "",
                listing((_("category"), _("rows")), counts),
            ]
        ),
    )
