"""Transactions in PostgreSQL: those of the service, and those of threads.

All SQL of this room is written once, as functions of a plain `Connection`; the
service runs them with `AsyncConnection.run_sync`, so that no verb exists twice.

A connection of a pool may have ended since its last use.  The first message of a
transaction finds that out and has done nothing yet, so it is sent again on a new one;
to ask before each transaction would cost a round trip more.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from jupyter_wrangler.errors import DatabaseBusy
from jupyter_wrangler.retrying import RetryPolicy
from jupyter_wrangler.store.outages import is_conflict, is_passing, outages
from jupyter_wrangler.store.rls import opening

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
_BUSY = (
    "The database is held up by something else that works at the same rows; nothing "
    "was changed. Try again in a moment. If it stays like this, look for long "
    "transactions in pg_stat_activity."
)
#: Asks whether anybody answers.
_HELLO = "SELECT 1"
#: How that is tried again; by workers well within a lease, since heartbeats are sent
#: like this too.
_AT_ONCE = RetryPolicy(first_s=0.05, factor=4, longest_s=0.5, tries=4)
_IN_TIME = replace(_AT_ONCE, patience_s=8.0)


class _Stale(Exception):
    """The connection had ended before it was used."""


def _say_first(connection: Connection, words: str, *, again: bool) -> None:
    """Send the first message on a connection.

    Raises
    ------
    _Stale
        If the connection has ended and a new one may be tried.
    """
    try:
        connection.exec_driver_sql(words)
    except DBAPIError as error:
        if again or not error.connection_invalidated:
            raise
        raise _Stale from error


class Database:
    """Runs the transactions of the service."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def run(
        self,
        verb: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run a verb in one transaction, which works for whom the verb is marked.

        One that met another at the same rows is run again.

        Raises
        ------
        DatabaseUnreachable
            If PostgreSQL does not answer.
        DatabaseBusy
            If somebody else held for too long what the verb needs.
        """
        try:
            # who has waited for a lock for seconds does not wait once more
            return await _AT_ONCE.call_async(
                lambda: self._run_once(verb, *args, **kwargs), retry_if=is_conflict
            )
        except DBAPIError as error:
            if is_passing(error):
                raise DatabaseBusy(_BUSY) from error
            raise

    async def _run_once(
        self,
        verb: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        begin = opening(verb, args)
        again = False

        def work(connection: Connection) -> T:
            _say_first(connection, begin, again=again)
            return verb(connection, *args, **kwargs)

        with outages():
            try:
                async with self.engine.begin() as connection:
                    return await connection.run_sync(work)
            except _Stale:
                again = True
            async with self.engine.begin() as connection:
                return await connection.run_sync(work)

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """Hold one connection, for checks."""
        with outages():
            async with contextlib.AsyncExitStack() as stack:
                connection = await stack.enter_async_context(self.engine.connect())
                try:
                    await connection.run_sync(_say_first, _HELLO, again=False)
                except _Stale:
                    await stack.aclose()
                    connection = await stack.enter_async_context(self.engine.connect())
                yield connection

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


class SyncDatabase:
    """Runs the transactions of threads: of workers, dispatcher, garbage collection."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def run(
        self,
        verb: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run a verb in one transaction, again where it failed in passing.

        It works for whom the verb is marked.
        """
        return _IN_TIME.call(
            lambda: self.run_once(verb, *args, **kwargs), retry_if=is_passing
        )

    def run_once(
        self,
        verb: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run a verb in one transaction, whatever comes of it."""
        begin = opening(verb, args)
        with outages():
            try:
                with self.engine.begin() as connection:
                    _say_first(connection, begin, again=False)
                    return verb(connection, *args, **kwargs)
            except _Stale:
                log.info("a connection had ended; another one is used")
            with self.engine.begin() as connection:
                _say_first(connection, begin, again=True)
                return verb(connection, *args, **kwargs)

    @contextlib.contextmanager
    def alone(self, what: str) -> Iterator[bool]:
        """Hold a lock meanwhile that one session has at a time; yield whether we do."""
        key = {"what": what}
        with outages(), contextlib.ExitStack() as stack:
            connection = stack.enter_context(self.engine.connect())
            try:
                _say_first(connection, _HELLO, again=False)
            except _Stale:
                stack.close()
                connection = stack.enter_context(self.engine.connect())
            mine = connection.execute(
                text("SELECT pg_try_advisory_lock(hashtextextended(:what, 0))"), key
            ).scalar_one()
            try:
                yield bool(mine)
            finally:
                if mine:
                    connection.execute(
                        text("SELECT pg_advisory_unlock(hashtextextended(:what, 0))"),
                        key,
                    )

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
