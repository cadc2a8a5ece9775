"""The real child, except that each attempt at a training is killed in the next phase: `python -m tests.faults.saboteur`.

Arguments: "child" or "worker" (which of the two is killed with SIGKILL), then those of `core.jobs.child`.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.domain.job import Stage
from core.domain.run import PRACTICE_LOSS

#: Attempt n dies in phase n. Each comes farther than the one before, as crashes that are nobody's fault do.
PHASES = (
    "claimed",
    "preparing",
    "drafting",
    "tokenizing",
    "training",
    "inside a checkpoint",
    "evaluating",
    "publishing",
    "between rename and record",
    "just recorded",
)


def plant(phase: str, die: Callable[[], None]) -> None:
    """Put `die` where the phase is. Raises KeyError for a phase without a place."""
    from core.jobs.context import JobContext
    from core.store.models import ModelStore

    def at_stage(stage: Stage) -> None:
        real = JobContext.stage

        def entered(self: JobContext, entered_stage: Stage, *rest: Any) -> None:
            real(self, entered_stage, *rest)
            if entered_stage is stage:
                die()

        JobContext.stage = entered  # type: ignore[method-assign]

    def at_step(step: int) -> None:
        real = JobContext.point

        def pointed(self: JobContext, point: Any) -> None:
            real(self, point)
            if point.name == PRACTICE_LOSS and point.step >= step:
                self.flush()
                die()

        JobContext.point = pointed  # type: ignore[method-assign]

    def in_checkpoint() -> None:
        from core.training import checkpoints

        real = checkpoints.save_file
        n_saved = 0

        def half_saved(tensors: Any, path: Path) -> None:
            nonlocal n_saved
            n_saved += 1
            real(tensors, path)
            if n_saved == 1:  # short runs save only once, at their end
                os.truncate(path, path.stat().st_size // 2)
                die()

        checkpoints.save_file = half_saved  # type: ignore[assignment]

    def at_record(*, before: bool) -> None:
        real = ModelStore.publish

        def recorded(self: ModelStore, *arguments: Any, **values: Any) -> Any:
            if before:
                die()
            real(self, *arguments, **values)
            die()

        ModelStore.publish = recorded  # type: ignore[method-assign]

    places: dict[str, Callable[[], None]] = {
        "claimed": die,
        "preparing": lambda: at_stage(Stage.PREPARING),
        "drafting": lambda: at_stage(Stage.DRAFTING),
        "tokenizing": lambda: at_stage(Stage.TOKENIZING),
        "training": lambda: at_step(5),
        "inside a checkpoint": in_checkpoint,
        "evaluating": lambda: at_stage(Stage.EVALUATING),
        "publishing": lambda: at_stage(Stage.PUBLISHING),
        "between rename and record": lambda: at_record(before=True),
        "just recorded": lambda: at_record(before=False),
    }
    places[phase]()


def main(arguments: list[str]) -> int:
    from core.jobs.child import die_with_parent, run_job

    victim = arguments[0]
    job_id, attempt, worker_pid = map(int, arguments[1:])
    die_with_parent(worker_pid)

    def die() -> None:
        print(f"dies now: {PHASES[attempt - 1]}", flush=True)
        os.kill(os.getpid() if victim == "child" else worker_pid, signal.SIGKILL)
        time.sleep(60)  # the kernel is quicker: a child goes with its worker

    if attempt <= len(PHASES):
        plant(PHASES[attempt - 1], die)
    return run_job(job_id, attempt)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
