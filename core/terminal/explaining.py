"""`explain` and `words`: why one text was answered so, and which words go with each category."""

from argparse import Namespace
from collections.abc import Callable
from typing import Any

from core.domain.explanation import VALUE, Explanation
from core.domain.familiarity import FamiliarityReport
from core.domain.message import msg
from core.domain.number import NumberPrediction, shown
from core.domain.task import AnswerKind
from core.errors import NotFound, NotPossible
from core.evaluation.familiarity_words import kept_words, refused_words, strictness_words
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from core.i18n import say
from core.terminal import records
from core.terminal.answer import Answer, listing
from core.terminal.inputs import asked_text
from core.terminal.numbers import in_words
from core.workspace import Workspace


def explain(workspace: Workspace, args: Namespace) -> Answer:
    model = workspace.model(args.id)
    for asked, answers, refusal in (
        (
            args.against,
            AnswerKind.CATEGORY,
            msg("Model {model_id} weighs no category against another.", model_id=model.id),
        ),
        (
            args.label,
            AnswerKind.CATEGORIES,
            msg("Model {model_id} does not give several categories.", model_id=model.id),
        ),
    ):
        if asked is None:
            continue
        if model.answers is not answers:
            raise NotPossible(refusal, hint=msg("Leave it out: the words that moved the answer are told anyway."))
        if asked not in model.labels:
            raise NotFound(
                msg("The model knows no category “{label}”.", label=asked),
                hint=msg("Name one of: {labels}", labels=", ".join(model.labels)),
            )
    explanation = workspace.explain(args.id, asked_text(workspace, args))
    heading, label, show = _told(explanation, args.label)
    effects = explanation.effects(label, args.against)
    moved = sorted(zip(explanation.words, effects, strict=True), key=lambda pair: -abs(pair[1]))
    rows = [(word.text, f"{effect:+.3g}", show(word.without[label])) for word, effect in moved]
    near = [(one.row, one.label, f"{one.similarity:.0%}", one.text) for one in explanation.neighbours or ()]
    lines = [
        heading,
        "",
        listing((_("word"), _("moved the answer"), _("without it")), rows),
        "",
        _("These are hints, not proof: the model was asked again without each word. Words can also work together."),
    ]
    if near:
        lines += ["", _("Similar practice examples"), listing((_("row"), _("category"), _("alike"), _("text")), near)]
    about = {"against": args.against} | ({"about": label} if model.answers is AnswerKind.CATEGORIES else {})
    return Answer(data=_json(explanation, effects) | about, text="\n".join(lines))


def _told(explanation: Explanation, label: str | None) -> tuple[str, str, Callable[[float], str]]:
    """The answer in words, what the words are weighed for, and how an answer without a word is shown."""
    prediction = explanation.prediction
    if isinstance(prediction, NumberPrediction):
        return in_words(prediction), VALUE, shown
    name = label or next(iter(prediction.probabilities))
    sure = _("{label}, {sure}").format(label=name, sure=f"{prediction.probabilities[name]:.1%}")
    return sure, name, lambda probability: f"{probability:.1%}"


def _json(explanation: Explanation, effects: list[float]) -> dict[str, Any]:
    neighbours = explanation.neighbours
    return records.prediction_json(explanation.prediction) | {
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
