"""The job table, which is the only queue. What a person does, and what the worker writes."""

import builtins
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, func, select, update

from core.domain.job import Job, JobFailure, JobKind, JobStatus, Stage, Wish
from core.domain.message import msg
from core.domain.plain import to_plain
from core.errors import NotPossible
from core.store.database import Database
from core.store.fence import fenced_update
from core.store.job_rows import (
    active_with_key,
    change_job,
    end_job,
    insert_job,
    job_of,
    read_job,
    select_jobs,
    set_run_status,
    utc_now,
)
from core.store.tables import jobs, metric_points, runs

MAX_CRASHES = 3  #: at the same step; then a job is set aside
_STAGE_ORDER = tuple(Stage)
_STEPS_PER_STAGE = 10**12


def mark_of(stage: Stage, step: int) -> int:
    """How far an attempt came, as one number that grows with stage and step."""
    return _STAGE_ORDER.index(stage) * _STEPS_PER_STAGE + step


class JobStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    # -- what a person does --------------------------------------------------------------------------------------

    def enqueue(
        self,
        kind: JobKind,
        payload: Mapping[str, Any],
        title: str,
        *,
        dedupe_key: str | None = None,
        run_id: int | None = None,
    ) -> Job:
        """Queue a job. An active job with the same `dedupe_key` is returned instead.

        A `model_id` in the payload is on record as the job's.
        """
        with self._database.writing() as connection:
            job_id = active_with_key(connection, dedupe_key) or insert_job(
                connection, kind, payload, title, dedupe_key=dedupe_key, run_id=run_id
            )
            return read_job(connection, job_id)

    def get(self, job_id: int) -> Job:
        with self._database.reading() as connection:
            return read_job(connection, job_id)

    def list(self, kind: JobKind | None = None) -> builtins.list[Job]:
        """Newest first."""
        query = select_jobs().order_by(jobs.c.id.desc())
        with self._database.reading() as connection:
            rows = connection.execute(query.where(jobs.c.kind == kind) if kind else query).all()
        return [job_of(row) for row in rows]

    def set_wish(self, job_id: int, wish: Wish) -> Job:
        """Ask a job to stop or to cancel. A queued job is cancelled at once; a cancel is never taken back.

        Raises:
            NotPossible: the job has ended, or is asked to keep the best of work that has not begun.
        """
        with self._database.writing() as connection:
            job = read_job(connection, job_id)
            if not job.status.is_active:
                raise NotPossible(msg("Job {job_id} has already ended.", job_id=job_id))
            if wish is Wish.STOP and job.kind in (JobKind.SCORE, JobKind.STUDY):
                raise NotPossible(
                    msg("Job {job_id} is no training, so there is no best so far to keep.", job_id=job_id),
                    hint=msg("Cancel it instead."),
                )
            if wish is Wish.STOP and job.attempt == 0:
                raise NotPossible(
                    msg("Job {job_id} has not started yet, so there is nothing to keep.", job_id=job_id),
                    hint=msg("Cancel it instead."),
                )
            values: dict[str, Any] = {"wish": wish} if job.wish is not Wish.CANCEL else {}
            if wish is Wish.CANCEL and job.status is JobStatus.QUEUED:
                values |= {"status": JobStatus.CANCELLED, "finished_at": utc_now()}
            change_job(connection, job_id, job.run_id, **values)
            return read_job(connection, job_id)

    def resume(self, job_id: int) -> Job:
        """Queue a failed or cancelled job again, behind those that wait.

        Raises:
            NotPossible: it is active or done, or an equal job is active.
        """
        with self._database.writing() as connection:
            job = read_job(connection, job_id)
            if job.status not in (JobStatus.FAILED, JobStatus.CANCELLED):
                raise NotPossible(
                    msg("Job {job_id} cannot be resumed.", job_id=job_id),
                    hint=msg("Only failed and cancelled jobs can."),
                )
            key = connection.scalar(select(jobs.c.dedupe_key).where(jobs.c.id == job_id))
            twin = active_with_key(connection, key)
            if twin is not None:
                raise NotPossible(msg("Job {job_id} already does the same.", job_id=twin))
            if job.status is JobStatus.CANCELLED and job.run_id is not None:  # its work was thrown away
                connection.execute(delete(metric_points).where(metric_points.c.run_id == job.run_id))
                connection.execute(update(runs).where(runs.c.id == job.run_id).values(tracking=None))
            change_job(
                connection,
                job_id,
                job.run_id,
                status=JobStatus.QUEUED,
                wish=Wish.NONE,
                stage=Stage.WAITING,
                percent=0.0,
                seconds_low=None,
                seconds_high=None,
                error=None,
                n_crashes=0,
                crash_mark=0,
                queued_at=utc_now(),
                finished_at=None,
            )
            return read_job(connection, job_id)

    def delete(self, job_id: int) -> None:
        """Raises NotPossible while it is active. Its run stays."""
        with self._database.writing() as connection:
            if read_job(connection, job_id).status.is_active:
                raise NotPossible(msg("Job {job_id} is still at work.", job_id=job_id), hint=msg("Cancel it first."))
            connection.execute(delete(jobs).where(jobs.c.id == job_id))

    # -- what the worker writes ----------------------------------------------------------------------------------

    def claim(self, *, now: datetime | None = None) -> Job | None:
        """Take the job that has waited longest, or None. Of any number of claimers exactly one gets it."""
        first = select(jobs.c.id).where(jobs.c.status == JobStatus.QUEUED)
        first = first.order_by(jobs.c.queued_at, jobs.c.id).limit(1)
        now = now or utc_now()
        with self._database.reading() as connection:  # an idle worker asks often; it must not hold up writers
            if connection.scalar(first) is None:
                return None
        with self._database.writing() as connection:
            row = connection.execute(
                update(jobs)
                .where(jobs.c.id == first.scalar_subquery())
                .values(
                    status=JobStatus.RUNNING,
                    attempt=jobs.c.attempt + 1,
                    mark=0,
                    started_at=func.coalesce(jobs.c.started_at, now),
                )
                .returning(jobs.c.id, jobs.c.run_id)
            ).one_or_none()
            if row is None:
                return None
            set_run_status(connection, row.run_id, JobStatus.RUNNING)
            return read_job(connection, row.id)

    def running(self) -> builtins.list[Job]:
        with self._database.reading() as connection:
            rows = connection.execute(select_jobs().where(jobs.c.status == JobStatus.RUNNING)).all()
        return [job_of(row) for row in rows]

    def progress(
        self,
        job_id: int,
        attempt: int,
        *,
        stage: Stage,
        percent: float,
        seconds_left: tuple[float, float] | None,
        step: int = 0,
        result: Mapping[str, Any] | None = None,
    ) -> Wish:
        """Write how far the job is and read what the person wishes, in one go. Raises Fenced.

        `result` is what a job without a run has to tell before its end.
        """
        low, high = seconds_left or (None, None)
        told = {} if result is None else {"result": dict(result)}
        with self._database.writing() as connection:
            row = fenced_update(
                connection,
                job_id,
                attempt,
                stage=stage,
                percent=percent,
                seconds_low=low,
                seconds_high=high,
                mark=mark_of(stage, step),
                **told,
            )
        return Wish(row.wish)

    def wish(self, job_id: int, attempt: int) -> Wish:
        """What the person wishes; CANCEL for an attempt that no longer owns the job, so that it stops."""
        owner = and_(jobs.c.id == job_id, jobs.c.attempt == attempt, jobs.c.status == JobStatus.RUNNING)
        with self._database.reading() as connection:
            wish = connection.scalar(select(jobs.c.wish).where(owner))
        return Wish.CANCEL if wish is None else Wish(wish)

    def finish(self, job_id: int, attempt: int, *, result: Mapping[str, Any]) -> Job:
        """End a job that publishes no model. Raises Fenced."""
        with self._database.writing() as connection:
            end_job(
                connection, job_id, attempt, JobStatus.DONE, result=dict(result), stage=Stage.FINISHED, percent=100.0
            )
            return read_job(connection, job_id)

    def fail(self, job_id: int, attempt: int, failure: JobFailure) -> Job:
        """Raises Fenced."""
        with self._database.writing() as connection:
            end_job(connection, job_id, attempt, JobStatus.FAILED, error=to_plain(failure))
            return read_job(connection, job_id)

    def mark_cancelled(self, job_id: int, attempt: int) -> Job:
        """Raises Fenced."""
        with self._database.writing() as connection:
            end_job(connection, job_id, attempt, JobStatus.CANCELLED)
            return read_job(connection, job_id)

    def requeue(self, job_id: int, attempt: int) -> None:
        """Put a job back in its old place, for another attempt. Its work folder is kept. Raises Fenced."""
        with self._database.writing() as connection:
            row = fenced_update(connection, job_id, attempt, status=JobStatus.QUEUED)
            set_run_status(connection, row.run_id, JobStatus.QUEUED)

    def after_crash(self, job_id: int, attempt: int, failure: JobFailure) -> Job:
        """Requeue a job whose child died, or set it aside with `failure` after MAX_CRASHES at the same step.

        "The same step" is: without having come farther than any attempt before. Raises Fenced.
        """
        with self._database.writing() as connection:
            fenced_update(
                connection,
                job_id,
                attempt,
                n_crashes=case((jobs.c.mark > jobs.c.crash_mark, 1), else_=jobs.c.n_crashes + 1),
                crash_mark=func.max(jobs.c.mark, jobs.c.crash_mark),
            )
            if connection.scalars(select(jobs.c.n_crashes).where(jobs.c.id == job_id)).one() >= MAX_CRASHES:
                end_job(connection, job_id, attempt, JobStatus.FAILED, error=to_plain(failure))
            else:
                row = fenced_update(connection, job_id, attempt, status=JobStatus.QUEUED)
                set_run_status(connection, row.run_id, JobStatus.QUEUED)
            return read_job(connection, job_id)
