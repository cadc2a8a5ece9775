"""What studies found: for each model the newest result of each study."""

import builtins
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, insert, select

from core.domain.job import JobStatus, Stage
from core.domain.message import msg
from core.domain.study import StudyRecord
from core.errors import NotFound
from core.store.database import Database
from core.store.job_rows import end_job, utc_now
from core.store.tables import models, studies


class StudyStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, model_id: int, name: str) -> StudyRecord | None:
        """The newest result as plain values; None before there is one."""
        query = select(studies).where(studies.c.model_id == model_id, studies.c.name == name)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _record(row)

    def list(self, model_id: int) -> builtins.list[StudyRecord]:
        """Newest first."""
        query = select(studies).where(studies.c.model_id == model_id).order_by(studies.c.created_at.desc())
        with self._database.reading() as connection:
            return [_record(row) for row in connection.execute(query)]

    def publish(
        self,
        job_id: int,
        attempt: int,
        *,
        model_id: int,
        name: str,
        options: Mapping[str, Any],
        result: Mapping[str, Any],
        seconds: float,
    ) -> StudyRecord:
        """Keep a result in place of the one before, and end the job, in one transaction.

        Raises:
            Fenced
            NotFound: the model was deleted meanwhile.
        """
        now = utc_now()
        values: dict[str, Any] = {
            "model_id": model_id,
            "name": name,
            "options": dict(options),
            "result": dict(result),
            "seconds": seconds,
            "created_at": now,
        }
        with self._database.writing() as connection:
            if connection.scalar(select(models.c.id).where(models.c.id == model_id)) is None:
                raise NotFound(msg("Model {model_id} was deleted while it was studied.", model_id=model_id))
            connection.execute(delete(studies).where(studies.c.model_id == model_id, studies.c.name == name))
            connection.execute(insert(studies).values(values))
            end_job(connection, job_id, attempt, JobStatus.DONE, result={}, stage=Stage.FINISHED, percent=100.0)
        return StudyRecord(**values)


def _record(row: Row[Any]) -> StudyRecord:
    return StudyRecord(**row._mapping)
