"""The commands that are one verb of the workspace each. Training, with its waiting, is in `core.terminal.training`."""

import logging
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from core.domain.dataset import Dataset
from core.domain.job import Job
from core.domain.message import msg
from core.domain.model import EvaluationReport
from core.domain.run import Run
from core.errors import NotPossible, UserError
from core.evaluation.verdict import judge, percent
from core.i18n import gettext as _
from core.i18n import ngettext, say
from core.terminal import records
from core.terminal.answer import Answer, table
from core.terminal.inputs import receive, table_format
from core.terminal.training import train
from core.workspace import Workspace

Command = Callable[[Workspace, Namespace], Answer]


def run(command: str, workspace: Workspace, args: Namespace) -> Answer:
    return _COMMANDS[command](workspace, args)


# -- data --------------------------------------------------------------------------------------------------------


def data_add(workspace: Workspace, args: Namespace) -> Answer:
    upload = receive(workspace, args.file)
    exam_upload = receive(workspace, args.test) if args.test else None
    dataset = workspace.add_dataset(
        upload,
        format=table_format(args, upload, sheet=args.sheet),
        text_column=args.text,
        label_column=args.label,
        exam_upload=exam_upload,
        exam_format=table_format(args, exam_upload) if exam_upload else None,
    )
    return _about_dataset(dataset)


def data_list(workspace: Workspace, args: Namespace) -> Answer:
    datasets = workspace.datasets()
    rows = [(d.id, d.name, d.n_used, len(d.labels), d.created_at.strftime("%Y-%m-%d %H:%M")) for d in datasets]
    return Answer(
        data={"datasets": [records.dataset_json(dataset) for dataset in datasets]},
        text=_listing((_("data set"), _("name"), _("examples"), _("categories"), _("created")), rows),
    )


def data_show(workspace: Workspace, args: Namespace) -> Answer:
    return _about_dataset(workspace.dataset(args.id))


def data_delete(workspace: Workspace, args: Namespace) -> Answer:
    workspace.delete_dataset(args.id)
    return Answer(data={"dataset_id": args.id, "deleted": True}, text=_("Deleted."))


def _about_dataset(dataset: Dataset) -> Answer:
    lines = [
        _("Data set {id}: {name}").format(id=dataset.id, name=dataset.name),
        _("Texts are in “{text}”, categories in “{label}”.").format(
            text=dataset.text_column, label=dataset.label_column
        ),
        _(
            "{n_used} of {n_rows} rows are used: {practice} for practice, {checkup} for check-ups, {exam} for the exam."
        ).format(
            n_used=dataset.n_used,
            n_rows=dataset.n_rows,
            practice=dataset.split_sizes.get("practice", 0),
            checkup=dataset.split_sizes.get("checkup", 0),
            exam=dataset.split_sizes.get("exam", 0),
        ),
        "",
        _listing((_("category"), _("examples")), list(dataset.label_counts.items())),
    ]
    for finding in dataset.findings:
        lines += ["", f"[{_SEVERITIES[finding.severity.value]()}] {say(finding.message)}"]
        if finding.rows:
            lines.append(_("Rows: {rows}").format(rows=_first(finding.rows)))
        if finding.advice:
            lines.append(say(finding.advice))
    return Answer(data=records.dataset_json(dataset), text="\n".join(lines))


_SEVERITIES: dict[str, Callable[[], str]] = {
    "blocking": lambda: _("must be mended"),
    "warning": lambda: _("warning"),
    "note": lambda: _("note"),
}


def _first(rows: Sequence[int], n: int = 20) -> str:
    return ", ".join(str(row) for row in rows[:n]) + (", …" if len(rows) > n else "")


# -- jobs --------------------------------------------------------------------------------------------------------


def jobs_list(workspace: Workspace, args: Namespace) -> Answer:
    jobs = workspace.jobs()
    rows = [(j.id, j.kind.value, j.title, j.status.value, j.stage.value, f"{j.percent:.0f}%") for j in jobs]
    return Answer(
        data={"jobs": [records.job_json(job) for job in jobs]},
        text=_listing((_("job"), _("kind"), _("title"), _("status"), _("stage"), _("done")), rows),
    )


