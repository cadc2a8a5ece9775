"""`mistakes`: decide about rows under a likely wrong category (`study show MODEL label_mistakes`), and correct the data."""

from argparse import Namespace

from core.domain.label_mistake import LabelDecision, LabelVerdict
from core.domain.plain import to_plain
from core.i18n import gettext as _
from core.terminal.answer import Answer, listing
from core.terminal.repairs import made
from core.workspace import Workspace


def mistakes_list(workspace: Workspace, args: Namespace) -> Answer:
    decisions = workspace.label_decisions(args.id)
    rows = [(one.row, one.file, one.verdict.value, one.label) for one in decisions]
    return Answer(
        data={
            "dataset_id": args.id,
            "decisions": [to_plain(one) for one in decisions],
            "n_corrections": workspace.n_corrections(args.id),
        },
        text=listing((_("row"), _("file"), _("decision"), _("category")), rows),
    )


def mistakes_decide(workspace: Workspace, args: Namespace) -> Answer:
    verdict = LabelVerdict.KEEP if args.keep else LabelVerdict.LEAVE_OUT if args.leave_out else LabelVerdict.CHANGE
    return _one(workspace.decide_label(args.id, args.file, args.row, verdict, args.change or ""))


def mistakes_undo(workspace: Workspace, args: Namespace) -> Answer:
    return _one(workspace.take_back_decision(args.id))


def mistakes_apply(workspace: Workspace, args: Namespace) -> Answer:
    return made(workspace.apply_decisions(args.id))


def _one(decision: LabelDecision) -> Answer:
    text = _("Row {row}: {decision} {label}").format(
        row=decision.row, decision=decision.verdict.value, label=decision.label
    )
    return Answer(data=to_plain(decision), text=text.rstrip())
