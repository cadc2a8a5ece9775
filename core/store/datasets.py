"""Datasets on record. They never change after birth, so the whole record is kept as one value."""

import builtins

from sqlalchemy import delete, func, insert, select, update

from core.domain.dataset import Dataset
from core.domain.message import msg, nmsg
from core.domain.plain import from_plain, to_plain
from core.errors import NotFound, NotPossible
from core.store.database import Database
from core.store.tables import datasets, runs


class DatasetStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, dataset: Dataset) -> Dataset:
        """Put it on record. The same content again gives the record that is already there, which becomes the newest."""
        with self._database.writing() as connection:
            known = connection.scalar(select(datasets.c.record).where(datasets.c.id == dataset.id))
            if known is not None:
                again = update(datasets).where(datasets.c.id == dataset.id).values(created_at=dataset.created_at)
                connection.execute(again)
                return from_plain(Dataset, known)
            connection.execute(
                insert(datasets).values(id=dataset.id, created_at=dataset.created_at, record=to_plain(dataset))
            )
        return dataset

    def get(self, dataset_id: str) -> Dataset:
        with self._database.reading() as connection:
            record = connection.scalar(select(datasets.c.record).where(datasets.c.id == dataset_id))
        if record is None:
            raise _not_found(dataset_id)
        return from_plain(Dataset, record)

    def list(self) -> builtins.list[Dataset]:
        """Those made, or made again, most lately come first."""
        with self._database.reading() as connection:
            records = connection.scalars(select(datasets.c.record).order_by(datasets.c.created_at.desc())).all()
        return [from_plain(Dataset, record) for record in records]

    def delete(self, dataset_id: str) -> None:
        """Raises NotPossible while runs rest on it."""
        with self._database.writing() as connection:
            n_runs = connection.scalar(select(func.count()).where(runs.c.dataset_id == dataset_id)) or 0
            if n_runs:
                raise NotPossible(
                    nmsg(
                        "{n} training run rests on this data set.", "{n} training runs rest on this data set.", n_runs
                    ),
                    hint=msg("Delete the runs in the history first."),
                )
            if not connection.execute(delete(datasets).where(datasets.c.id == dataset_id)).rowcount:
                raise _not_found(dataset_id)


def _not_found(dataset_id: str) -> NotFound:
    return NotFound(
        msg("There is no data set {dataset_id}.", dataset_id=dataset_id), hint=msg("It may have been deleted.")
    )
