"""The stores of one workspace behind one name."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import text

from core.domain.dataset import Dataset
from core.domain.job import Job, JobKind
from core.domain.recipe import TrainingRecipe
from core.store.database import Database
from core.store.datasets import DatasetStore
from core.store.decisions import DecisionStore
from core.store.goals import GoalStore
from core.store.job_rows import active_with_key, insert_job, read_job
from core.store.jobs import JobStore
from core.store.models import ModelStore
from core.store.runs import RunStore, insert_run
from core.store.studies import StudyStore


class Store:
    """Safe to share between threads. Child processes open their own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.datasets = DatasetStore(database)
        self.jobs = JobStore(database)
        self.runs = RunStore(database)
        self.models = ModelStore(database)
        self.studies = StudyStore(database)
        self.goals = GoalStore(database)
        self.decisions = DecisionStore(database)

    @classmethod
    def open(cls, path: Path) -> "Store":
        """Open the database file, creating or migrating it if need be.

        Raises:
            UserError: a newer version of Tunedesk has written it.
        """
        return cls(Database.open(path))

    def start_training(
        self, dataset: Dataset, recipe: TrainingRecipe, *, name: str, trackers: Sequence[str] = ()
    ) -> Job:
        """Write a run and queue its job, both or neither.

        The same recipe on the same data that is already queued or running gives that job, and no second run, whatever
        its `trackers` are.
        """
        key = f"train:{dataset.id}:{recipe.fingerprint}"
        with self._database.writing() as connection:
            job_id = active_with_key(connection, key)
            if job_id is None:
                run_id = insert_run(connection, name, dataset.id, dataset.name, recipe)
                payload = {"dataset_id": dataset.id} | ({"trackers": list(trackers)} if trackers else {})
                job_id = insert_job(connection, JobKind.TRAIN, payload, name, dedupe_key=key, run_id=run_id)
            return read_job(connection, job_id)

    def check(self) -> dict[str, Any]:
        """{"path", "schema", "integrity"}; integrity is "ok" or SQLite's own words."""
        with self._database.reading() as connection:
            return {
                "path": str(self._database.path),
                "schema": connection.scalar(text("SELECT version_num FROM alembic_version")),
                "integrity": connection.scalar(text("PRAGMA quick_check")),
            }

    def close(self) -> None:
        self._database.close()
