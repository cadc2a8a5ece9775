"""Published models and their reports. An id is reserved first, so that the model's folder has its name while it is built."""

import builtins
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Row, Select, delete, insert, select, update

from core.domain.job import JobStatus, Stage
from core.domain.message import msg
from core.domain.model import EvaluationReport, ModelVersion
from core.domain.number import NumberReport
from core.domain.plain import from_plain, to_plain
from core.domain.policy import Policy
from core.domain.run import score_from_json
from core.domain.several import SeveralReport
from core.errors import NotFound
from core.store.database import Database
from core.store.fence import fenced_update
from core.store.job_rows import end_job
from core.store.tables import jobs, models, runs

AnyReport = EvaluationReport | NumberReport | SeveralReport
R = TypeVar("R", EvaluationReport, NumberReport, SeveralReport)


class ModelStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, model_id: int) -> ModelVersion:
        with self._database.reading() as connection:
            row = connection.execute(_select_models().where(models.c.id == model_id)).one_or_none()
        if row is None:
            raise _not_found(model_id)
        return _model(row)

    def list(self) -> builtins.list[ModelVersion]:
        """Newest first."""
        with self._database.reading() as connection:
            return [_model(row) for row in connection.execute(_select_models().order_by(models.c.id.desc()))]

    def report(self, model_id: int) -> EvaluationReport:
        """Of a model that answers with a category."""
        return self._report(model_id, EvaluationReport)

    def number_report(self, model_id: int) -> NumberReport:
        """Of a model that answers with a number."""
        return self._report(model_id, NumberReport)

    def several_report(self, model_id: int) -> SeveralReport:
        """Of a model that gives several categories."""
        return self._report(model_id, SeveralReport)

    def _report(self, model_id: int, kind: type[R]) -> R:
        with self._database.reading() as connection:
            report = connection.scalar(select(models.c.report).where(models.c.id == model_id))
        if report is None:
            raise _not_found(model_id)
        return from_plain(kind, report)

    def set_policy(self, model_id: int, policy: Policy | None) -> ModelVersion:
        """Which answers go out by themselves from now on; None gives back what training chose."""
        with self._database.writing() as connection:
            published = (models.c.id == model_id) & models.c.created_at.is_not(None)
            changed = update(models).where(published).values(policy=to_plain(policy) if policy else None)
            if not connection.execute(changed).rowcount:
                raise _not_found(model_id)
            return _model(connection.execute(_select_models().where(models.c.id == model_id)).one())

    def delete(self, model_id: int) -> None:
        """Forget model and report; the run stays, with its score."""
        with self._database.writing() as connection:
            gone = delete(models).where(models.c.id == model_id, models.c.created_at.is_not(None))
            if not connection.execute(gone).rowcount:
                raise _not_found(model_id)
            connection.execute(update(jobs).where(jobs.c.model_id == model_id).values(model_id=None))

    def unpublished_ids(self) -> set[int]:
        """Reserved and not published yet: a folder of that name is there only because something died on the way."""
        with self._database.reading() as connection:
            return set(connection.scalars(select(models.c.id).where(models.c.created_at.is_(None))))

    # -- what the worker writes ----------------------------------------------------------------------------------

    def reserve(self, job_id: int, attempt: int) -> int:
        """The id under which the job's run will publish; the same one however often it asks. Raises Fenced."""
        with self._database.writing() as connection:
            run_id = fenced_update(connection, job_id, attempt).run_id
            model_id: int | None = connection.scalar(select(models.c.id).where(models.c.run_id == run_id))
            if model_id is None:
                model_id = connection.scalars(insert(models).values(run_id=run_id).returning(models.c.id)).one()
        return model_id

    def publish(
        self,
        job_id: int,
        attempt: int,
        *,
        model_id: int,
        labels: Sequence[str],
        language: str,
        kept: str,
        threshold: float,
        n_bytes: int,
        report: AnyReport,
        best_step: int | None,
        seconds: Mapping[str, float],
    ) -> ModelVersion:
        """Record model, report, and the end of job and run in one transaction. Raises Fenced."""
        score = report.score.to_json()
        with self._database.writing() as connection:
            run_id = end_job(
                connection,
                job_id,
                attempt,
                JobStatus.DONE,
                stage=Stage.FINISHED,
                percent=100.0,
                model_id=model_id,
                result={"model_id": model_id},
            )
            connection.execute(
                update(models)
                .where(models.c.id == model_id, models.c.run_id == run_id)
                .values(
                    created_at=datetime.now(UTC),
                    language=language,
                    labels=list(labels),
                    kept=kept,
                    threshold=threshold,
                    n_bytes=n_bytes,
                    report=to_plain(report),
                )
            )
            values = {
                "score": score,
                "draft": report.draft and report.draft.to_json(),
                "kept": kept,
                "best_step": best_step,
                "seconds": dict(seconds),
            }
            values = {name: value for name, value in values.items() if value is not None}
            connection.execute(update(runs).where(runs.c.id == run_id).values(**values))
            return _model(connection.execute(_select_models().where(models.c.id == model_id)).one())


def _select_models() -> Select[Any]:
    described = select(models, runs.c.name, runs.c.dataset_id, runs.c.recipe, runs.c.score)
    return described.join(runs, runs.c.id == models.c.run_id).where(models.c.created_at.is_not(None))


def _model(row: Row[Any]) -> ModelVersion:
    return ModelVersion(
        id=row.id,
        name=row.name,
        run_id=row.run_id,
        dataset_id=row.dataset_id,
        task=row.recipe["task"],
        labels=tuple(row.labels),
        language=row.language,
        base_model=row.recipe["base_model"],
        kept=row.kept,
        threshold=row.threshold,
        score=score_from_json(row.score) if row.score else None,
        n_bytes=row.n_bytes,
        created_at=row.created_at,
        policy=from_plain(Policy, row.policy) if row.policy else None,
    )


def _not_found(model_id: int) -> NotFound:
    return NotFound(msg("There is no model {model_id}.", model_id=model_id), hint=msg("It may have been deleted."))