def jobs_show(workspace: Workspace, args: Namespace) -> Answer:
    return _about_job(workspace.job(args.id))


def jobs_cancel(workspace: Workspace, args: Namespace) -> Answer:
    return _about_job(workspace.cancel(args.id))


def jobs_stop(workspace: Workspace, args: Namespace) -> Answer:
    return _about_job(workspace.stop(args.id))


def jobs_resume(workspace: Workspace, args: Namespace) -> Answer:
    workspace.resume(args.id)
    workspace.ensure_worker()
    return _about_job(workspace.job(args.id))


def jobs_delete(workspace: Workspace, args: Namespace) -> Answer:
    workspace.delete_job(args.id)
    return Answer(data={"job_id": args.id, "deleted": True}, text=_("Deleted."))


def jobs_log(workspace: Workspace, args: Namespace) -> Answer:
    log = workspace.job_log(args.id)
    return Answer(data={"job_id": args.id, "log": log}, text=log)


def _about_job(job: Job) -> Answer:
    lines = [
        _("Job {id} ({kind}): {title}").format(id=job.id, kind=job.kind.value, title=job.title),
        _("{status}, {stage}, {percent} done").format(
            status=job.status.value, stage=job.stage.value, percent=f"{job.percent:.0f}%"
        ),
    ]
    if job.queue_position is not None:
        lines.append(_("Number {position} in the queue").format(position=job.queue_position))
    if job.seconds_left:
        low, high = job.seconds_left
        lines.append(_("{low} to {high} seconds left").format(low=round(low), high=round(high)))
    if job.error:
        lines += [say(part) for part in (job.error.message, job.error.hint) if part]
    return Answer(data=records.job_json(job), text="\n".join(lines))


# -- runs --------------------------------------------------------------------------------------------------------


def runs_list(workspace: Workspace, args: Namespace) -> Answer:
    runs = workspace.runs()
    rows = [
        (
            r.id,
            r.name,
            r.status.value,
            r.recipe.preset.value,
            percent(r.score.accuracy) if r.score else "",
            r.model_id or "",
        )
        for r in runs
    ]
    return Answer(
        data={"runs": [records.run_json(one) for one in runs]},
        text=_listing((_("run"), _("name"), _("status"), _("preset"), _("right"), _("model")), rows),
    )


def runs_show(workspace: Workspace, args: Namespace) -> Answer:
    return _about_run(workspace.run(args.id))


def runs_rename(workspace: Workspace, args: Namespace) -> Answer:
    return _about_run(workspace.rename_run(args.id, args.name))


def runs_delete(workspace: Workspace, args: Namespace) -> Answer:
    workspace.delete_run(args.id)
    return Answer(data={"run_id": args.id, "deleted": True}, text=_("Deleted."))


def _about_run(one: Run) -> Answer:
    lines = [_("Run {id}: {name} ({status})").format(id=one.id, name=one.name, status=one.status.value)]
    if one.draft:
        lines.append(_("Draft: right on {share} of the exam").format(share=percent(one.draft.accuracy)))
    if one.score:
        lines.append(
            _("Model {model_id}: right on {share} of the exam").format(
                model_id=one.model_id or "", share=percent(one.score.accuracy)
            )
        )
    return Answer(
        data=records.run_json(one),
        text="\n".join([*lines, "", _listing((_("setting"), _("value")), list(one.recipe.to_json().items()))]),
    )


# -- models ------------------------------------------------------------------------------------------------------


def models_list(workspace: Workspace, args: Namespace) -> Answer:
    models = workspace.models()
    rows = [
        (m.id, m.name, m.base_model, m.kept, percent(m.score.accuracy) if m.score else "", f"{m.n_bytes / 1e6:.0f} MB")
        for m in models
    ]
    return Answer(
        data={"models": [records.model_json(model) for model in models]},
        text=_listing((_("model"), _("name"), _("base model"), _("kept"), _("right"), _("size")), rows),
    )


