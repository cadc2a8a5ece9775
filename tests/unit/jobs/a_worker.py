"""The real worker with children of `a_child.py`: `python -m tests.unit.jobs.a_worker [IDLE_SECONDS]`."""

import sys

from core.jobs.worker import run_worker
from core.settings import load

if __name__ == "__main__":
    idle = float(sys.argv[1]) if len(sys.argv) > 1 else None
    at_work = run_worker(
        load(), exit_when_idle_seconds=idle, child_command=(sys.executable, "-m", "tests.unit.jobs.a_child")
    )
    sys.exit(0 if at_work else 9)
