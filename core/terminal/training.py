"""`train`: add the table, queue the run, wait for it and tell how far it is."""

from argparse import Namespace

from core.domain.dataset import Dataset
from core.domain.job import Job, JobStatus
from core.domain.message import msg
from core.domain.recipe import Preset, TrainingRecipe
from core.domain.run import Run
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import say
from core.terminal import records
from core.terminal.answer import Answer
from core.terminal.inputs import base_model, overrides, receive
from core.terminal.parser import NO_TRACKER
from core.terminal.waiting import ended_badly, left_to_worker, progress_on_stderr
from core.tracking import TRACKERS
from core.workspace import Workspace


def train(workspace: Workspace, args: Namespace) -> Answer:
    """Exit code 1 when the job failed or was cancelled, 2 when it failed by a mistake of ours."""
    dataset, recipe = wanted_training(workspace, args)
    job = workspace.start_training(dataset.id, recipe, trackers=_trackers(args))
    if args.no_wait:
        return left_to_worker(workspace, job, run_id=job.run_id)
    with progress_on_stderr(workspace, job.id):
        job = workspace.wait(job.id)
    return _result(job, workspace.run(job.run_id) if job.run_id is not None else None)


def wanted_training(workspace: Workspace, args: Namespace) -> tuple[Dataset, TrainingRecipe]:
    """What is asked for: by the dial, or by an earlier run."""
    settings, base = overrides(args), base_model(args, workspace)
    dataset = _dataset(workspace, args)
    if args.run is None:
        preset = Preset(args.preset or Preset.BALANCED)
        return dataset, workspace.plan(dataset.id, preset, base_model=base, overrides=settings).recipe
    if args.preset:
        raise UserError(
            msg("An earlier run brings its own settings, so --preset has nothing to decide."),
            hint=msg("Leave it out, or name the data with --dataset {dataset_id}.", dataset_id=dataset.id),
        )
    return dataset, workspace.recipe_like(args.run, {**settings, **({"base_model": base} if base else {})})


def _dataset(workspace: Workspace, args: Namespace) -> Dataset:
    if args.dataset is None and args.run is None:
        return workspace.add_dataset(
            receive(workspace, args.data),
            text_columns=args.text,
            label_columns=args.label,
            label_separator=args.between,
            exam_upload=receive(workspace, args.test) if args.test else None,
            task=args.task,
        )
    if args.test or args.text or args.label or args.between or args.task:
        raise UserError(
            msg("A data set that was added already has its columns and its exam."),
            hint=msg("Use --test, --text, --label and --task together with --data."),
        )
    return workspace.dataset(args.dataset or workspace.run(args.run).dataset_id)


def _result(job: Job, run: Run | None) -> Answer:
    data = {
        "job_id": job.id,
        "run_id": job.run_id,
        "model_id": job.model_id,
        "status": job.status.value,
        "metrics": records.score_json(run.score) if run else None,
        "draft": records.score_json(run.draft) if run else None,
        "kept": run.kept if run else None,
        "seconds": dict(run.seconds) if run else {},
        "tracking": records.tracking_json(run) if run else {},
    }
    if job.status is JobStatus.DONE:
        lines = [_("Model {id} is finished.").format(id=job.model_id or "")]
        if run and run.score:
            lines.append(_("The model is {result}.").format(result=records.result_words(run.score)))
        lines += tracking_lines(run) if run else []
        return Answer(data=data, text="\n".join(lines))
    return ended_badly(job, data)


def _trackers(args: Namespace) -> list[str] | None:
    """None leaves them to TUNEDESK_TRACKERS."""
    return None if args.track is None else [name for name in args.track if name != NO_TRACKER]


def tracking_lines(run: Run) -> list[str]:
    """Where the run is recorded besides, in words."""
    lines = []
    for name, place in run.tracking.items():
        tool = TRACKERS[name].title if name in TRACKERS.names() else name
        if place.where:
            lines.append(_("Recorded in {tool}: {where}").format(tool=tool, where=place.where))
        if place.command:
            lines.append(_("To open it: {command}").format(command=place.command))
        if place.problem:
            lines.append(_("{tool} keeps no more of this run. {reason}").format(tool=tool, reason=say(place.problem)))
    return lines
