"""An upgrade of the schema that is cut short, again and again."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest
from alembic import command
from sqlalchemy import text

from jupyter_wrangler.store import migrate
from jupyter_wrangler.store.engines import schema_engine

pytestmark = pytest.mark.slow

CODE = (
    "from jupyter_wrangler.settings import Settings;"
    "from jupyter_wrangler.store.migrate import upgrade; upgrade(Settings())"
)
SHAPE = text("""
    SELECT table_name, column_name, data_type, is_nullable
      FROM information_schema.columns WHERE table_schema = 'wrangler'
     ORDER BY 1, 2""")


def test_an_upgrade_that_is_killed_leaves_a_whole_revision(fresh):
    engine = schema_engine(fresh, application="tests")
    rng = random.Random(0)  # noqa: S311  moments, no secrets
    env = {"JUPYTER_WRANGLER_DATABASE_URL": fresh.migration_url.get_secret_value()}
    with engine.connect() as connection:
        wanted = connection.execute(SHAPE).all()
        command.downgrade(migrate.config(connection), "base")
        connection.execute(text("DROP SCHEMA wrangler CASCADE"))
        connection.commit()
        seen = set()
        for _ in range(4):
            upgrading = subprocess.Popen([sys.executable, "-c", CODE], env=env)
            # its session is where the work is; the process takes a while to load
            begun = "SELECT 1 FROM pg_stat_activity WHERE application_name = :name"
            name = {"name": "wrangler-migrate"}
            while upgrading.poll() is None:
                found = connection.execute(text(begun), name).first()
                connection.rollback()
                if found:
                    break
            time.sleep(rng.random() * 0.4)
            upgrading.kill()
            upgrading.wait()
            seen.add(migrate.current(connection))
            connection.rollback()
        assert seen <= {None, *migrate.revisions()}
        migrate.upgrade(fresh)
        assert migrate.current(connection) == migrate.head()
        assert connection.execute(SHAPE).all() == wanted
    engine.dispose()
