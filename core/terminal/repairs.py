"""`data` commands that repair a table: each makes a new version, which is the answer, and says what it did."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from core.domain.dataset import Dataset
from core.domain.message import msg
from core.domain.repair import Effect, Operation, RowChanges
from core.errors import BadData, NotFound
from core.i18n import gettext as _
from core.i18n import ngettext, say
from core.terminal import records
from core.terminal.answer import Answer, listing
from core.terminal.inputs import receive, table_format
from core.workspace import Workspace


def data_fix(workspace: Workspace, args: Namespace) -> Answer:
    return made(workspace.fix(args.id, args.code, choose=args.choose, file=args.file))


def data_undo(workspace: Workspace, args: Namespace) -> Answer:
    return made(workspace.undo(args.id, *args.n))


def data_append(workspace: Workspace, args: Namespace) -> Answer:
    upload = receive(workspace, args.file)
    return made(workspace.append(args.id, upload, format=table_format(args, upload, sheet=args.sheet)))


def data_label(workspace: Workspace, args: Namespace) -> Answer:
    rows = [(args.file, row) for row in args.row]
    return made(workspace.relabel(args.id, {args.label: rows}))


def data_replay(workspace: Workspace, args: Namespace) -> Answer:
    listed = _read_list(Path(args.ops))
    left_out = workspace.not_replayed(listed)
    replayed = made(workspace.replay(args.id, listed))
    told = [_("Left out: {repair}").format(repair=_title(one)) for one in left_out]
    data = {**replayed.data, "left_out": [records.operation_json(one) for one in left_out]}
    return Answer(data=data, text="\n".join([*told, replayed.text]))


def data_ops(workspace: Workspace, args: Namespace) -> Answer:
    dataset = workspace.dataset(args.id)
    if args.out:
        content = json.dumps(workspace.export_operations(args.id), ensure_ascii=False, indent=1)
        _write(Path(args.out), content)
    return Answer(data=records.repairs_json(dataset), text=_repairs(dataset))


def data_versions(workspace: Workspace, args: Namespace) -> Answer:
    versions = workspace.versions(args.id)
    rows = [(d.id, len(d.operations), d.n_used, len(d.labels)) for d in versions]
    return Answer(
        data={"versions": [records.dataset_json(version) for version in versions]},
        text=listing((_("data set"), _("repairs"), _("examples"), _("categories")), rows),
    )


def data_compare(workspace: Workspace, args: Namespace) -> Answer:
    found = workspace.compare_versions(args.id, args.other)
    respects = (
        (_("rows added"), found.added),
        (_("rows taken out"), found.taken_out),
        (_("texts changed"), found.text_changed),
        (_("categories changed"), found.label_changed),
    )
    counts = [(label, *pair) for label, pair in found.label_counts.items() if pair[0] != pair[1]]
    lines = [f"{name}: {changes.count}{_numbers(changes)}" for name, changes in respects]
    lines += ["+ " + _title(one) for one in found.operations_after]
    lines += ["- " + _title(one) for one in found.operations_before]
    if counts:
        lines += ["", listing((_("category"), _("before"), _("after")), counts)]
    kept = _("{kept} of {before} exam rows stay in the exam.")
    lines += ["", kept.format(kept=found.n_exam_kept, before=found.n_exam_before)]
    return Answer(data=records.comparison_json(found), text="\n".join(lines))


def data_export(workspace: Workspace, args: Namespace) -> Answer:
    n_rows = workspace.export_dataset(args.id, Path(args.out))
    text = ngettext("{n} row written to {path}.", "{n} rows written to {path}.", n_rows)
    return Answer(
        data={"dataset_id": args.id, "path": args.out, "n_rows": n_rows}, text=text.format(n=n_rows, path=args.out)
    )


def made(dataset: Dataset) -> Answer:
    """The new version and what its repairs did."""
    title = _("Data set {id}: {name}").format(id=dataset.id, name=dataset.name)
    return Answer(data=records.dataset_json(dataset), text=f"{title}\n{_repairs(dataset)}")


def _repairs(dataset: Dataset) -> str:
    rows = [
        (n, _title(one), _effect(effect))
        for n, (one, effect) in enumerate(zip(dataset.operations, dataset.effects, strict=True), start=1)
    ]
    return listing(("", _("repair"), _("what it did")), rows)


def _title(operation: Operation) -> str:
    from core.datasets.operations import title_of

    return say(title_of(operation))


def _effect(effect: Effect) -> str:
    parts = (
        ngettext("{n} row changed", "{n} rows changed", effect.n_changed).format(n=effect.n_changed),
        ngettext("{n} row taken out", "{n} rows taken out", effect.n_removed).format(n=effect.n_removed),
        ngettext("{n} row added", "{n} rows added", effect.n_added).format(n=effect.n_added),
    )
    counts = (effect.n_changed, effect.n_removed, effect.n_added)
    return ", ".join(part for part, n in zip(parts, counts, strict=True) if n) or _("nothing to do")


def _numbers(changes: RowChanges, n: int = 10) -> str:
    shown = ", ".join(str(change.row) for change in changes.rows[:n])
    return f" ({shown}{', …' if changes.count > n else ''})" if shown else ""


def _read_list(path: Path) -> dict[str, Any]:
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFound(
            msg("{path} cannot be read: {reason}.", path=str(path), reason=str(error.strerror)),
            hint=msg("Check the name and the folder."),
        ) from None
    except (ValueError, RecursionError):
        listed = None
    if not isinstance(listed, dict):
        hint = msg("Write one with: data ops ID --out FILE")
        raise BadData(msg("{filename} is no list of repairs.", filename=path.name), hint=hint)
    return listed


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise NotFound(
            msg("{path} cannot be written: {reason}.", path=str(path), reason=str(error.strerror)),
            hint=msg("Check the name and the folder."),
        ) from None
