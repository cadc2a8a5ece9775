"""Goals on record: one a table, shared by all its versions and models."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

from core.domain.goal import Goal
from core.domain.plain import from_plain, to_plain
from core.store.database import Database
from core.store.tables import goals


class GoalStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, family: str) -> Goal:
        """That of the table (`Dataset.family`), or one with everything open."""
        with self._database.reading() as connection:
            goal = connection.scalar(select(goals.c.goal).where(goals.c.family == family))
        return from_plain(Goal, goal) if goal else Goal()

    def put(self, family: str, goal: Goal) -> None:
        values = {"goal": to_plain(goal), "changed_at": datetime.now(UTC)}
        statement = upsert(goals).values(family=family, **values)
        with self._database.writing() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["family"], set_=values))
