"""`train`: add the table, queue the run, wait for it and tell how far it is."""

import sys
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from core.domain.dataset import Dataset
from core.domain.job import Job, JobStatus
from core.domain.message import Message, msg
from core.domain.recipe import Preset, TrainingRecipe
from core.domain.run import Run
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import language, say, speaking
from core.terminal import records
from core.terminal.answer import Answer, printable
from core.terminal.inputs import base_model, overrides, receive
from core.terminal.parser import NO_TRACKER
from core.tracking import TRACKERS
from core.workspace import Workspace

LOOK_SECONDS = 1.0


def train(workspace: Workspace, args: Namespace) -> Answer:
    """Exit code 1 when the job failed or was cancelled, 2 when it failed by a mistake of ours."""
    dataset, recipe = wanted_training(workspace, args)
    job = workspace.start_training(dataset.id, recipe, trackers=_trackers(args))
    if args.no_wait:
        workspace.ensure_worker()
        return Answer(
            data={"job_id": job.id, "run_id": job.run_id, "status": job.status.value},
            text=_("Job {id} is queued. See how far it is: python -m core jobs show {id}").format(id=job.id),
        )
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
            label_column=args.label,
            exam_upload=receive(workspace, args.test) if args.test else None,
            task=args.task,
        )
    if args.test or args.text or args.label or args.task:
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
    message, hint = (job.error.message, job.error.hint) if job.error else cancelled_words(job)
    code = job.error.code if job.error else job.status.value
    return Answer(
        data=data | {"error": {"code": code, "message": str(message), "hint": str(hint) if hint else None}},
        text="\n".join(say(part) for part in (message, hint) if part),
        exit_code=2 if code == "bug" else 1,
    )


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


def cancelled_words(job: Job) -> tuple[Message, Message]:
    return (
        msg("Job {id} was cancelled.", id=job.id),
        msg("To go on with it: python -m core jobs resume {id}", id=job.id),
    )


@contextmanager
def progress_on_stderr(workspace: Workspace, job_id: int) -> Iterator[None]:
    """Tell stage, percent, time left and the coach's sentence on stderr, whenever they change."""
    ended = threading.Event()
    speaks = language()

    def tell() -> None:
        told = ""
        with speaking(speaks), suppress(UserError):  # of a job deleted meanwhile the waiting itself tells
            while not ended.wait(LOOK_SECONDS):
                line = _progress(workspace, job_id)
                if line != told:
                    print(printable(line), file=sys.stderr, flush=True)
                    told = line

    thread = threading.Thread(target=tell, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _progress(workspace: Workspace, job_id: int) -> str:
    job = workspace.job(job_id)
    if job.queue_position is not None:
        return _("Job {id} is number {position} in the queue").format(id=job.id, position=job.queue_position)
    parts = [f"{job.percent:.0f}%", job.stage.value]
    if job.seconds_left:
        low, high = job.seconds_left
        parts.append(_("{low} to {high} seconds left").format(low=round(low), high=round(high)))
    sentence = workspace.run(job.run_id).live_sentence if job.run_id is not None else None
    return "  ".join([*parts, *([say(sentence)] if sentence else [])])
