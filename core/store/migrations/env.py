"""Alembic's entry: `Database` hands over the connection of its write transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
