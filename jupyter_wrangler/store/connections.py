"""Connections to PostgreSQL that nobody waits for without end.

The server ends a statement that takes too long, and over TCP a server that is gone is
found out.  One that is there, but says nothing (its disk hangs, its process is stopped,
a proxy has lost it), would keep a thread for good, and with it the slot of a worker.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine, event

T = TypeVar("T")

#: Seconds after which the server ends a statement; and those of silence after which we
#: end the connection.
STATEMENT_S, SILENCE_S = 15, 20.0


def _bounded(
    steps: Generator[Any, Any, T], connection: psycopg.BaseConnection[Any]
) -> Generator[Any, Any, T]:
    """Go through the steps of an exchange, and end the connection if it falls silent.

    Between the steps psycopg waits for the socket, and looks in every so often when
    there is nothing.
    """
    heard = time.monotonic()
    try:
        wanted = next(steps)
        while True:
            ready = yield wanted
            now = time.monotonic()
            if ready:
                heard = now
            elif now - heard > SILENCE_S:
                connection.pgconn.finish()
                raise psycopg.OperationalError(
                    f"PostgreSQL has said nothing for {SILENCE_S:.0f} s"
                )
            wanted = steps.send(ready)
    except StopIteration as end:
        answer: T = end.value
        return answer


class BoundedConnection(psycopg.Connection[Any]):
    """A connection of a thread."""

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **kwargs: Any) -> T:
        """Go through an exchange with the server; psycopg's hook for all of them."""
        return super().wait(_bounded(gen, self), *args, **kwargs)


class BoundedAsyncConnection(psycopg.AsyncConnection[Any]):
    """A connection of an event loop."""

    async def wait(self, gen: Generator[Any, Any, T], *args: Any, **kwargs: Any) -> T:
        """Go through an exchange with the server; psycopg's hook for all of them."""
        return await super().wait(_bounded(gen, self), *args, **kwargs)


def bound(engine: Engine) -> Engine:
    """Have an engine for threads make such connections."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, args: Any, kwargs: Any) -> Any:
        return BoundedConnection.connect(*args, **kwargs)

    return engine
