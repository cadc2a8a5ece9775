"""The fence around what workers write."""

from typing import Any

from sqlalchemy import Connection, update

from core.domain.job import JobStatus
from core.store.tables import jobs


class Fenced(Exception):
    """The attempt that writes no longer owns its job: somebody ended it or gave it to a newer attempt."""

    def __init__(self, job_id: int, attempt: int) -> None:
        super().__init__(f"attempt {attempt} no longer owns job {job_id}")


def fenced_update(connection: Connection, job_id: int, attempt: int, **values: Any) -> Any:
    """Change the job's row if `attempt` still owns it, and return the row's `wish` and `run_id`.

    Raises:
        Fenced: it does not; the transaction is rolled back by the exception.
    """
    row = connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.attempt == attempt, jobs.c.status == JobStatus.RUNNING)
        .values(**(values or {"attempt": attempt}))
        .returning(jobs.c.wish, jobs.c.run_id)
    ).one_or_none()
    if row is None:
        raise Fenced(job_id, attempt)
    return row
