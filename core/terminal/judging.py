"""`goal` and `models policy`: what a model is for, which answers go out by themselves, and what that promises."""

from argparse import Namespace
from dataclasses import replace
from typing import Any

from core.domain.goal import Goal, Use, WorstMixUp
from core.domain.message import msg
from core.domain.model import EvaluationReport, ModelVersion
from core.domain.policy import NEVER, Handle
from core.errors import UserError
from core.evaluation.comparing import Rival, difference_of, title_of
from core.evaluation.promises import money_of, savings_of, sentence_of, shortfall
from core.evaluation.rule_words import in_use_words, rule_words
from core.evaluation.verdict import Verdict, percent
from core.i18n import gettext as _
from core.i18n import say
from core.terminal import records
from core.terminal.answer import Answer, listing
from core.terminal.parser import OPEN, TRAINED
from core.workspace import Workspace
from core.workspace.judging import Outlook

NEVER_WORD = "never"


def goal_show(workspace: Workspace, args: Namespace) -> Answer:
    return _about(workspace.goal(args.id))


def goal_set(workspace: Workspace, args: Namespace) -> Answer:
    told = {
        "use": args.use and Use(args.use),
        "n_messages": args.messages,
        "wrong_cost": args.wrong_cost,
        "reading_cost": args.reading_cost,
        "allowed": args.allowed,
    }
    goal = workspace.goal(args.id)
    changes: dict[str, Any] = {
        name: None if value == OPEN else value for name, value in told.items() if value is not None
    }
    worst = (
        None if args.no_worst else WorstMixUp(truth=args.worst[0], answer=args.worst[1]) if args.worst else goal.worst
    )
    if worst and args.weight is not None:
        worst = replace(worst, weight=args.weight)
    return _about(workspace.set_goal(args.id, replace(goal, **changes, worst=worst)))


def models_policy(workspace: Workspace, args: Namespace) -> Answer:
    """Without an option it tells what is in use, or recommended."""
    if args.reset:
        workspace.save_policy(args.id, None)
    if args.keep is not None:
        workspace.set_strictness(args.id, None if args.keep == TRAINED else int(args.keep))
    handle = Handle.MISTAKES if args.mistakes is not None else Handle.SHARE if args.share is not None else None
    value = args.mistakes if args.mistakes is not None else args.share
    outlook = workspace.outlook(args.id, handle=handle, value=value, overrides=_overrides(args.own))
    if args.save:
        workspace.save_policy(args.id, outlook.policy)
        outlook = workspace.outlook(args.id)
    return Answer(data=records.outlook_json(outlook), text=outlook_text(outlook))


def verdict_lines(model: ModelVersion, verdict: Verdict) -> list[str]:
    """The model by name and what it is ready for, above its report."""
    told = (verdict.headline, verdict.reason, verdict.caution)
    return [_("Model {id}: {name}").format(id=model.id, name=model.name), *(say(part) for part in told if part), ""]


def outlook_text(outlook: Outlook) -> str:
    """The sentence in messages, in money where costs are known, and what cannot be promised."""
    lines = [say(sentence_of(outlook.promise, outlook.goal))]
    if (saved := savings_of(outlook.promise, outlook.goal)) is not None:
        lines.append(say(money_of(saved)))
    lacking = shortfall(outlook.promise, outlook.goal.limit) if outlook.goal.use is Use.FILL else None
    lines += [say(one) for one in (lacking, outlook.fixed_because) if one]
    in_use = say(in_use_words(outlook.model, outlook.goal.use))
    own = [f"  {label}: {_threshold(threshold)}" for label, threshold in outlook.policy.overrides.items()]
    if outlook.is_in_use:
        return "\n".join([*lines, in_use, *own])
    rule = say(rule_words(outlook.policy, outlook.model.labels, outlook.goal.use))
    lines.append(_("This is not in use yet: {rule}. Use it with --save.").format(rule=rule))
    return "\n".join([*lines, *own, "", in_use, say(sentence_of(outlook.promise_now, outlook.goal))])


def rivals_table(rivals: list[Rival], report: EvaluationReport) -> str:
    rows = [
        (say(title_of(rival)), percent(rival.n_right / max(1, rival.paired.n)), say(difference_of(rival)))
        for rival in rivals
    ]
    return listing((_("on the same exam"), _("right"), _("difference")), rows)


def _about(goal: Goal) -> Answer:
    is_open = _("open")
    rows = [
        (_("what happens to each message"), goal.use.value),
        (_("messages a month"), f"{goal.n_messages:,}" if goal.n_messages else is_open),
        (_("a wrong answer costs"), is_open if goal.wrong_cost is None else f"{goal.wrong_cost:g}"),
        (_("reading a message costs"), is_open if goal.reading_cost is None else f"{goal.reading_cost:g}"),
        (_("most mistakes per 100 automatic answers"), f"{goal.limit:g}"),
    ]
    if goal.worst:
        mix_up = f"{goal.worst.truth} → {goal.worst.answer} × {goal.worst.weight:g}"
        rows.append((_("worst mix-up"), mix_up))
    return Answer(data=records.goal_json(goal), text=listing((_("goal"), _("value")), rows))


def _overrides(told: list[str] | None) -> dict[str, float] | None:
    """From `CATEGORY=0.9` and `CATEGORY=never`.

    Raises:
        UserError: one is neither.
    """
    if told is None:
        return None
    found = {}
    for pair in told:
        label, equals, text = pair.rpartition("=")
        try:
            found[label] = NEVER if text == NEVER_WORD else float(text)
        except ValueError:
            equals = ""
        if not equals:
            raise UserError(
                msg("“{pair}” is no threshold of a category.", pair=pair),
                hint=msg("Write it as --own CATEGORY=0.9 or --own CATEGORY=never"),
            )
    return found


def _threshold(value: float) -> str:
    return _("never") if value >= NEVER else percent(value)
