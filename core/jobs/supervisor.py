"""Keeps a worker alive. The worker has a session of its own: it outlives the server and the terminal that started it."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

from core.jobs import folders, locks
from core.settings import PROJECT_DIR, Settings

CHECK_SECONDS = 1.0

_starting = threading.Lock()
_started: "dict[Path, subprocess.Popen[bytes]]" = {}  #: the newest worker that this process started, by workspace


def ensure_worker(settings: Settings, *, exit_when_idle_seconds: float | None = None) -> None:
    """Start a worker for the workspace unless one is at work or on its way. Returns at once."""
    with _starting:
        mine = _started.get(settings.home)
        if (mine is not None and mine.poll() is None) or locks.is_held(folders.worker_lock_path(settings)):
            return
        command = [sys.executable, "-m", "core.jobs.worker"]
        if exit_when_idle_seconds is not None:
            command += ["--exit-when-idle", str(exit_when_idle_seconds)]
        settings.home.mkdir(parents=True, exist_ok=True)
        with (settings.home / "worker.log").open("ab") as log:
            _started[settings.home] = subprocess.Popen(
                command,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=PROJECT_DIR,
                env={**os.environ, "TUNEDESK_HOME": str(settings.home)},
            )


async def keep_worker(settings: Settings) -> None:
    """Start a worker again whenever there is none. Runs until cancelled; for the server's lifespan."""
    while True:
        await asyncio.to_thread(ensure_worker, settings)
        await asyncio.sleep(CHECK_SECONDS)
