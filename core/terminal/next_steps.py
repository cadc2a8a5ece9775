"""What to try next after a run, for `runs show`: in words, with the command that does it, and as JSON."""

from typing import Any

from core.domain.run import Run
from core.evaluation.choices import points
from core.evaluation.next_steps import NextStep
from core.i18n import gettext as _
from core.i18n import say


def steps_lines(run: Run, steps: list[NextStep]) -> list[str]:
    if not steps:
        return []
    lines = ["", _("What to try next")]
    for number, step in enumerate(steps, start=1):
        lines += [f"{number}. {say(step.title)}", f"   {say(step.reason)}"]
        if step.gain is not None:
            lines.append(
                "   "
                + _("Expected: {gain} points (likely {low} to {high}), judged by this run's own trials.").format(
                    gain=points(step.gain.gain), low=points(step.gain.low), high=points(step.gain.high)
                )
            )
        if step.trains:
            lines.append(f"   {_command(run, step)}")
    return lines


def step_json(run: Run, step: NextStep) -> dict[str, Any]:
    return {
        "code": step.code,
        "title": str(step.title),
        "reason": str(step.reason),
        "command": _command(run, step) if step.trains else None,
        "expected": {"gain": step.gain.gain, "low": step.gain.low, "high": step.gain.high} if step.gain else None,
    }


def _command(run: Run, step: NextStep) -> str:
    if step.preset is not None:
        return (
            f"python -m core train --dataset {run.dataset_id} --preset {step.preset.value} "
            f"--base-model {run.recipe.base_model}"
        )
    settings = (f"{k}={','.join(v) if isinstance(v, tuple) else v}" for k, v in step.changes.items())
    return " ".join([f"python -m core train --run {run.id}", *(f"--set {setting}" for setting in settings)])
