"""A worker over TUNEDESK_HOME: `python -m tests.faults.a_worker child|worker|nobody`, whom the saboteur kills."""

import sys

from core.jobs.worker import CHILD_COMMAND, run_worker
from core.settings import load

if __name__ == "__main__":
    victim = sys.argv[1]
    command = CHILD_COMMAND if victim == "nobody" else (sys.executable, "-m", "tests.faults.saboteur", victim)
    run_worker(load(), exit_when_idle_seconds=0.3, child_command=command)
