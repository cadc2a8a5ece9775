"""The rows of the job table: how they are written and read. Shared by the stores of jobs, runs and models."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, insert, or_, select, update

from core.domain.job import Job, JobFailure, JobKind, JobStatus, Stage, Wish
from core.domain.message import msg
from core.domain.plain import from_plain, to_plain
from core.errors import NotFound
from core.store.fence import fenced_update
from core.store.tables import jobs, runs

_ACTIVE = (JobStatus.QUEUED, JobStatus.RUNNING)


def active_with_key(connection: Connection, dedupe_key: str | None) -> int | None:
    if dedupe_key is None:
        return None
    return connection.scalar(select(jobs.c.id).where(jobs.c.dedupe_key == dedupe_key, jobs.c.status.in_(_ACTIVE)))


def insert_job(
    connection: Connection,
    kind: JobKind,
    payload: Mapping[str, Any],
    title: str,
    *,
    dedupe_key: str | None = None,
    run_id: int | None = None,
) -> int:
    now = utc_now()
    values = {
        "kind": kind,
        "payload": to_plain(payload),
        "title": title,
        "dedupe_key": dedupe_key,
        "status": JobStatus.QUEUED,
        "wish": Wish.NONE,
        "stage": Stage.WAITING,
        "percent": 0.0,
        "attempt": 0,
        "mark": 0,
        "crash_mark": 0,
        "n_crashes": 0,
        "run_id": run_id,
        "model_id": payload.get("model_id"),
        "result": {},
        "created_at": now,
        "queued_at": now,
    }
    job_id: int = connection.scalars(insert(jobs).values(values).returning(jobs.c.id)).one()
    return job_id


def end_job(connection: Connection, job_id: int, attempt: int, status: JobStatus, **values: Any) -> int | None:
    """End the job and its run. Returns the run's id. Raises Fenced."""
    now = utc_now()
    row = fenced_update(
        connection,
        job_id,
        attempt,
        status=status,
        seconds_low=None,
        seconds_high=None,
        finished_at=now,
        **values,
    )
    run_id: int | None = row.run_id
    if run_id is not None:
        connection.execute(update(runs).where(runs.c.id == run_id).values(status=status, finished_at=now))
    return run_id


def read_job(connection: Connection, job_id: int) -> Job:
    row = connection.execute(select_jobs().where(jobs.c.id == job_id)).one_or_none()
    if row is None:
        raise NotFound(msg("There is no job {job_id}.", job_id=job_id), hint=msg("It may have been deleted."))
    return job_of(row)


def change_job(connection: Connection, job_id: int, run_id: int | None, **values: Any) -> None:
    if not values:
        return
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values))
    if "status" in values:
        set_run_status(connection, run_id, values["status"], finished_at=values["finished_at"])


def set_run_status(
    connection: Connection, run_id: int | None, status: JobStatus, finished_at: datetime | None = None
) -> None:
    if run_id is not None:
        connection.execute(update(runs).where(runs.c.id == run_id).values(status=status, finished_at=finished_at))


def select_jobs() -> Select[Any]:
    other = jobs.alias()
    ahead: ColumnElement[bool] = or_(
        other.c.queued_at < jobs.c.queued_at, and_(other.c.queued_at == jobs.c.queued_at, other.c.id <= jobs.c.id)
    )
    place = select(func.count()).where(other.c.status == JobStatus.QUEUED, ahead).correlate(jobs).scalar_subquery()
    return select(jobs, case((jobs.c.status == JobStatus.QUEUED, place)).label("queue_position"))


def job_of(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=JobKind(row.kind),
        payload=row.payload,
        title=row.title,
        status=JobStatus(row.status),
        wish=Wish(row.wish),
        stage=Stage(row.stage),
        percent=row.percent,
        seconds_left=None if row.seconds_low is None else (row.seconds_low, row.seconds_high),
        queue_position=row.queue_position,
        attempt=row.attempt,
        run_id=row.run_id,
        model_id=row.model_id,
        error=from_plain(JobFailure, row.error) if row.error else None,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        result=row.result,
    )


def utc_now() -> datetime:
    return datetime.now(UTC)
