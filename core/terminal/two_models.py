"""`models compare`: which of two models is better on the same exam, and where."""

from argparse import Namespace

from core.domain.plain import to_plain
from core.evaluation.two_models import Change, ModelComparison, verdict, where
from core.i18n import gettext as _
from core.i18n import say
from core.terminal.answer import Answer, listing
from core.workspace import Workspace

SHOWN = 20  # changed answers; --json gives all


def models_compare(workspace: Workspace, args: Namespace) -> Answer:
    found = workspace.compare_models(args.id, args.other)
    labels = [(one.label, one.n, one.n_first, one.n_second, f"{one.more:+d}") for one in found.labels]
    return Answer(
        data={**to_plain(found), "n": found.n, "verdict": str(verdict(found)), "is_real": found.paired.is_real},
        text="\n".join(
            [
                *(say(sentence) for sentence in (verdict(found), *where(found))),
                "",
                listing((_("category"), _("asked"), found.first, found.second, _("difference")), labels),
                "",
                *_changed(found),
            ]
        ),
    )


def _changed(found: ModelComparison) -> list[str]:
    words = {Change.GAINED: _("now right"), Change.LOST: _("now wrong"), Change.OTHER: _("wrong in both")}
    rows = [(one.row, one.text, one.label, one.first, one.second, words[one.change]) for one in found.changed[:SHOWN]]
    table = listing((_("row"), _("text"), _("category"), found.first, found.second, _("change")), rows)
    left = len(found.changed) - len(rows)
    return [table, *([_("and {n} more; --json gives all").format(n=left)] if left > 0 else [])]
