"""The private database is dumped before its schema changes."""

from __future__ import annotations

import subprocess

import pytest
from alembic import command
from pydantic import SecretStr
from sqlalchemy import text

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.jobs.schema import make_ready
from jupyter_wrangler.stack import backup, binaries, launch, paths
from jupyter_wrangler.store import migrate
from jupyter_wrangler.store.database import sync_engine

PERSON = text("""
    INSERT INTO wrangler."user" (kind, name) VALUES ('local', :name)""")


@pytest.fixture
def private(settings):
    """Settings as the service of a private stack has them; PostgreSQL runs."""
    launch.ensure(settings, components=("postgres",))
    url = SecretStr(paths.locate(settings).database_url)
    return settings.model_copy(update={"database_url": url})


def test_the_last_dumps_before_an_upgrade_are_kept_and_can_be_read(private):
    make_ready(private)
    folder = paths.locate(private).backups
    assert not folder.exists(), "an empty database needs no dump"
    make_ready(private)
    assert not folder.exists(), "nor one that stays as it is"
    engine = sync_engine(private, application="tests", size=1)
    for n in range(backup.KEPT + 1):
        with engine.connect() as connection:
            command.downgrade(migrate.config(connection), "0001")
            connection.execute(PERSON, {"name": f"u{n}"})
            connection.commit()
        make_ready(private)
    engine.dispose()
    dumps = sorted(folder.iterdir())
    assert len(dumps) == backup.KEPT
    assert all(dump.name.endswith("-0001.dump") for dump in dumps)
    assert {oct(dump.stat().st_mode)[-3:] for dump in dumps} <= {"600", "644"}
    restore = binaries.postgres(private).path.with_name("pg_restore")
    said = subprocess.run(
        [restore, "--data-only", "--table=user", "--file=-", dumps[-1]],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert [f"u{n}" in said for n in range(backup.KEPT + 1)] == [True] * 4


def test_without_a_dump_nothing_is_upgraded(private, home):
    make_ready(private)
    engine = sync_engine(private, application="tests", size=1)
    with engine.connect() as connection:
        command.downgrade(migrate.config(connection), "0001")
    found = binaries.postgres(private).path
    crippled = home / "bin"
    crippled.mkdir()
    for name in ("postgres", "initdb"):
        (crippled / name).symlink_to(found.with_name(name))
    without = private.model_copy(update={"postgres_bin": crippled})
    with pytest.raises(StackFailed, match="Nothing was changed"):
        make_ready(without)
    with engine.connect() as connection:
        assert migrate.current(connection) == "0001"
    engine.dispose()


def test_a_database_of_ones_own_is_not_ours_to_dump(fresh):
    assert not backup.is_private(fresh)
    assert not backup.is_private(fresh.model_copy(update={"database_url": None}))
