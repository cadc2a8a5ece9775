"""The first schema: datasets, runs with their curves, jobs, models with their reports."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("dataset_id", sa.Text(), sa.ForeignKey("datasets.id"), nullable=False),
        sa.Column("dataset_name", sa.Text(), nullable=False),
        sa.Column("recipe", sa.JSON(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("environment", sa.JSON(), nullable=False),
        sa.Column("draft", sa.JSON()),
        sa.Column("score", sa.JSON()),
        sa.Column("kept", sa.Text()),
        sa.Column("best_step", sa.Integer()),
        sa.Column("n_steps", sa.Integer()),
        sa.Column("seconds", sa.JSON(), nullable=False),
        sa.Column("live_sentence", sa.JSON()),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime()),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_runs_dataset_id", "runs", ["dataset_id"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("percent", sa.Float(), nullable=False),
        sa.Column("seconds_low", sa.Float()),
        sa.Column("seconds_high", sa.Float()),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("crash_mark", sa.Integer(), nullable=False),
        sa.Column("n_crashes", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id", ondelete="CASCADE")),
        sa.Column("model_id", sa.Integer()),
        sa.Column("error", sa.JSON()),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("queued_at", sa.DateTime(), nullable=False),
        sa.Column("started_at", sa.DateTime()),
        sa.Column("finished_at", sa.DateTime()),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_jobs_active_dedupe_key",
        "jobs",
        ["dedupe_key"],
        unique=True,
        sqlite_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_index("ix_jobs_queue", "jobs", ["status", "queued_at", "id"])
    op.create_index("ix_jobs_run_id", "jobs", ["run_id"])
    op.create_table(
        "metric_points",
        sa.Column("seq", sa.Integer(), primary_key=True),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.UniqueConstraint("run_id", "name", "step", name="uq_metric_points_run_name_step"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_metric_points_run_seq", "metric_points", ["run_id", "seq"])
    op.create_table(
        "models",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, unique=True),
        sa.Column("created_at", sa.DateTime()),
        sa.Column("language", sa.Text()),
        sa.Column("labels", sa.JSON()),
        sa.Column("kept", sa.Text()),
        sa.Column("threshold", sa.Float()),
        sa.Column("n_bytes", sa.Integer()),
        sa.Column("report", sa.JSON()),
        sqlite_autoincrement=True,
    )
