"""`models matches`: of many texts those that go best with one, or with each row of a table."""

from argparse import Namespace
from pathlib import Path

from core.domain.matching import Match, Matches
from core.domain.message import msg
from core.domain.number import shown
from core.domain.plain import to_plain
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import ngettext
from core.terminal.answer import Answer, listing
from core.terminal.inputs import receive
from core.workspace import Workspace


def models_matches(workspace: Workspace, args: Namespace) -> Answer:
    candidates = receive(workspace, args.candidates) if args.candidates else None
    asked = {"candidates": candidates, "column": args.column, "label": args.label, "n": args.n}
    if args.file is None:
        return _of_text(workspace.best_matches(args.id, args.text, **asked))
    if not args.out:
        raise UserError(
            msg("Where should the answered table go?"),
            hint=msg("Name a file: --out answered.xlsx or --out answered.csv"),
        )
    out_path = Path(args.out).resolve()
    upload = receive(workspace, args.file)
    summary = workspace.match_now(args.id, upload, out_path, text_column=args.text_column, **asked)
    n = summary["n_scored"]
    lines = [
        ngettext("{n} row has its best matches.", "{n} rows have their best matches.", n).format(n=n),
        _("Written to {path}").format(path=out_path),
    ]
    return Answer(data={**summary, "out": str(out_path)}, text="\n".join(lines))


def _of_text(found: Matches) -> Answer:
    rows = [(one.row, _worth(one, found.label), one.text) for one in found.matches]
    heading = _("sure % of “{label}”").format(label=found.label) if found.label else _("score")
    told = _("{n_candidates} texts to choose from; the model was asked about the {n_asked} nearest.").format(
        n_candidates=found.n_candidates, n_asked=found.n_asked
    )
    return Answer(data=to_plain(found), text=f"{listing((_('row'), heading, _('text')), rows)}\n\n{told}")


def _worth(one: Match, label: str) -> str:
    return f"{one.value:.1%}" if label else shown(one.value)
