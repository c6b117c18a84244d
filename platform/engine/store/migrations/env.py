"""How Alembic runs a migration: on the connection that `schema.upgrade` opened, within its transaction."""

from __future__ import annotations

from alembic import context

from blankett.engine.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
