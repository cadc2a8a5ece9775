"""Why a job failed, in words a person can act on. The traceback stays in the job's log."""

import errno
import signal
from collections.abc import Iterator
from pathlib import Path

from core.domain.job import JobFailure
from core.domain.message import msg
from core.errors import UserError
from core.training.memory import is_out_of_memory

_CGROUP_EVENTS = Path("/sys/fs/cgroup/memory.events")
_DISK_FULL_WORDS = ("no space left on device", "database or disk is full")


def failure_of(error: BaseException, log_number: str) -> JobFailure:
    """The failure to record for what a handler raised. `log_number` finds the traceback in the log."""
    for cause in _chain(error):
        if isinstance(cause, UserError):
            return JobFailure(code=cause.code, message=cause.message, hint=cause.hint)
        if is_out_of_memory(cause):
            return out_of_memory()
        if _is_disk_full(cause):
            return disk_full()
    return JobFailure(
        code="bug",
        message=msg("Something went wrong inside Tunedesk (log number {number}).", number=log_number),
        hint=msg("Resume it once. If it happens again, send the log under “Details” to whoever looks after Tunedesk."),
    )


def failure_of_exit(exit_code: int | None, *, killed_for_memory: bool) -> JobFailure:
    """The failure of a job whose process keeps dying. `exit_code` as subprocess gives it; None when nobody saw it."""
    if killed_for_memory:
        return out_of_memory()
    if exit_code is not None and exit_code < 0:
        name = signal.Signals(-exit_code).name
        message = msg("The job's process was killed three times at the same step (signal {name}).", name=name)
    else:
        message = msg("The job's process ended three times at the same step without saying why.")
    return JobFailure(
        code="crashed",
        message=message,
        hint=msg("Most often the memory was full: close other programs or choose a smaller batch size, then resume."),
    )


def out_of_memory() -> JobFailure:
    return JobFailure(
        code="out_of_memory",
        message=msg("The memory was not enough."),
        hint=msg("Close other programs, choose a smaller batch size or a shorter text length, or the preset Quick."),
    )


def disk_full() -> JobFailure:
    return JobFailure(
        code="disk_full",
        message=msg("The disk is full."),
        hint=msg(
            "Make room, for example by deleting models that are no longer needed, then resume: the work so far is kept."
        ),
    )


def n_memory_kills() -> int:
    """How many processes of this container the kernel has killed for memory so far; 0 where it does not tell."""
    try:
        lines = _CGROUP_EVENTS.read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, outermost first."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def _is_disk_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    return any(words in str(error).lower() for words in _DISK_FULL_WORDS)  # safetensors and SQLite say it in words
