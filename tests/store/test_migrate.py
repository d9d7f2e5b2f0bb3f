"""The schema: migrations say what the models say, and survive company."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
import uuid

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, create_engine, make_url, text

from jupyter_wrangler.errors import DatabaseUnreachable, InvalidSettings, StackFailed
from jupyter_wrangler.stack.doctor import doctor
from jupyter_wrangler.store import migrate
from jupyter_wrangler.store.engines import schema_engine, sync_engine
from jupyter_wrangler.store.models import SCHEMA, Base
from tests.waiting import CEILING_S


@pytest.fixture
def connection(fresh):
    engine = schema_engine(fresh, application="tests")
    with engine.connect() as found:
        yield found
    engine.dispose()


def _differences(connection) -> list:
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "version_table_schema": SCHEMA,
            "compare_server_default": True,
            "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
        },
    )
    return compare_metadata(context, Base.metadata)


def test_the_revisions_are_those_that_alembic_knows():
    script = ScriptDirectory.from_config(migrate.config())
    known = {s.revision: s.down_revision for s in script.walk_revisions()}
    assert migrate.revisions() == known
    assert migrate.head() == script.get_current_head()


def test_upgrade_head_equals_the_metadata(connection):
    assert _differences(connection) == []


def _words(check: str) -> list[str]:
    return sorted(re.findall(r"'(\w+)'", check))


def test_checks_allow_what_the_contract_lists(connection):
    """Alembic compares no checks: a new state needs a migration all the same."""
    rows = connection.execute(
        text("""
        SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
         WHERE contype = 'c' AND connamespace = 'wrangler'::regnamespace""")
    )
    found = {row.conname: _words(row.definition) for row in rows}
    assert found == {
        str(check.name): _words(str(check.sqltext))
        for table in Base.metadata.sorted_tables
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }


def test_a_missing_index_would_be_noticed(connection):
    connection.execute(text("DROP INDEX wrangler.ix_job_part_queued"))
    assert len(_differences(connection)) == 1


def test_down_and_up_again(connection):
    command.downgrade(migrate.config(connection), "base")
    left = connection.execute(
        text("SELECT count(*) FROM pg_tables WHERE schemaname = 'wrangler'")
    ).scalar_one()
    assert left == 1, "only alembic's own table is left"
    command.upgrade(migrate.config(connection), "head")
    assert _differences(connection) == []


def test_five_starters_at_once_all_succeed(fresh, connection):
    command.downgrade(migrate.config(connection), "base")
    connection.execute(text("DROP SCHEMA wrangler CASCADE"))
    connection.commit()
    code = (
        "from jupyter_wrangler.settings import Settings;"
        "from jupyter_wrangler.store.migrate import upgrade; print(upgrade(Settings()))"
    )
    env = {
        "JUPYTER_WRANGLER_DATABASE_URL": fresh.migration_url.get_secret_value(),
        "PATH": "/usr/bin:/bin",
    }
    starters = [
        subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE)
        for _ in range(5)
    ]
    said = sorted(
        p.communicate(timeout=CEILING_S)[0].decode().strip() for p in starters
    )
    assert [p.returncode for p in starters] == [0] * 5
    assert said == ["current"] * 4 + ["upgraded"]


def test_a_change_that_cannot_have_its_lock_lets_others_go_first(fresh, connection):
    """Behind a query that takes long it would block everybody, for as long as that."""
    command.downgrade(migrate.config(connection), "0004")
    connection.commit()
    engine = sync_engine(fresh, application="others", size=3)
    done = []
    with engine.connect() as long:
        long.exec_driver_sql("BEGIN")
        long.execute(text("SELECT count(*) FROM wrangler.job"))
        upgrading = threading.Thread(
            target=lambda: done.append(migrate.upgrade(fresh, lock_s=0.5))
        )
        upgrading.start()
        waited = []
        for _ in range(25):
            with engine.connect() as other:
                begun = time.monotonic()
                other.execute(text("SELECT count(*) FROM wrangler.job"))
                waited.append(time.monotonic() - begun)
            time.sleep(0.2)
        assert not done
        assert migrate.current(connection) == "0004"
        connection.rollback()
    upgrading.join(CEILING_S)
    engine.dispose()
    assert done == ["upgraded"]
    assert max(waited) > 0.1, "it has tried meanwhile"
    assert max(waited) < 2, "nobody waits for longer than one try"
    assert _differences(connection) == []


def test_a_newer_schema_is_refused(fresh, connection):
    connection.execute(text("UPDATE wrangler.alembic_version SET version_num='9999'"))
    connection.commit()
    with pytest.raises(StackFailed, match="newer than this program"):
        migrate.upgrade(fresh)


def test_an_older_schema_is_refused_unless_asked_to_upgrade(fresh, connection):
    command.downgrade(migrate.config(connection), "base")
    connection.commit()
    with pytest.raises(StackFailed, match="jupyter wrangler migrate"):
        migrate.require_current(fresh)
    assert migrate.upgrade(fresh) == "upgraded"
    migrate.require_current(fresh)


def test_fault_4_4_a_worker_that_comes_before_the_grants_waits(fresh, connection):
    role = fresh.database_url.get_secret_value().split("//")[1].split("@")[0]
    connection.execute(text(f"REVOKE USAGE ON SCHEMA wrangler FROM {role}"))
    connection.commit()
    with pytest.raises(StackFailed, match="jupyter wrangler migrate"):
        migrate.require_current(fresh)
    migrate.upgrade(fresh)
    migrate.require_current(fresh)


@pytest.fixture
def in_ascii(servers):
    """A database as PostgreSQL makes it under LC_ALL=C where nobody names another."""
    url = make_url(servers.migration_url.get_secret_value())
    name = f"t{uuid.uuid4().hex[:12]}"
    admin = create_engine(
        url.set(username="postgres", database="postgres"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(
            text(
                f"CREATE DATABASE {name} OWNER wrangler TEMPLATE template0 "
                "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
            )
        )
    secret = type(servers.migration_url)
    there = url.set(database=name).render_as_string(hide_password=False)
    yield servers.model_copy(
        update={"database_url": secret(there), "migration_url": secret(there)}
    )
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def test_fault_6_4_a_database_in_another_encoding_is_refused_with_the_command(in_ascii):
    name = make_url(in_ascii.database_url.get_secret_value()).database
    reported = (
        f"'{name}' has the encoding SQL_ASCII, and UTF8 is wanted.*"
        f"createdb --encoding=UTF8 --template=template0 {name}_utf8"
    )
    for attempt in (migrate.upgrade, migrate.require_current):
        with pytest.raises(InvalidSettings, match=reported):
            attempt(in_ascii)
    (check,) = [c for c in doctor(in_ascii) if c.name == "PostgreSQL"]
    assert not check.ok
    assert re.search(reported, check.found)
    assert check.fix.startswith("createdb --encoding=UTF8")


def test_fault_3_7_why_a_database_cannot_be_used_is_said_in_its_words(fresh):
    secret = type(fresh.database_url)
    url = make_url(fresh.database_url.get_secret_value())

    def changed(**parts):
        other = url.set(**parts).render_as_string(hide_password=False)
        return {"database_url": secret(other), "migration_url": secret(other)}

    gone = fresh.model_copy(update=changed(database="no_such_database"))
    with pytest.raises(DatabaseUnreachable, match='"no_such_database" does not exist'):
        migrate.upgrade(gone, wait_s=0.1)
    odd = fresh.model_copy(update=changed(query={**url.query, "nonsense": "1"}))
    with pytest.raises(InvalidSettings, match=r"DATABASE_URL cannot be.*nonsense"):
        migrate.upgrade(odd, wait_s=0.1)
    owner = {"migration_url": changed(username="no_such_role")["migration_url"]}
    with pytest.raises(DatabaseUnreachable, match="MIGRATION_URL cannot connect"):
        migrate.upgrade(fresh.model_copy(update=owner), wait_s=0.1)


def test_no_database_says_so(fresh, tmp_path):
    gone = fresh.model_copy(
        update={
            "database_url": type(fresh.database_url)(
                f"postgresql://wrangler@/wrangler?host={tmp_path}"
            )
        }
    )
    with pytest.raises(DatabaseUnreachable, match="jupyter wrangler doctor"):
        migrate.upgrade(gone, wait_s=0.2)


def test_what_lists_and_quotas_need_is_made_of_older_jobs(connection):
    """Revision 0007, on rows of before."""
    command.downgrade(migrate.config(connection), "0005")
    connection.execute(text("SET wrangler.machinery = 'on'"))
    connection.execute(
        text("""
        WITH u AS (INSERT INTO wrangler."user" (kind, name) VALUES ('local', 'a')
                   RETURNING id),
             b AS (INSERT INTO wrangler.blob (owner_id, sha256, size, store_key)
                   SELECT id, decode(repeat('ab', 32), 'hex'), 7, 'k' FROM u),
             d AS (INSERT INTO wrangler.dataset (owner_id, name)
                   SELECT id, 'd' FROM u RETURNING id, owner_id)
        INSERT INTO wrangler.dataset_version
               (dataset_id, n, owner_id, blob_sha, n_rows, n_columns, columns)
        SELECT id, 1, owner_id, decode(repeat('ab', 32), 'hex'), 1, 1, '[{"a": 1}]'
          FROM d""")
    )
    connection.execute(
        text("""
        INSERT INTO wrangler.job (owner_id, kind, spec, input_version_id, app_version)
        SELECT owner_id, 'imputation',
               '{"kind": "imputation", "method": "pmm", "methods": {"x": "knn"}}', id,
               '1' FROM wrangler.dataset_version""")
    )
    connection.execute(
        text("""
        INSERT INTO wrangler.job_part
               (job_id, owner_id, stage, k, state, queue, max_attempts)
        SELECT id, owner_id, 0, k, 'queued', 'jw.small', 3
          FROM wrangler.job, generate_series(0, 2) k""")
    )
    connection.execute(
        text("""
        INSERT INTO wrangler.audit_entry (owner_id, action, subject, subject_id)
        SELECT owner_id, 'cancel', 'job', id FROM wrangler.job""")
    )
    connection.commit()
    for _ in range(2):
        command.upgrade(migrate.config(connection), "head")
        job = connection.execute(text("SELECT * FROM wrangler.job")).one()
        assert job.brief == {"kind": "imputation", "method": "pmm"}
        assert (job.n_parts, job.meta_bytes) == (3, len(str(job.spec)))
        version = connection.execute(
            text("SELECT meta_bytes FROM wrangler.dataset_version")
        ).one()
        assert version.meta_bytes == len('[{"a": 1}]')
        entry = connection.execute(text("SELECT * FROM wrangler.audit_entry")).one()
        assert (entry.owner_kind, entry.owner_name) == ("local", "a")
        connection.commit()
        command.downgrade(migrate.config(connection), "0005")
        connection.execute(text("SET wrangler.machinery = 'on'"))
        kept = text("SELECT count(*) FROM wrangler.audit_entry")
        assert connection.execute(kept).scalar_one() == 1
        connection.commit()
