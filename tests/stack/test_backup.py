"""The private database is dumped before its schema changes."""

from __future__ import annotations

import subprocess

import pytest
from alembic import command
from pydantic import SecretStr
from sqlalchemy import text

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.runtime.schema import make_ready
from jupyter_wrangler.stack import backup, binaries, launch, paths
from jupyter_wrangler.store import figures, migrate, rls
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import schema_engine, sync_engine
from tests.waiting import CEILING_S

PERSON = text("""
    INSERT INTO wrangler."user" (kind, name) VALUES ('local', :name)""")


@pytest.fixture
def private(settings):
    """Settings as the service of a private stack has them; PostgreSQL runs."""
    launch.ensure(settings, components=("postgres",), timeout=CEILING_S)
    place = paths.locate(settings)
    urls = {"database_url": place.database_url, "migration_url": place.migration_url}
    return settings.model_copy(update={k: SecretStr(v) for k, v in urls.items()})


def test_the_last_dumps_before_an_upgrade_are_kept_and_can_be_read(private):
    make_ready(private)
    folder = paths.locate(private).backups
    assert not folder.exists(), "an empty database needs no dump"
    make_ready(private)
    assert not folder.exists(), "nor one that stays as it is"
    engine = schema_engine(private, application="tests")
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


def test_a_dump_has_every_row_and_comes_back_as_the_docs_say(private):
    make_ready(private)
    engine = schema_engine(private, application="tests")
    with engine.connect() as connection:
        connection.execute(text("SET wrangler.machinery = 'on'"))
        connection.execute(PERSON, {"name": "kept"})
        connection.commit()
        dump = backup.dump(private, migrate.head())
        connection.execute(text('DELETE FROM wrangler."user"'))
        connection.commit()
    engine.dispose()
    place = paths.locate(private)
    command = [
        binaries.postgres(private).path.with_name("pg_restore"),
        f"--host={place.postgres_sockets}",
        *("--username=wrangler", "--dbname=wrangler", "--clean", "--if-exists"),
        dump,
    ]
    subprocess.run(command, check=True)
    database = SyncDatabase(sync_engine(private, application="tests", size=1))
    try:
        assert database.run(figures.count, alive_s=1).users == 1
        assert database.run(rls.holds)
    finally:
        database.close()


#: Writes half of a file, and dies without a word.
KILLED = """#!/bin/sh
for option; do
  case $option in --file=*) echo half > "${option#--file=}" ;; esac
done
kill -9 $$
"""


@pytest.mark.parametrize("killed", [False, True])
def test_without_a_dump_nothing_is_upgraded(private, home, killed):
    make_ready(private)
    engine = schema_engine(private, application="tests")
    with engine.connect() as connection:
        command.downgrade(migrate.config(connection), "0001")
    found = binaries.postgres(private).path
    crippled = home / "bin"
    crippled.mkdir()
    for name in ("postgres", "initdb"):
        (crippled / name).symlink_to(found.with_name(name))
    if killed:
        (crippled / "pg_dump").write_text(KILLED)
        (crippled / "pg_dump").chmod(0o700)
    without = private.model_copy(update={"postgres_bin": crippled})
    with pytest.raises(StackFailed, match="Nothing was changed"):
        make_ready(without)
    assert list(paths.locate(private).backups.iterdir()) == []
    with engine.connect() as connection:
        assert migrate.current(connection) == "0001"
    engine.dispose()


def test_a_database_of_ones_own_is_not_ours_to_dump(fresh):
    assert not backup.is_private(fresh)
    assert not backup.is_private(fresh.model_copy(update={"database_url": None}))
