"""From arguments to an exit code: 0 done, 1 something the person can mend, 2 our bug."""

import contextlib
import errno
import io
import json
import secrets
import sys
import time
import traceback
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from core import i18n, settings
from core.domain.message import Message, msg
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import say
from core.terminal.answer import Answer, printable
from core.terminal.parser import build_parser

OK, USER_ERROR, OUR_BUG, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str]) -> int:
    """Run one command. Whatever it or a library prints goes to stderr; stdout gets the answer only."""
    here = settings.load()
    with i18n.speaking(i18n.best_language(here.locale)):
        return _speak(argv, here)


def _speak(argv: Sequence[str], here: settings.Settings) -> int:
    as_json = "--json" in argv
    stdout = sys.stdout
    if isinstance(stdout, io.TextIOWrapper):
        stdout.reconfigure(encoding="utf-8" if as_json else None, errors="backslashreplace")
    try:
        args = build_parser().parse_args(argv)
        with contextlib.redirect_stdout(sys.stderr):
            answer = _run(args, here)
        _print(answer, as_json, stdout)
        return answer.exit_code
    except UserError as error:
        return _refuse(error.code, error.message, error.hint, as_json, stdout)
    except KeyboardInterrupt:
        print(_("Interrupted. Jobs that are queued or running go on."), file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader, e.g. `| head`, has seen enough
        sys.stdout = None  # nothing is left to flush at exit
        return OK
    except OSError as error:
        if error.errno != errno.ENOSPC:
            return _apologize(here, as_json, stdout)
        return _refuse("disk_full", msg("The disk is full."), msg("Make room and start again."), as_json, stdout)
    except Exception:
        return _apologize(here, as_json, stdout)


def _run(args: Namespace, here: settings.Settings) -> Answer:
    from core.terminal import commands
    from core.workspace import Workspace

    try:
        workspace = Workspace.open(here)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise UserError(
            msg(
                "The workspace folder {home} cannot be used: {reason}.", home=str(here.home), reason=str(error.strerror)
            ),
            hint=msg("Set TUNEDESK_HOME to a folder that you can write to."),
        ) from None
    return commands.run(args.command, workspace, args)


def _print(answer: Answer, as_json: bool, stdout: Any) -> None:
    print(json.dumps(answer.data, ensure_ascii=False) if as_json else printable(answer.text), file=stdout, flush=True)


def _refuse(code: str, message: Message, hint: Message | None, as_json: bool, stdout: Any) -> int:
    if as_json:
        error = {"code": code, "message": str(message), "hint": str(hint) if hint else None}
        print(json.dumps({"error": error}, ensure_ascii=False), file=stdout, flush=True)
    else:
        print(printable("\n".join(say(part) for part in (message, hint) if part)), file=sys.stderr)
    return USER_ERROR


def _apologize(here: settings.Settings, as_json: bool, stdout: Any) -> int:
    """Write the traceback to a log file and say where; to stderr when not even that is possible."""
    details = traceback.format_exc()
    number = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
    path = here.home / "logs" / f"{number}.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(details, encoding="utf-8")
    except OSError:
        print(details, file=sys.stderr)
    message = msg("Sorry, this is a mistake of ours, number {number}.", number=number)
    hint = msg("The details are in {path}.", path=str(path))
    _refuse("bug", message, hint, as_json, stdout)
    return OUR_BUG
