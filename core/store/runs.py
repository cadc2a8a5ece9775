"""Runs and their curves. A run outlives its job."""

import builtins
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from core.domain.job import JobStatus
from core.domain.message import Message, msg
from core.domain.plain import from_plain, to_plain
from core.domain.recipe import TrainingRecipe
from core.domain.run import CHECKUP_LOSS, AnyScore, MetricPoint, Run, score_from_json
from core.domain.search import SearchRecord
from core.domain.tracking import TrackingPlace
from core.errors import NotFound, NotPossible
from core.store.database import Database
from core.store.fence import fenced_update
from core.store.tables import jobs, metric_points, models, runs


class RunStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, *, name: str, dataset_id: str, dataset_name: str, recipe: TrainingRecipe) -> Run:
        """A run without a job yet. `Store.start_training` makes both at once."""
        with self._database.writing() as connection:
            return read_run(connection, insert_run(connection, name, dataset_id, dataset_name, recipe))

    def get(self, run_id: int) -> Run:
        with self._database.reading() as connection:
            return read_run(connection, run_id)

    def list(self) -> builtins.list[Run]:
        """Newest first."""
        with self._database.reading() as connection:
            return [_run(row) for row in connection.execute(_select_runs().order_by(runs.c.id.desc()))]

    def points(self, run_id: int, after: int = 0) -> tuple[int, builtins.list[MetricPoint]]:
        """The points written after cursor `after`, and the new cursor.

        A point that a resumed run reports again keeps its place: who has it does not get it twice.
        """
        query = select(metric_points).where(metric_points.c.run_id == run_id, metric_points.c.seq > after)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(metric_points.c.seq)).all()
        found = [MetricPoint(name=row.name, step=row.step, value=row.value) for row in rows]
        return (rows[-1].seq if rows else after), found

    def sparklines(self, run_ids: Sequence[int]) -> dict[int, builtins.list[float]]:
        """The check-up loss of each run in order of steps; runs without one have an empty list."""
        lines: dict[int, builtins.list[float]] = {run_id: [] for run_id in run_ids}
        query = (
            select(metric_points.c.run_id, metric_points.c.value)
            .where(metric_points.c.run_id.in_(lines), metric_points.c.name == CHECKUP_LOSS)
            .order_by(metric_points.c.step)
        )
        with self._database.reading() as connection:
            for run_id, value in connection.execute(query):
                lines[run_id].append(value)
        return lines

    def rename(self, run_id: int, name: str) -> Run:
        """Its model carries the same name."""
        with self._database.writing() as connection:
            connection.execute(update(runs).where(runs.c.id == run_id).values(name=name))
            return read_run(connection, run_id)

    def keep_place(self, run_id: int, tracker: str, place: TrackingPlace) -> None:
        """Where `tracker` keeps the run. Also after the job's end, because a tracker ends last."""
        with self._database.writing() as connection:
            known = connection.scalar(select(runs.c.tracking).where(runs.c.id == run_id)) or {}
            places = known | {tracker: to_plain(place)}
            connection.execute(update(runs).where(runs.c.id == run_id).values(tracking=places))

    def delete(self, run_id: int) -> None:
        """Delete the run with its points, its job's entry and its model's. Raises NotPossible while it is active."""
        with self._database.writing() as connection:
            if read_run(connection, run_id).status.is_active:
                raise NotPossible(
                    msg("Run {run_id} is still at work.", run_id=run_id), hint=msg("Cancel its job first.")
                )
            connection.execute(delete(runs).where(runs.c.id == run_id))

    def record(
        self,
        job_id: int,
        attempt: int,
        *,
        points: Sequence[MetricPoint] = (),
        draft: AnyScore | None = None,
        environment: Mapping[str, Any] | None = None,
        n_steps: int | None = None,
        live_sentence: Message | None = None,
        search: SearchRecord | None = None,
    ) -> None:
        """Write what training reported since the last time, in one transaction. What is None stays as it is.

        Raises:
            Fenced: the attempt no longer owns the job.
        """
        values = {
            "draft": draft and draft.to_json(),
            "environment": environment and dict(environment),
            "n_steps": n_steps,
            "live_sentence": live_sentence and live_sentence.to_json(),
            "search": search and to_plain(search),
        }
        values = {name: value for name, value in values.items() if value is not None}
        with self._database.writing() as connection:
            run_id = fenced_update(connection, job_id, attempt).run_id
            if values:
                connection.execute(update(runs).where(runs.c.id == run_id).values(**values))
            if points:
                rows = [{"run_id": run_id, "name": p.name, "step": p.step, "value": p.value} for p in points]
                statement = upsert(metric_points)
                statement = statement.on_conflict_do_update(
                    index_elements=["run_id", "name", "step"], set_={"value": statement.excluded.value}
                )
                connection.execute(statement, rows)


# -- shared with the other stores --------------------------------------------------------------------------------


def insert_run(connection: Connection, name: str, dataset_id: str, dataset_name: str, recipe: TrainingRecipe) -> int:
    values = {
        "name": name,
        "dataset_id": dataset_id,
        "dataset_name": dataset_name,
        "recipe": recipe.to_json(),
        "status": JobStatus.QUEUED,
        "environment": {},
        "seconds": {},
        "created_at": datetime.now(UTC),
    }
    run_id: int = connection.scalars(insert(runs).values(values).returning(runs.c.id)).one()
    return run_id


def read_run(connection: Connection, run_id: int) -> Run:
    row = connection.execute(_select_runs().where(runs.c.id == run_id)).one_or_none()
    if row is None:
        raise NotFound(msg("There is no run {run_id}.", run_id=run_id), hint=msg("It may have been deleted."))
    return _run(row)


def _select_runs() -> Select[Any]:
    job_id = select(func.max(jobs.c.id)).where(jobs.c.run_id == runs.c.id).correlate(runs).scalar_subquery()
    published = select(models.c.id).where(models.c.run_id == runs.c.id, models.c.created_at.is_not(None))
    return select(runs, job_id.label("job_id"), published.correlate(runs).scalar_subquery().label("model_id"))


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        name=row.name,
        dataset_id=row.dataset_id,
        dataset_name=row.dataset_name,
        recipe=TrainingRecipe.from_json(row.recipe),
        status=JobStatus(row.status),
        job_id=row.job_id,
        model_id=row.model_id,
        environment=row.environment,
        draft=score_from_json(row.draft) if row.draft else None,
        score=score_from_json(row.score) if row.score else None,
        kept=row.kept,
        best_step=row.best_step,
        n_steps=row.n_steps,
        seconds=row.seconds,
        live_sentence=Message.from_json(row.live_sentence) if row.live_sentence else None,
        search=from_plain(SearchRecord, row.search) if row.search else None,
        tracking={name: from_plain(TrackingPlace, place) for name, place in (row.tracking or {}).items()},
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
