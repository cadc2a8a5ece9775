"""`models weaknesses`: kinds of messages with more mistakes, and what would help the weakest categories."""

from argparse import Namespace

from core.domain.plain import to_plain
from core.evaluation.slices import kind_words, numbers_words
from core.i18n import gettext as _
from core.i18n import say
from core.terminal.answer import Answer
from core.workspace import Workspace


def models_weaknesses(workspace: Workspace, args: Namespace) -> Answer:
    slices, advice = workspace.slices(args.id), workspace.advice(args.id)
    exam_rows = workspace.exam_rows(args.id)["row"].tolist()
    told = [f"- {say(kind_words(one))}: {say(numbers_words(one))}" for one in slices]
    helps = [f"- {one.label}: {say(one.step)} {say(one.reason)}" for one in advice]
    data = {
        "model_id": args.id,
        "slices": [
            {
                **{name: value for name, value in to_plain(one).items() if name != "rows"},
                "rows": [exam_rows[i] for i in one.rows],
                "sentence": f"{kind_words(one)}: {numbers_words(one)}",
            }
            for one in slices
        ],
        "advice": [{**to_plain(one), "step": str(one.step), "reason": str(one.reason)} for one in advice],
    }
    parts = [_("Kinds of messages it gets wrong more often"), *(told or [_("None stands out.")])]
    parts += ["", _("What would help the weakest categories"), *(helps or [_("No category is weak.")])]
    return Answer(data=data, text="\n".join(parts))
