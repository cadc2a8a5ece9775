"""The tables as this version of the code knows them. A change here needs a migration; a test compares the two."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """Stored as UTC text of fixed width, so that it sorts; comes back with its time zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


metadata = MetaData()

datasets = Table(
    "datasets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("record", JSON, nullable=False),  # the whole Dataset; it never changes after birth
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("dataset_id", Text, ForeignKey("datasets.id"), nullable=False, index=True),
    Column("dataset_name", Text, nullable=False),
    Column("recipe", JSON, nullable=False),
    Column("status", Text, nullable=False),
    Column("environment", JSON, nullable=False),
    Column("draft", JSON(none_as_null=True)),
    Column("score", JSON(none_as_null=True)),
    Column("kept", Text),
    Column("best_step", Integer),
    Column("n_steps", Integer),
    Column("seconds", JSON, nullable=False),
    Column("live_sentence", JSON(none_as_null=True)),
    Column("search", JSON(none_as_null=True)),  # since 0002
    Column("tracking", JSON(none_as_null=True)),  # since 0003
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    sqlite_autoincrement=True,  # ids name folders: a deleted one must not come back
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("title", Text, nullable=False),
    Column("dedupe_key", Text),
    Column("status", Text, nullable=False),
    Column("wish", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("percent", Float, nullable=False),
    Column("seconds_low", Float),
    Column("seconds_high", Float),
    Column("attempt", Integer, nullable=False),
    Column("mark", Integer, nullable=False),  # how far this attempt came, see jobs.mark_of
    Column("crash_mark", Integer, nullable=False),  # the farthest any attempt came before it crashed
    Column("n_crashes", Integer, nullable=False),  # crashes since an attempt last came farther
    Column("run_id", Integer, ForeignKey("runs.id", ondelete="CASCADE"), index=True),
    Column("model_id", Integer),
    Column("error", JSON(none_as_null=True)),
    Column("result", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Index("ix_jobs_queue", "status", "queued_at", "id"),
    Index(
        "ix_jobs_active_dedupe_key",
        "dedupe_key",
        unique=True,
        sqlite_where=text("status IN ('queued', 'running')"),
    ),
    sqlite_autoincrement=True,
)

metric_points = Table(
    "metric_points",
    metadata,
    Column("seq", Integer, primary_key=True),  # the cursor of the live chart
    Column("run_id", Integer, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("value", Float, nullable=False),
    UniqueConstraint("run_id", "name", "step", name="uq_metric_points_run_name_step"),
    Index("ix_metric_points_run_seq", "run_id", "seq"),
    sqlite_autoincrement=True,  # a cursor handed out stays valid after points were deleted
)

models = Table(
    "models",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("created_at", UtcDateTime),  # empty while the id is only reserved
    Column("language", Text),
    Column("labels", JSON(none_as_null=True)),
    Column("kept", Text),
    Column("threshold", Float),
    Column("n_bytes", Integer),
    Column("report", JSON(none_as_null=True)),
    Column("policy", JSON(none_as_null=True)),  # since 0005; empty while training's threshold holds
    sqlite_autoincrement=True,
)

studies = Table(  # since 0004
    "studies",
    metadata,
    Column("model_id", Integer, ForeignKey("models.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("options", JSON, nullable=False),
    Column("result", JSON, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

goals = Table(  # since 0005
    "goals",
    metadata,
    Column("family", Text, primary_key=True),  # Dataset.family: all versions of one table share it
    Column("goal", JSON, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

label_decisions = Table(  # since 0006
    "label_decisions",
    metadata,
    Column("family", Text, primary_key=True),  # of dataset versions; they come and go, so it is no foreign key
    Column("file", Text, primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
)
