"""The second wall: what a transaction sees when the WHERE of a verb is forgotten."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import uuid

import pytest
from alembic import command
from pydantic import SecretStr
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from jupyter_wrangler import store
from jupyter_wrangler.errors import JobNotFound, StackFailed
from jupyter_wrangler.store import (
    audit,
    garbage,
    migrate,
    quotas,
    readiness,
    rls,
    session,
)
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import schema_engine, sync_engine
from jupyter_wrangler.store.models import Base
from jupyter_wrangler.store.queue import (
    attempts,
    due,
    fair_scheduling,
    job_completion,
    jobs,
    retry,
)
from jupyter_wrangler.store.results import versions
from jupyter_wrangler.store.rls import (
    for_owner,
    for_system,
    holds,
    opening,
    scope_of,
)

#: Rows that are nobody's: what serves everybody.
UNOWNED = {"worker", "release"}
OWNED = sorted(t.name for t in Base.metadata.sorted_tables if t.name not in UNOWNED)
#: Parts of verbs, which run in the transaction of another one.
INNER = {
    (job_completion, "lock_job"),
    (job_completion, "lock_parts"),
    (job_completion, "record"),
    (job_completion, "stop_parts"),
    (job_completion, "finalize"),
    (attempts, "end_attempt"),
    (attempts, "end_last_attempt"),
    (attempts, "give_up"),
    (due, "set_due"),
    (fair_scheduling, "walk_in_order"),
    (readiness, "require_usable"),
    (quotas, "admit_job"),
    (quotas, "admit_bytes"),
    (quotas, "admit_dataset"),
    (quotas, "admit_result"),
    (audit, "note"),
    (versions, "latest_of"),
    (session, "open_session"),
    (rls, "as_system"),
    (migrate, "config"),
    # looks at the server, and at no row
    (migrate, "current"),
    (migrate, "check"),
}


@pytest.fixture
def two(world):
    """Rows of two owners in every table; the id of the second."""
    bob = world.user("bob")
    version = world.dataset(bob, sha="ef" * 32)
    for owner, of in ((world.owner, world.version), (bob, version)):
        world.save(world.done(owner=owner, version=of), owner=owner)
        world.sql(
            """INSERT INTO wrangler.upload (owner_id, sha256, size)
               VALUES (:o, decode(repeat('ab', 32), 'hex'), 5)""",
            o=owner,
        )
        world.sql(
            "INSERT INTO wrangler.quota (owner_id, max_queued) VALUES (:o, 7)", o=owner
        )
        world.sql(
            """INSERT INTO wrangler.job_key (owner_id, key, job_id, request_sha)
               SELECT :o, 'again', id, decode(repeat('cd', 32), 'hex')
                 FROM wrangler.job WHERE owner_id = :o LIMIT 1""",
            o=owner,
        )
        world.sql(
            """INSERT INTO wrangler.audit_entry (owner_id, owner_kind, owner_name,
                      action, subject, subject_id)
               VALUES (:o, 'local', 'x', 'cancel', 'job', gen_random_uuid())""",
            o=owner,
        )
    return bob


def count(c: Connection, table: str) -> int:
    every = f'SELECT count(*) FROM wrangler."{table}"'  # noqa: S608  of our own
    return int(c.execute(text(every)).scalar_one())


def unsaid(database: SyncDatabase, verb, *args):
    """Run a verb in a transaction that does not say for whom it works."""
    with database.engine.begin() as c:
        c.exec_driver_sql("BEGIN")
        return verb(c, *args)


@for_system
def count_all(c: Connection, table: str) -> int:
    return count(c, table)


def owners_of(c: Connection, table: str) -> set[uuid.UUID | None]:
    column = {"user": "id", "job_attempt": "part_id"}.get(table, "owner_id")
    every = f'SELECT DISTINCT {column} FROM wrangler."{table}"'  # noqa: S608  of our own
    return set(c.execute(text(every)).scalars())


def _modules():
    for found in pkgutil.walk_packages(store.__path__, f"{store.__name__}."):
        yield importlib.import_module(found.name)


def test_every_verb_says_for_whom_it_works():
    unmarked = []
    for module in _modules():
        for name, verb in inspect.getmembers(module, inspect.isfunction):
            if verb.__module__ != module.__name__ or name.startswith("_"):
                continue
            first = next(iter(inspect.signature(verb).parameters.values()), None)
            takes = first is not None and "Connection" in str(first.annotation)
            if takes and (module, name) not in INNER and scope_of(verb) is None:
                unmarked.append(f"{module.__name__}.{name}")
    assert unmarked == []


def test_a_verb_of_owners_names_the_owner_first():
    for module in _modules():
        for name, verb in inspect.getmembers(module, inspect.isfunction):
            if scope_of(verb) == "owner":
                _, second, *_ = inspect.signature(verb).parameters
                assert second == "owner", name


def test_the_service_is_a_role_that_row_security_binds(world):
    (role,) = world.sql("""
        SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
               pg_has_role(current_user, 'wrangler', 'MEMBER') AS owner
          FROM pg_roles WHERE rolname = current_user""")
    assert tuple(role) == ("wrangler_app", False, False, False, False, False)
    owners = world.sql("""
        SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'wrangler'""")
    assert [row.tableowner for row in owners] == ["wrangler"]
    assert world.database.run(holds)


def test_every_table_with_an_owner_is_behind_the_wall(world):
    rows = world.sql("""
        SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS walled,
               (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) AS policies
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'wrangler' AND c.relkind = 'r'""")
    found = {row.relname: (row.walled, row.policies > 0) for row in rows}
    assert found.keys() == {*OWNED, *UNOWNED, "alembic_version"}
    assert {name for name, walled in found.items() if walled == (True, True)} == set(
        OWNED
    )


@pytest.mark.parametrize("table", OWNED)
@pytest.mark.usefixtures("two")
def test_who_does_not_say_for_whom_sees_nothing(world, table):
    assert world.database.run(count_all, table) >= 2
    assert unsaid(world.database, count, table) == 0


@pytest.mark.parametrize("table", OWNED)
def test_an_owner_sees_the_own_rows_in_every_table_and_no_other(world, two, table):
    def look(c, _owner):
        return owners_of(c, table)

    for owner in (world.owner, two):
        seen = world.database.run(for_owner(look), owner)
        parts = world.sql("SELECT id FROM wrangler.job_part WHERE owner_id=:o", o=owner)
        assert seen == ({p.id for p in parts} if table == "job_attempt" else {owner})
    assert world.database.run(for_owner(look), uuid.uuid4()) == set()


def test_the_quota_of_everybody_is_seen_and_not_changed_by_owners(world, two):
    world.sql("INSERT INTO wrangler.quota (max_queued) VALUES (3)")

    def change(c, _owner):
        return c.execute(text("UPDATE wrangler.quota SET max_queued = 999")).rowcount

    def look(c, _owner):
        return count(c, "quota")

    assert world.database.run(for_owner(look), two) == 2
    assert world.database.run(for_owner(change), two) == 0
    assert world.database.run(quotas.effective, two, world.quota).max_queued == 7


def test_a_forgotten_where_finds_nothing_of_others(world, two):
    """As if the WHERE of a verb did not name the owner."""
    job = world.submit(seed=5)

    def careless(c, _owner, job_id):
        found = c.execute(
            text("SELECT id FROM wrangler.job WHERE id = :j"), {"j": job_id}
        ).one_or_none()
        locked = job_completion.lock_job(c, job_id)
        changed = c.execute(
            text("UPDATE wrangler.job SET name = 'mine' WHERE id = :j"), {"j": job_id}
        ).rowcount
        gone = c.execute(
            text("DELETE FROM wrangler.job_part WHERE job_id = :j"), {"j": job_id}
        ).rowcount
        with pytest.raises(JobNotFound):
            jobs.get(c, world.owner, job_id)
        return found, locked, changed, gone

    assert world.database.run(for_owner(careless), two, job.id) == (None, None, 0, 0)
    assert world.job(job).name is None
    for verb in (jobs.get, jobs.cancel, jobs.delete):
        with pytest.raises(JobNotFound):
            world.database.run(verb, two, job.id)
    with pytest.raises(JobNotFound):
        world.retry(job, owner=two)
    assert scope_of(retry.retry) == "owner"


def test_no_row_can_be_written_in_the_name_of_another(world, two):
    def forge(c, _owner):
        c.execute(
            text("INSERT INTO wrangler.dataset (owner_id, name) VALUES (:o, 'x')"),
            {"o": world.owner},
        )

    def give_away(c, owner):
        c.execute(
            text("UPDATE wrangler.dataset SET owner_id = :o WHERE owner_id = :me"),
            {"o": world.owner, "me": owner},
        )

    with pytest.raises(ProgrammingError, match="row-level security"):
        unsaid(world.database, forge, two)
    for verb in (forge, give_away):
        with pytest.raises(ProgrammingError, match="row-level security"):
            world.database.run(for_owner(verb), two)


def test_what_was_said_ends_with_the_transaction(fresh):
    """Each connection is used again for somebody else."""
    database = SyncDatabase(sync_engine(fresh, application="t", size=1))
    ask = text("""
        SELECT pg_backend_pid(), current_setting('wrangler.owner', true),
               current_setting('wrangler.machinery', true)""")

    def said(c, *_):
        return tuple(c.execute(ask).one())

    mine = for_owner(lambda c, _owner: said(c))
    everybodys = for_system(lambda c, *_: said(c))

    def fail(*_):
        raise LookupError

    me = uuid.uuid4()
    pid, owner, machinery = database.run(mine, me)
    assert (owner, machinery or "") == (str(me), "")
    assert database.run(everybodys) == (pid, "", "on")
    with pytest.raises(LookupError):
        database.run(for_owner(fail), me)
    assert unsaid(database, said) == (pid, "", "")
    # often enough that the driver would prepare it
    for _ in range(20):
        assert database.run(everybodys) == (pid, "", "on")
    database.close()


def test_a_verb_that_does_not_say_for_whom_is_a_mistake(world):
    with pytest.raises(TypeError, match="mark it @for_owner or @for_system"):
        world.database.run(count, "job")


def test_hidden_rows_are_not_taken_for_rows_that_are_gone(world):
    """Or every file would be cleared away."""
    lost = f"{world.owner}/no/such"
    assert unsaid(world.database, garbage.unknown_keys, [lost]) == []
    assert unsaid(world.database, garbage.unknown_uploads, [world.owner]) == []
    assert world.database.run(garbage.unknown_keys, [lost]) == [lost]


def test_an_owner_is_an_id_and_nothing_else():
    with pytest.raises(ValueError, match="UUID"):
        opening(jobs.get, ("'; RESET ALL; --",))


def test_history_can_be_added_to_and_not_changed(world):
    world.submit()
    for statement in (
        "DELETE FROM wrangler.job_event",
        "UPDATE wrangler.job_event SET type = 'x'",
        "UPDATE wrangler.alembic_version SET version_num = '0001'",
        "TRUNCATE wrangler.job CASCADE",
        "ALTER TABLE wrangler.job DISABLE ROW LEVEL SECURITY",
        "SET LOCAL ROLE wrangler",
    ):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            world.sql(statement)


def test_the_owner_of_the_tables_is_bound_too(fresh, world):
    """One role for all, as where only one was given."""
    single = fresh.model_copy(
        update={"database_url": fresh.migration_url, "migration_url": None}
    )
    assert migrate.upgrade(single) == "current"
    database = SyncDatabase(sync_engine(single, application="t", size=1))
    assert database.run(holds)
    assert unsaid(database, count, "job") == 0
    job = world.submit()
    assert database.run(jobs.get, world.owner, job.id).id == job.id
    with pytest.raises(JobNotFound):
        database.run(jobs.get, world.user("bob"), job.id)
    database.close()


def test_a_superuser_is_not_bound_and_it_is_noticed(fresh):
    url = fresh.migration_url.get_secret_value()
    url = url.replace("//wrangler@", "//postgres@")
    root = fresh.model_copy(update={"database_url": SecretStr(url)})
    database = SyncDatabase(sync_engine(root, application="t", size=1))
    assert not database.run(holds)
    database.close()


def test_a_role_that_came_later_gets_what_it_needs(fresh):
    """A home whose schema was made before there was a second role."""
    engine = schema_engine(fresh, application="tests")
    with engine.connect() as connection:
        for what in ("ALL TABLES IN SCHEMA wrangler", "SCHEMA wrangler"):
            connection.execute(text(f"REVOKE ALL ON {what} FROM wrangler_app"))
        connection.commit()
    engine.dispose()
    assert migrate.upgrade(fresh) == "current"
    database = SyncDatabase(sync_engine(fresh, application="t", size=1))
    assert database.run(count_all, "job") == 0
    database.close()


def test_a_role_that_may_not_upgrade_says_which_setting_is_missing(fresh):
    engine = schema_engine(fresh, application="tests")
    with engine.connect() as connection:
        command.downgrade(migrate.config(connection), "0003")
    engine.dispose()
    alone = fresh.model_copy(update={"migration_url": None})
    with pytest.raises(StackFailed, match="JUPYTER_WRANGLER_MIGRATION_URL"):
        migrate.upgrade(alone)
    assert migrate.upgrade(fresh) == "upgraded"


def test_rows_stay_on_the_way_down_and_up(fresh, world):
    job = world.submit()
    engine = schema_engine(fresh, application="tests")
    with engine.connect() as connection:
        command.downgrade(migrate.config(connection), "0003")
        left = connection.execute(
            text("SELECT count(*) FROM pg_policies WHERE schemaname = 'wrangler'")
        ).scalar_one()
        assert left == 0
        command.upgrade(migrate.config(connection), "head")
    engine.dispose()
    assert world.job(job).id == job.id
    assert unsaid(world.database, count, "job") == 0
