"""`study`: heavy parts of a model's report, worked out when they are asked for."""

from argparse import Namespace
from typing import Any

from core.domain.job import JobStatus
from core.domain.message import msg
from core.domain.plain import to_plain
from core.domain.study import StudyRecord
from core.errors import NotFound
from core.i18n import gettext as _
from core.i18n import say
from core.studies import STUDIES
from core.terminal.answer import Answer, listing
from core.terminal.inputs import pairs
from core.terminal.waiting import ended_badly, left_to_worker, progress_on_stderr
from core.workspace import Workspace


def study_list(workspace: Workspace, args: Namespace) -> Answer:
    """The studies that there are; with a model's id those that it has."""
    model_id: int | None = getattr(args, "id", None)
    found = {} if model_id is None else {record.name: record for record in workspace.studies(model_id)}
    rows = [(study.name, say(study.title), _made(found.get(study.name)), say(study.help)) for study in STUDIES]
    known = [
        {"name": study.name, "title": str(study.title), "help": str(study.help), "found": _json(found.get(study.name))}
        for study in STUDIES
    ]
    data = {"studies": known} if model_id is None else {"model_id": model_id, "studies": known}
    return Answer(data=data, text=listing((_("study"), _("title"), _("made"), _("what it tells")), rows))


def study_start(workspace: Workspace, args: Namespace) -> Answer:
    """Exit code 1 when the job failed or was cancelled, 2 when it failed by a mistake of ours."""
    job = workspace.start_study(args.id, args.name, **pairs(args.set))
    if args.no_wait:
        return left_to_worker(workspace, job)
    with progress_on_stderr(workspace, job.id):
        job = workspace.wait(job.id)
    if job.status is JobStatus.DONE and (record := workspace.study(args.id, args.name)) is not None:
        return _about(record, job_id=job.id, status=job.status.value)
    return ended_badly(job, {"job_id": job.id, "status": job.status.value})


def study_show(workspace: Workspace, args: Namespace) -> Answer:
    record = workspace.study(args.id, args.name)
    if record is None:
        raise NotFound(
            msg("Model {model_id} has no result of the study “{name}” yet.", model_id=args.id, name=args.name),
            hint=msg("Start it: python -m core study start {model_id} {name}", model_id=args.id, name=args.name),
        )
    return _about(record)


def _about(record: StudyRecord, **more: Any) -> Answer:
    lines = [say(sentence) for sentence in STUDIES[record.name].sentences(record.result)]
    return Answer(data={**more, **(_json(record) or {})}, text="\n".join(lines))


def _json(record: StudyRecord | None) -> dict[str, Any] | None:
    if record is None:
        return None
    plain: dict[str, Any] = to_plain(record)
    return plain


def _made(record: StudyRecord | None) -> str:
    return "" if record is None else record.created_at.strftime("%Y-%m-%d %H:%M")
