"""A server that is there and says nothing is given up, by threads and event loops."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from jupyter_wrangler.errors import DatabaseUnreachable
from jupyter_wrangler.store import connections
from jupyter_wrangler.store.database import Database, SyncDatabase
from jupyter_wrangler.store.engines import async_engine, sync_engine
from jupyter_wrangler.store.rls import for_system


@pytest.fixture
def stopped(monkeypatch) -> Iterator[list[int]]:
    """Processes of PostgreSQL to be let go on afterwards; silence is 2 s."""
    monkeypatch.setattr(connections, "SILENCE_S", 2.0)
    pids: list[int] = []
    yield pids
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


@for_system
def fall_silent(c, pids: list[int]) -> int:
    """Stop the process that serves this connection, unless another one was; ask it."""
    if not pids:
        pids.append(c.execute(text("SELECT pg_backend_pid()")).scalar_one())
        os.kill(pids[0], signal.SIGSTOP)
    return c.execute(text("SELECT 42")).scalar_one()


@for_system
def sleep(c, seconds: float) -> int:
    c.execute(text("SELECT pg_sleep(:s)"), {"s": seconds})
    return 42


def test_a_thread_gives_a_silent_server_up_and_takes_a_new_connection(fresh, stopped):
    database = SyncDatabase(sync_engine(fresh, application="t", size=1))
    with pytest.raises(DatabaseUnreachable):
        database.run(fall_silent, stopped)
    assert database.run(fall_silent, stopped) == 42
    database.close()


def test_an_event_loop_does_so_too(fresh, stopped):
    async def ask() -> int:
        database = Database(async_engine(fresh, application="t"))
        try:
            with pytest.raises(DatabaseUnreachable):
                await database.run(fall_silent, stopped)
            return await database.run(fall_silent, stopped)
        finally:
            await database.close()

    assert asyncio.run(ask()) == 42


def test_a_pooled_connection_whose_server_fell_silent_is_replaced(fresh, stopped):
    database = SyncDatabase(sync_engine(fresh, application="t", size=1))
    assert database.run(sleep, 0) == 42
    with database.engine.connect() as connection:
        found = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    stopped.append(found)
    os.kill(found, signal.SIGSTOP)
    assert database.run(sleep, 0) == 42
    database.close()


def test_what_takes_its_time_is_waited_for(fresh):
    """And the server's own limit for a statement comes before ours."""
    assert connections.STATEMENT_S < connections.SILENCE_S
    database = SyncDatabase(sync_engine(fresh, application="t", size=1))
    assert database.run(sleep, 1.0) == 42
    database.close()


@for_system
def pid(c) -> int:
    return c.execute(text("SELECT pg_backend_pid()")).scalar_one()


@for_system
def end_session(c, victim: int) -> None:
    c.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": victim})


@pytest.fixture
def terminate(fresh):
    """End a session of PostgreSQL from another one."""
    other = SyncDatabase(sync_engine(fresh, application="other", size=1))
    yield lambda victim: other.run(end_session, victim)
    other.close()


def test_a_session_that_was_ended_between_two_transactions_is_no_error(
    fresh, terminate
):
    database = SyncDatabase(sync_engine(fresh, application="t", size=1))
    first = database.run(pid)
    terminate(first)
    assert database.run(pid) != first
    with database.alone("t") as mine:
        assert mine
    terminate(database.run(pid))
    with database.alone("t") as mine:
        assert mine, "nobody holds it any more"
    database.close()


def test_nor_is_it_for_an_event_loop(fresh, terminate):
    async def ask() -> None:
        database = Database(async_engine(fresh, application="t"))
        try:
            first = await database.run(pid)
            terminate(first)
            assert await database.run(pid) != first
            terminate(await database.run(pid))
            async with database.connection() as connection:
                assert await connection.scalar(text("SELECT 42")) == 42
        finally:
            await database.close()

    asyncio.run(ask())


def test_a_verb_that_has_begun_is_not_run_again_on_another_connection(fresh, terminate):
    """Whether it has done something nobody knows then."""
    runs = []

    @for_system
    def verb(c) -> None:
        runs.append(pid(c))
        terminate(runs[-1])
        c.execute(text("SELECT 1"))

    database = SyncDatabase(sync_engine(fresh, application="t", size=1))
    with pytest.raises(DatabaseUnreachable):
        database.run(verb)
    assert len(runs) == 1
    database.close()
