"""`worker` and `doctor`."""

import logging
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from core.domain.message import msg
from core.errors import NotPossible
from core.evaluation.verdict import percent
from core.i18n import gettext as _
from core.i18n import ngettext
from core.terminal.answer import Answer, listing
from core.workspace import Workspace


def worker(workspace: Workspace, args: Namespace) -> Answer:
    """Log to stderr and work until interrupted."""
    from core.jobs.worker import run_worker

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    if not run_worker(workspace.settings):
        raise NotPossible(
            msg("Another worker is already at work in {home}.", home=str(workspace.settings.home)),
            hint=msg("One is enough: it takes every queued job."),
        )
    return Answer(data={}, text=_("The worker has ended."))


def doctor(workspace: Workspace, args: Namespace) -> Answer:
    found = workspace.doctor()
    lines = [
        f"Python {found['python']}, {found['platform']}",
        _("Device: {name} ({kind})").format(name=found["device"]["name"], kind=found["device"]["kind"]),
        _("Workspace: {home}, {free} GB free").format(
            home=found["disk"]["home"], free=round(found["disk"]["free_bytes"] / 1e9)
        ),
        "",
        listing((_("package"), _("version")), [(k, v or _("missing")) for k, v in found["packages"].items()]),
        "",
        listing(
            (_("base model"), _("installed"), _("unpacked"), "sha256"),
            [
                (m["name"], _("yes") if m["installed"] else _("no"), m["unpacked"], m["sha256"][:12])
                for m in found["base_models"]
            ],
        ),
        "",
        _forecasts(found["forecasts"]),
        "\n".join(found["problems"]) or _("All is well."),
    ]
    return Answer(data=found, text="\n".join(lines))


def _forecasts(found: Mapping[str, Any]) -> str:
    """How good the minutes foreseen were, in a sentence."""
    n, error = found["n_runs"], found["median_error"]
    if error is None:
        return _("Minutes foreseen: no finished run to tell by yet.")
    return ngettext(
        "Minutes foreseen: {share} off, over {n} run.",
        "Minutes foreseen: {share} off in the middle, over {n} runs; {within} ended within the range.",
        n,
    ).format(share=percent(error), n=n, within=found["n_within_range"])
