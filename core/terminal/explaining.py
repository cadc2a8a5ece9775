"""`explain` and `words`: why one text was answered so, and which words go with each category."""

from argparse import Namespace
from typing import Any

from core.domain.explanation import Explanation
from core.domain.familiarity import FamiliarityReport
from core.domain.message import msg
from core.errors import NotFound
from core.evaluation.familiarity_words import kept_words, refused_words, strictness_words
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from core.i18n import say
from core.terminal import records
from core.terminal.answer import Answer, listing
from core.terminal.inputs import asked_text
from core.workspace import Workspace


def explain(workspace: Workspace, args: Namespace) -> Answer:
    labels = workspace.model(args.id).labels
    if args.against is not None and args.against not in labels:
        raise NotFound(
            msg("The model knows no category “{label}”.", label=args.against),
            hint=msg("Name one of: {labels}", labels=", ".join(labels)),
        )
    explanation = workspace.explain(args.id, asked_text(workspace, args))
    answer = explanation.prediction.label
    effects = explanation.effects(answer, args.against)
    moved = sorted(zip(explanation.words, effects, strict=True), key=lambda pair: -abs(pair[1]))
    rows = [(word.text, f"{effect:+.2f}", f"{word.without[answer]:.1%}") for word, effect in moved]
    near = [(one.row, one.label, f"{one.similarity:.0%}", one.text) for one in explanation.neighbours or ()]
    lines = [
        _("{label}, {sure}").format(label=answer, sure=f"{explanation.prediction.probability:.1%}"),
        "",
        listing((_("word"), _("moved the answer"), _("sure % without it")), rows),
        "",
        _("These are hints, not proof: the model was asked again without each word. Words can also work together."),
    ]
    if near:
        lines += ["", _("Similar practice examples"), listing((_("row"), _("category"), _("alike"), _("text")), near)]
    return Answer(data=_json(explanation, effects, args.against), text="\n".join(lines))


def _json(explanation: Explanation, effects: list[float], against: str | None) -> dict[str, Any]:
    neighbours = explanation.neighbours
    return records.prediction_json(explanation.prediction) | {
        "against": against,
        "words": [
            {"text": word.text, "start": word.start, "end": word.end, "effect": effect, "without": dict(word.without)}
            for word, effect in zip(explanation.words, effects, strict=True)
        ],
        "neighbours": None
        if neighbours is None
        else [
            {"row": one.row, "file": one.file, "text": one.text, "label": one.label, "similarity": one.similarity}
            for one in neighbours
        ],
        "seconds": explanation.seconds,
    }


def words(workspace: Workspace, args: Namespace) -> Answer:
    found = workspace.telling_words(args.id)
    rows = [(one.label, one.n_texts, " · ".join(word.word for word in one.words)) for one in found]
    data = {
        one.label: [
            {"word": w.word, "z": w.z, "ratio": w.ratio, "ratio_elsewhere": w.ratio_elsewhere} for w in one.words
        ]
        for one in found
    }
    return Answer(data={"words": data}, text=listing((_("category"), _("texts"), _("telling words")), rows))


def familiarity_lines(report: FamiliarityReport, keeps: int | None) -> list[str]:
    """As strict as `keeps` says, and what the other ways would do."""
    lines = [say(kept_words(report, keeps))]
    if report.n_marked:
        lines.append(say(refused_words(report, keeps)))
    rows = [
        (
            level.keeps,
            say(strictness_words(level.keeps)),
            percent(level.n_kept / max(1, report.n_exam)),
            percent(level.n_refused / report.n_marked) if report.n_marked else "–",
            "←" if level is report.level(keeps) else "",
        )
        for level in report.levels
    ]
    if len(rows) > 1:
        lines += [
            "",
            listing(
                (_("--keep"), _("how strict"), _("kept of the exam"), _("refused of the marked"), _("in use")), rows
            ),
        ]
    return lines
