"""`data`: tables to learn from."""

from argparse import Namespace
from collections.abc import Callable, Sequence

from core.domain.dataset import Dataset
from core.domain.number import shown
from core.domain.task import AnswerKind
from core.i18n import gettext as _
from core.i18n import say
from core.terminal import records
from core.terminal.answer import Answer, listing
from core.terminal.inputs import receive, table_format
from core.workspace import Workspace


def data_add(workspace: Workspace, args: Namespace) -> Answer:
    upload = receive(workspace, args.file)
    exam_upload = receive(workspace, args.test) if args.test else None
    dataset = workspace.add_dataset(
        upload,
        format=table_format(args, upload, sheet=args.sheet),
        text_columns=args.text,
        label_columns=args.label,
        label_separator=args.between,
        exam_upload=exam_upload,
        exam_format=table_format(args, exam_upload) if exam_upload else None,
        task=args.task,
    )
    return _about_dataset(dataset)


def data_list(workspace: Workspace, args: Namespace) -> Answer:
    datasets = workspace.datasets()
    rows = [(d.id, d.name, d.n_used, len(d.labels), d.created_at.strftime("%Y-%m-%d %H:%M")) for d in datasets]
    return Answer(
        data={"datasets": [records.dataset_json(dataset) for dataset in datasets]},
        text=listing((_("data set"), _("name"), _("examples"), _("categories"), _("created")), rows),
    )


def data_show(workspace: Workspace, args: Namespace) -> Answer:
    return _about_dataset(workspace.dataset(args.id))


def data_findings(workspace: Workspace, args: Namespace) -> Answer:
    dataset = workspace.dataset(args.id)
    found = [records.finding_json(finding) for finding in dataset.findings]
    text = "\n".join(_findings(dataset)).lstrip("\n") or _("Nothing was found.")
    return Answer(data={"dataset_id": dataset.id, "findings": found}, text=text)


def data_delete(workspace: Workspace, args: Namespace) -> Answer:
    workspace.delete_dataset(args.id, all_versions=args.all_versions)
    return Answer(data={"dataset_id": args.id, "deleted": True}, text=_("Deleted."))


def _about_dataset(dataset: Dataset) -> Answer:
    lines = [
        _("Data set {id}: {name}").format(id=dataset.id, name=dataset.name),
        (
            _("Texts are in “{text}”, categories in “{label}”.")
            if dataset.answers is not AnswerKind.NUMBER
            else _("Texts are in “{text}”, scores in “{label}”.")
        ).format(text=dataset.text_column, label=dataset.label_column),
        *_about_sets(dataset),
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
        _about_labels(dataset),
    ]
    lines += _findings(dataset)
    return Answer(data=records.dataset_json(dataset), text="\n".join(lines))


def _about_sets(dataset: Dataset) -> list[str]:
    if dataset.answers is not AnswerKind.CATEGORIES:
        return []
    from core.datasets.understanding import sets_in_words

    return [say(sets_in_words(dataset))]


def _about_labels(dataset: Dataset) -> str:
    if dataset.numbers is None:
        return listing((_("category"), _("examples")), list(dataset.label_counts.items()))
    return _("Scores from {low} to {high}, on average {mean}.").format(
        low=shown(dataset.numbers.low), high=shown(dataset.numbers.high), mean=shown(dataset.numbers.mean)
    )


def _findings(dataset: Dataset) -> list[str]:
    """Each with its rows, its advice and the commands that mend it."""
    lines = []
    for finding in dataset.findings:
        lines += ["", f"[{_SEVERITIES[finding.severity.value]()}] {finding.code}: {say(finding.message)}"]
        if finding.rows:
            lines.append(_("Rows: {rows}").format(rows=_first(finding.rows)))
        if finding.advice:
            lines.append(say(finding.advice))
        of_exam = " --file exam" if finding.file == "exam" else ""
        lines += [
            f"  {say(fix.title)}:  data fix {dataset.id} {finding.code} --choose {fix.key}{of_exam}"
            for fix in finding.fixes
        ]
    return lines


_SEVERITIES: dict[str, Callable[[], str]] = {
    "blocking": lambda: _("must be mended"),
    "warning": lambda: _("warning"),
    "note": lambda: _("note"),
}


def _first(rows: Sequence[int], n: int = 20) -> str:
    return ", ".join(str(row) for row in rows[:n]) + (", …" if len(rows) > n else "")
