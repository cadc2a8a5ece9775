"""What a person wants a table's models for, and which answers of a model go out by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "goals",
        sa.Column("family", sa.Text(), primary_key=True),
        sa.Column("goal", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
    )
    op.add_column("models", sa.Column("policy", sa.JSON()))
