"""Durable events are read in an order in which none is skipped."""

from __future__ import annotations

import contextlib

from jupyter_wrangler.store.queue import events
from jupyter_wrangler.store.queue.job_completion import record
from jupyter_wrangler.store.rls import for_system, opening


@for_system
def record_for(c, job_id, owner, kind):
    record(c, job_id, owner, kind)


def _since(world, mark, **more):
    return world.database.run(events.since, mark, limit=100, **more)


@contextlib.contextmanager
def _transaction(world):
    with world.database.engine.connect() as connection:
        connection.exec_driver_sql(opening(record_for, ()))
        yield connection


def test_an_event_committed_late_is_not_skipped(world):
    job = world.submit()
    mark = _since(world, events.Mark())[-1].mark
    with _transaction(world) as slow:
        record(slow, job.id, world.owner, "early")
        world.database.run(record_for, job.id, world.owner, "late")
        assert _since(world, mark) == [], "the older transaction is still open"
        slow.commit()
    assert [event.type for event in _since(world, mark)] == ["early", "late"]


def test_a_transaction_that_gave_up_leaves_no_gap(world):
    job = world.submit()
    mark = _since(world, events.Mark())[-1].mark
    with _transaction(world) as slow:
        record(slow, job.id, world.owner, "never")
        slow.rollback()
    world.database.run(record_for, job.id, world.owner, "after")
    assert [event.type for event in _since(world, mark)] == ["after"]


def test_the_horizon_is_before_all_that_is_not_yet_readable(world):
    job = world.submit()
    with _transaction(world) as slow:
        record(slow, job.id, world.owner, "open")
        mark = world.database.run(events.horizon)
        slow.commit()
    assert [event.type for event in _since(world, mark)] == ["open"]


def test_events_are_sent_to_their_owner_only(world):
    world.submit()
    bob = world.user("bob")
    reported = {
        owner: world.database.run(events.missed, owner, events.Mark(), limit=100)
        for owner in (bob, world.owner)
    }
    assert reported[bob] == []
    assert reported[world.owner]


def test_marks_survive_the_wire():
    mark = events.Mark(123, 45)
    assert events.Mark.parse(str(mark)) == mark
    for junk in ("", "1", "-", "a-b", "1-2-3", "9" * 30 + "-1", "-1-2"):
        assert events.Mark.parse(junk) is None


def test_every_change_of_state_is_an_event(world):
    job = world.submit(m=2)
    for part in world.dispatch():
        world.succeed(world.claim(part))
    world.succeed(world.claim(world.dispatch()[0]), summary=None)
    kinds = [event.type for event in _since(world, events.Mark())]
    assert kinds == ["queued", "running", "part", "part", "succeeded"]
    rows = world.sql("SELECT count(*) AS n FROM wrangler.job_event WHERE job_id=:j",
                     j=job.id)  # fmt: skip
    assert rows[0].n == 5
