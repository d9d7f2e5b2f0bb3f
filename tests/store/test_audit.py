"""What was stopped or deleted stays on record, whoever would like it otherwise."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from jupyter_wrangler.store import audit
from jupyter_wrangler.store.engines import schema_engine
from jupyter_wrangler.store.queue import jobs

SPOIL = {
    "delete": "DELETE FROM wrangler.audit_entry",
    "update": "UPDATE wrangler.audit_entry SET by = 'nobody'",
    "truncate": "TRUNCATE wrangler.audit_entry",
}


def _entries(world):
    return world.database.run(audit.page, after=None, limit=50).items


@pytest.fixture
def cancelled(world):
    job = world.submit()
    world.database.run(jobs.cancel, world.owner, job.id)
    world.database.run(jobs.delete, world.owner, job.id)
    assert [one.action for one in _entries(world)] == ["delete", "cancel"]
    return job


@pytest.mark.usefixtures("cancelled")
@pytest.mark.parametrize("how", SPOIL)
def test_fault_4_12_the_role_of_the_service_spoils_no_entry(world, how):
    before = _entries(world)
    with pytest.raises(ProgrammingError, match="permission denied"):
        world.sql(SPOIL[how])
    assert _entries(world) == before


@pytest.mark.usefixtures("cancelled")
def test_fault_4_12_entries_outlive_the_user(world):
    """A foreign key that cascades would delete them, whatever the grants say."""
    before = _entries(world)
    world.sql("DELETE FROM wrangler.dataset_version")
    world.sql("DELETE FROM wrangler.dataset")
    world.sql("DELETE FROM wrangler.blob")
    world.sql('DELETE FROM wrangler."user" WHERE id = :o', o=world.owner)
    assert _entries(world) == before
    assert {one.owner for one in before} == {"alice"}


@pytest.mark.usefixtures("cancelled")
@pytest.mark.parametrize("how", ["delete", "update"])
def test_fault_4_12_with_one_role_for_all_row_security_keeps_them(world, fresh, how):
    """Grants do not bind who owns the table; forced row-level security does."""
    before = _entries(world)
    engine = schema_engine(fresh, application="tests")
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL wrangler.machinery = 'on'"))
        assert connection.execute(text(SPOIL[how])).rowcount == 0
    engine.dispose()
    assert _entries(world) == before
