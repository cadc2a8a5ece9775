"""Many claimers, one queue."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from core.domain.job import JobKind, JobStatus
from core.settings import PROJECT_DIR
from core.store import Store

N_JOBS, N_PROCESSES = 500, 16

CLAIMER = """
import sys
from pathlib import Path
from core.store import Store

store = Store.open(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
while (job := store.jobs.claim()) is not None:
    print(job.id, flush=True)
"""


def test_sixteen_processes_claim_five_hundred_jobs_once_each(tmp_path: Path) -> None:
    path = tmp_path / "tunedesk.db"
    store = Store.open(path)
    ids = [store.jobs.enqueue(JobKind.SCORE, {}, str(i)).id for i in range(N_JOBS)]
    claimers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMER, str(path)],
            cwd=PROJECT_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(N_PROCESSES)
    ]
    for claimer in claimers:
        assert claimer.stdout.readline() == "ready\n"
    for claimer in claimers:
        claimer.stdin.write("go\n")
        claimer.stdin.flush()
    claimed = [[int(line) for line in claimer.communicate()[0].split()] for claimer in claimers]
    assert [claimer.returncode for claimer in claimers] == [0] * N_PROCESSES
    assert Counter(job_id for mine in claimed for job_id in mine) == Counter(ids)
    assert all(mine == sorted(mine) for mine in claimed)  # oldest first, for everyone
    assert {(job.status, job.attempt) for job in store.jobs.list()} == {(JobStatus.RUNNING, 1)}
    store.close()
