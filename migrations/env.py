"""Alembic's environment: online on a given connection, or offline as SQL."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.engines import schema_engine
from jupyter_wrangler.store.models import SCHEMA, Base

OPTIONS = {
    "target_metadata": Base.metadata,
    "version_table_schema": SCHEMA,
    "include_schemas": True,
    "transaction_per_migration": True,
    "compare_server_default": True,
    "include_name": lambda name, kind, _parents: kind != "schema" or name == SCHEMA,
}


def run_online(connection) -> None:  # noqa: ANN001
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    # row-level security binds the owner of the tables too: a migration that changes
    # rows would find none
    connection.execute(text("SET wrangler.machinery = 'on'"))
    connection.commit()
    context.configure(connection=connection, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        context.run_migrations()
else:
    given = context.config.attributes.get("connection")
    if given is not None:
        run_online(given)
    else:
        # `alembic` called by hand: settings come from the environment
        engine = schema_engine(Settings(), application="wrangler-alembic")
        with engine.connect() as opened:
            run_online(opened)
        engine.dispose()
