"""`pretrain` and `base-models`: let a base model read texts without categories, and what trainings can start from."""

from argparse import Namespace

from core.domain.job import Job, JobStatus
from core.domain.message import msg
from core.domain.model import BaseModel
from core.domain.pretraining import MAX_EPOCHS
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import ngettext
from core.terminal.answer import Answer, listing
from core.terminal.inputs import base_model, receive
from core.terminal.waiting import ended_badly, left_to_worker, progress_on_stderr
from core.workspace import Workspace


def pretrain(workspace: Workspace, args: Namespace) -> Answer:
    """Exit code 1 when the job failed or was cancelled, 2 when it failed by a mistake of ours."""
    if args.epochs is not None and not 1 <= args.epochs <= MAX_EPOCHS:
        raise UserError(msg("{n} is no number of passes from 1 to {most}.", n=args.epochs, most=MAX_EPOCHS))
    job = workspace.start_pretraining(
        base_model(args, workspace) or _usual_base_model(workspace, args),
        args.name,
        dataset_id=args.dataset,
        upload=receive(workspace, args.texts) if args.texts else None,
        text_columns=args.column,
        epochs=args.epochs,
    )
    if args.no_wait:
        return left_to_worker(workspace, job)
    with progress_on_stderr(workspace, job.id):
        job = workspace.wait(job.id)
    return _result(job)


def base_models_list(workspace: Workspace, args: Namespace) -> Answer:
    models = workspace.base_models()
    rows = [
        (m.name, m.title, ", ".join(m.languages), f"{m.n_bytes / 1e6:.0f} MB", _("yes") if m.installed else _("no"))
        for m in models
    ]
    return Answer(
        data={"base_models": [base_model_json(model) for model in models]},
        text=listing((_("name"), _("title"), _("languages"), _("size"), _("here")), rows),
    )


def base_models_delete(workspace: Workspace, args: Namespace) -> Answer:
    workspace.delete_base_model(args.id)
    return Answer(data={"name": args.id, "deleted": True}, text=_("Deleted."))


def base_model_json(model: BaseModel) -> dict[str, object]:
    from core.domain.plain import to_plain

    names = ("name", "title", "languages", "n_parameters", "n_bytes", "licence", "source", "installed", "pretrained")
    return {name: to_plain(getattr(model, name)) for name in names}


def _usual_base_model(workspace: Workspace, args: Namespace) -> str:
    """The one that a training would start from."""
    from core.base_models.catalog import default_for

    return default_for(workspace.dataset(args.dataset).profile.language) if args.dataset else default_for("en")


def _result(job: Job) -> Answer:
    data = {"job_id": job.id, "status": job.status.value, **job.result}
    if job.status is JobStatus.DONE:
        before, after = (round(100 * job.result[key]["ratio"]) for key in ("before", "after"))
        sentence = ngettext("It read {n} text.", "It read {n} texts.", job.result["n_texts"])
        lines = [sentence.format(n=job.result["n_texts"])]
        if job.result["base_model"] is None:
            lines.append(_("It guesses hidden words no better than before: no base model was made."))
        else:
            guesses = _("Of 100 hidden words it guesses {after}; before {before}.")
            lines += [
                guesses.format(after=after, before=before),
                _("Start a training from it with --base-model {name}").format(name=job.result["base_model"]),
            ]
        return Answer(data=data, text="\n".join(lines))
    return ended_badly(job, data)
