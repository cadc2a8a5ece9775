"""What a person decided about likely label mistakes. Rows keep their numbers in all versions of a table, so that a decision
holds for the whole family of versions."""

import builtins

from sqlalchemy import ColumnElement, delete, insert, select

from core.domain.label_mistake import LabelDecision, LabelVerdict
from core.store.database import Database
from core.store.job_rows import utc_now
from core.store.tables import label_decisions


class DecisionStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, family: str, decision: LabelDecision) -> None:
        """In place of an earlier one about the same row."""
        with self._database.writing() as connection:
            connection.execute(delete(label_decisions).where(*_of(family, decision.file, decision.row)))
            connection.execute(
                insert(label_decisions).values(
                    family=family,
                    file=decision.file,
                    row=decision.row,
                    verdict=decision.verdict,
                    label=decision.label,
                    decided_at=utc_now(),
                )
            )

    def list(self, family: str) -> builtins.list[LabelDecision]:
        """The latest last."""
        query = select(label_decisions).where(label_decisions.c.family == family)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(label_decisions.c.decided_at, label_decisions.c.row)).all()
        return [
            LabelDecision(file=row.file, row=row.row, verdict=LabelVerdict(row.verdict), label=row.label)
            for row in rows
        ]

    def take_back(self, family: str, decision: LabelDecision) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(label_decisions).where(*_of(family, decision.file, decision.row)))

    def forget(self, family: str) -> None:
        """All about a table that is gone."""
        with self._database.writing() as connection:
            connection.execute(delete(label_decisions).where(label_decisions.c.family == family))


def _of(family: str, file: str, row: int) -> tuple[ColumnElement[bool], ...]:
    columns = label_decisions.c
    return columns.family == family, columns.file == file, columns.row == row
