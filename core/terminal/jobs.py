"""`jobs` and `runs`: what is queued, and the history of trainings."""

from argparse import Namespace

from core.domain.job import Job
from core.domain.run import Run
from core.i18n import gettext as _
from core.i18n import say
from core.terminal import records
from core.terminal.answer import Answer, listing
from core.terminal.next_steps import step_json, steps_lines
from core.terminal.training import tracking_lines
from core.workspace import Workspace


def jobs_list(workspace: Workspace, args: Namespace) -> Answer:
    jobs = workspace.jobs()
    rows = [(j.id, j.kind.value, j.title, j.status.value, j.stage.value, f"{j.percent:.0f}%") for j in jobs]
    return Answer(
        data={"jobs": [records.job_json(job) for job in jobs]},
        text=listing((_("job"), _("kind"), _("title"), _("status"), _("stage"), _("done")), rows),
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


def runs_list(workspace: Workspace, args: Namespace) -> Answer:
    runs = workspace.runs()
    rows = [
        (
            r.id,
            r.name,
            r.status.value,
            r.recipe.preset.value,
            records.short_result(r.score),
            r.model_id or "",
        )
        for r in runs
    ]
    return Answer(
        data={"runs": [records.run_json(one) for one in runs]},
        text=listing((_("run"), _("name"), _("status"), _("preset"), _("result"), _("model")), rows),
    )


def runs_show(workspace: Workspace, args: Namespace) -> Answer:
    one = workspace.run(args.id)
    steps, about = workspace.next_steps(one.id), _about_run(one)
    return Answer(
        data={**about.data, "next_steps": [step_json(one, step) for step in steps]},
        text="\n".join([about.text, *steps_lines(one, steps)]),
    )


def runs_rename(workspace: Workspace, args: Namespace) -> Answer:
    return _about_run(workspace.rename_run(args.id, args.name))


def runs_delete(workspace: Workspace, args: Namespace) -> Answer:
    workspace.delete_run(args.id)
    return Answer(data={"run_id": args.id, "deleted": True}, text=_("Deleted."))


def _about_run(one: Run) -> Answer:
    lines = [_("Run {id}: {name} ({status})").format(id=one.id, name=one.name, status=one.status.value)]
    if one.draft:
        lines.append(_("Draft: {result}").format(result=records.result_words(one.draft)))
    if one.score:
        pattern = (
            _("Model {model_id}: {result}")
            if one.model_id is not None
            else _("Its model, which was deleted since: {result}")
        )
        lines.append(pattern.format(model_id=one.model_id, result=records.result_words(one.score)))
    lines += tracking_lines(one)
    return Answer(
        data=records.run_json(one),
        text="\n".join([*lines, "", listing((_("setting"), _("value")), list(one.recipe.to_json().items()))]),
    )
