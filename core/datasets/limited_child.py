"""Hostile work happens in a child process with limits on memory and time; the answer comes back as a JSON file.

Both sides of the boundary are here: `ask` for the parent, `answer` for the child's `__main__`.
"""

import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from core.domain.message import Message
from core.errors import BadData, NotFound, NotPossible, UnreadableFile, UserError
from core.settings import PROJECT_DIR

ANSWER, REQUEST = "answer.json", "request.json"
REFUSED, OUT_OF_MEMORY = 2, 3
REFUSALS = {error.code: error for error in (UnreadableFile, BadData, NotFound, NotPossible)}

Progress = Callable[[str], None]  #: told the name of each stage as it begins


class ChildKilled(Exception):
    """The child ran into a limit, or was killed from outside."""


def ask(
    module: str,
    folder: Path,
    request: Mapping[str, Any],
    *,
    memory_bytes: int,
    seconds: int,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Run `python -m module folder` within the limits and return what it answered. It may leave files in `folder`.

    Raises:
        UserError: the child refused; the same error as it raised.
        ChildKilled: it hit a limit.
        RuntimeError: it failed by a bug; carries its traceback.
    """
    limits = {"memory_bytes": memory_bytes, "seconds": seconds}
    (folder / REQUEST).write_text(json.dumps({"limits": limits, **request}))
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT_DIR),
        "OMP_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "1",  # these three: columns that are freed go back to the system, also those of threads
        "MALLOC_MMAP_THRESHOLD_": str(2 << 20),
        "MALLOC_TRIM_THRESHOLD_": str(64 << 20),  # with 16 MB, a quarter of the time is spent on fetching it again
    }
    with subprocess.Popen(
        [sys.executable, "-m", module, str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        cwd=PROJECT_DIR,
        env=environment,
        start_new_session=True,
    ) as child:
        watchdog = threading.Timer(seconds, child.kill)
        watchdog.start()
        log: list[str] = []
        listener = threading.Thread(target=lambda: log.append(child.stderr.read() if child.stderr else ""))
        listener.start()
        try:
            for line in child.stdout or ():
                if progress:
                    progress(line.strip())
            code = child.wait()
        finally:
            watchdog.cancel()
            if child.poll() is None:
                child.kill()
            listener.join()
    if code == REFUSED:
        refusal = json.loads((folder / ANSWER).read_text())
        hint = Message.from_json(refusal["hint"]) if refusal["hint"] else None
        raise REFUSALS[refusal["code"]](Message.from_json(refusal["message"]), hint=hint)
    if code == 1 or (code > 0 and "Traceback" in log[0]):
        raise RuntimeError(f"{module} failed on {request.get('filename', '')!r}:\n{log[0][-4000:]}")
    if code != 0:
        raise ChildKilled(f"{module} ended with {code}")
    answer: dict[str, Any] = json.loads((folder / ANSWER).read_text())
    return answer


def answer(work: Callable[[Path, dict[str, Any]], dict[str, Any]]) -> int:
    """The child's main: limit this process, do the work, leave the answer or the refusal. Returns the exit code."""
    folder = Path(sys.argv[1])
    request = json.loads((folder / REQUEST).read_text())
    _limit(**request["limits"])
    try:
        answer = work(folder, request)
    except MemoryError:
        return OUT_OF_MEMORY
    except UserError as error:
        hint = error.hint.to_json() if error.hint else None
        refusal = {"code": error.code, "message": error.message.to_json(), "hint": hint}
        (folder / ANSWER).write_text(json.dumps(refusal))
        return REFUSED
    (folder / ANSWER).write_text(json.dumps(answer))
    return 0


class _WithoutPandas(MetaPathFinder):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if fullname == "pandas":
            raise ImportError("not in this process")


def refuse_pandas() -> None:
    """For children that need none: pyarrow imports it when it first sees a list, which takes half a second and 50 MB."""
    sys.meta_path.insert(0, _WithoutPandas())


def say_stage(name: str) -> None:
    """Tell the parent's `progress` which stage begins."""
    print(name, flush=True)


def _limit(memory_bytes: int, seconds: int) -> None:
    """Memory and processor time of this process; the wall clock is the parent's."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no orphan keeps working
