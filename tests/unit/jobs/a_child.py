"""A child whose jobs do what their payload says, for tests of the worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping

from core.domain.job import Job, Stage
from core.domain.message import msg
from core.errors import BadData
from core.jobs.child import die_with_parent, run_job
from core.jobs.context import JobContext
from core.registry import Registry
from core.store import Store
from core.training.types import Cancelled


class Obedient:
    name = "score"

    def stage_weights(self, store: Store, job: Job) -> Mapping[Stage, float]:
        return {Stage.PREPARING: 1, Stage.SCORING: 9}

    def run(self, context: JobContext) -> None:
        context.stage(Stage.PREPARING, 0.0)
        act = str(context.job.payload["act"])
        if act == "wait":
            (context.work_dir / "half-done").touch()
            context.stage(Stage.SCORING, 0.5)
            while context.should_stop() == "":
                time.sleep(0.02)
            raise Cancelled
        if act == "ignore":  # neither wish nor SIGTERM, and with a helper of its own
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            helper = subprocess.Popen(["sleep", "60"])
            context.stage(Stage.SCORING, 0.5)
            (context.work_dir / "helper").write_text(str(helper.pid))
            helper.wait()
        if act == "die" or (act == "die once" and context.job.attempt == 1):
            os.kill(os.getpid(), signal.SIGKILL)
        if act == "disk full":
            raise OSError(28, "No space left on device")
        if act == "bad data":
            raise BadData(msg("All rows are blank."), hint=msg("Fill them in."))
        if act == "bug":
            raise ValueError("the secret of row 7")
        context.finish({"attempt": context.job.attempt, "threads": os.environ["OMP_WAIT_POLICY"]})


if __name__ == "__main__":
    job_id, attempt, worker_pid = map(int, sys.argv[1:])
    die_with_parent(worker_pid)
    sys.exit(run_job(job_id, attempt, Registry("job kind", Obedient())))
