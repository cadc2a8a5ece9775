"""What every command does that waits for a job: tell how far it is, leave it to the worker, or say why it ended badly."""

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from core.domain.job import Job
from core.domain.message import Message, msg
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import language, say, speaking
from core.terminal.answer import Answer, printable
from core.workspace import Workspace

LOOK_SECONDS = 1.0


def left_to_worker(workspace: Workspace, job: Job, **more: Any) -> Answer:
    """Of `--no-wait`; `more` are further ids for the JSON."""
    workspace.ensure_worker()
    return Answer(
        data={"job_id": job.id, **more, "status": job.status.value},
        text=_("Job {id} is queued. See how far it is: python -m core jobs show {id}").format(id=job.id),
    )


def ended_badly(job: Job, data: Mapping[str, Any]) -> Answer:
    """A job that failed or was cancelled: exit code 1, or 2 for a mistake of ours. `data` is what the JSON tells besides."""
    message, hint = (job.error.message, job.error.hint) if job.error else _cancelled_words(job)
    code = job.error.code if job.error else job.status.value
    return Answer(
        data={**data, "error": {"code": code, "message": str(message), "hint": str(hint) if hint else None}},
        text="\n".join(say(part) for part in (message, hint) if part),
        exit_code=2 if code == "bug" else 1,
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


def _cancelled_words(job: Job) -> tuple[Message, Message]:
    return (
        msg("Job {id} was cancelled.", id=job.id),
        msg("To go on with it: python -m core jobs resume {id}", id=job.id),
    )