def models_show(workspace: Workspace, args: Namespace) -> Answer:
    model = workspace.model(args.id)
    report = workspace.report(args.id)
    verdict = judge(report)
    lines = [
        _("Model {id}: {name}").format(id=model.id, name=model.name),
        *(say(part) for part in (verdict.headline, verdict.reason, verdict.caution) if part),
        "",
        _about_report(report),
    ]
    return Answer(data=records.model_json(model) | {"report": records.report_json(report)}, text="\n".join(lines))


def models_delete(workspace: Workspace, args: Namespace) -> Answer:
    workspace.delete_model(args.id)
    return Answer(data={"model_id": args.id, "deleted": True}, text=_("Deleted."))


def evaluate(workspace: Workspace, args: Namespace) -> Answer:
    report = workspace.evaluate(args.id, receive(workspace, args.file), text_column=args.text, label_column=args.label)
    return Answer(data=records.report_json(report), text=_about_report(report))


def _about_report(report: EvaluationReport) -> str:
    low, high = report.interval
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
            "",
            _listing((_("category"), _("precision"), _("recall"), _("F1"), _("examples")), rows),
        ]
    )


# -- answers -----------------------------------------------------------------------------------------------------


def predict(workspace: Workspace, args: Namespace) -> Answer:
    return _predict_file(workspace, args) if args.file else _predict_text(workspace, args)


def _predict_text(workspace: Workspace, args: Namespace) -> Answer:
    (prediction,) = workspace.predict(args.id, [args.text])
    rows = [(label, f"{probability:.1%}") for label, probability in list(prediction.probabilities.items())[:5]]
    heading = prediction.label if prediction.sure else _("{label}, but not sure").format(label=prediction.label)
    return Answer(
        data=records.prediction_json(prediction),
        text=f"{heading}\n\n{_listing((_('category'), _('sure %')), rows)}",
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
    summary = workspace.score_now(args.id, receive(workspace, args.file), out_path, text_column=args.column)
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
                _listing((_("category"), _("rows")), counts),
            ]
        ),
    )


# -- machine -----------------------------------------------------------------------------------------------------


def worker(workspace: Workspace, args: Namespace) -> Answer:
    """Log to stderr and work until interrupted."""
    from core.jobs.worker import run_worker

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    if not run_worker(workspace.settings):
        raise NotPossible(
            msg("Another worker is already at work in {home}.", home=str(workspace.settings.home)),
            hint=msg("One is enough: it takes every queued job."),
        )
    return Answer(data={}, text=_("The worker has ended."))


def doctor(workspace: Workspace, args: Namespace) -> Answer:
    found = workspace.doctor()
    lines = [
        f"Python {found['python']}, {found['platform']}",
        _("Device: {name} ({kind})").format(name=found["device"]["name"], kind=found["device"]["kind"]),
        _("Workspace: {home}, {free} GB free").format(
            home=found["disk"]["home"], free=round(found["disk"]["free_bytes"] / 1e9)
        ),
        "",
        _listing((_("package"), _("version")), [(k, v or _("missing")) for k, v in found["packages"].items()]),
        "",
        _listing(
            (_("base model"), _("installed"), _("unpacked"), "sha256"),
            [
                (m["name"], _("yes") if m["installed"] else _("no"), m["unpacked"], m["sha256"][:12])
                for m in found["base_models"]
            ],
        ),
        "",
        "\n".join(found["problems"]) or _("All is well."),
    ]
    return Answer(data=found, text="\n".join(lines))


def _listing(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    return table(headers, rows) if rows else _("Nothing here yet.")


_COMMANDS: dict[str, Command] = {
    command.__name__: command
    for command in (
        data_add, data_list, data_show, data_delete, train, evaluate, predict, worker, doctor,
        jobs_list, jobs_show, jobs_cancel, jobs_stop, jobs_resume, jobs_delete, jobs_log,
        runs_list, runs_show, runs_rename, runs_delete, models_list, models_show, models_delete,
    )
}  # fmt: skip
