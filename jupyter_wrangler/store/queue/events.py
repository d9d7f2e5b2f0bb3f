"""Durable events, read so that none is ever skipped.

A transaction that began early may commit late, after others with higher numbers.
So a reader goes by (xid, seq) and stops before the oldest transaction still open
(`pg_snapshot_xmin`): what it has not seen yet can only come after what it has.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from jupyter_wrangler.store.rls import for_owner, for_system
from jupyter_wrangler.store.sql import text


@dataclass(frozen=True, order=True)
class Mark:
    """A place in the order of events; `str` and `parse` are its wire form."""

    xid: int = 0
    seq: int = 0

    def __str__(self) -> str:
        return f"{self.xid}-{self.seq}"

    @classmethod
    def parse(cls, value: str) -> Mark | None:
        """Read a Last-Event-ID; None if it is not one of ours.

        Examples
        --------
        >>> Mark.parse("12-7"), Mark.parse("junk")
        (Mark(xid=12, seq=7), None)
        """
        xid, dash, seq = value.partition("-")
        if not (dash and xid.isdecimal() and seq.isdecimal()):
            return None
        if len(xid) > 18 or len(seq) > 18:
            return None
        return cls(int(xid), int(seq))


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened to a job."""

    mark: Mark
    job_id: uuid.UUID
    owner_id: uuid.UUID
    type: str


@for_system
def horizon(c: Connection) -> Mark:
    """Return the place after which nothing has been read yet."""
    xid = c.execute(
        text("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")
    ).scalar_one()
    return Mark(int(xid), 0)


@for_system
def since(c: Connection, mark: Mark, *, limit: int) -> list[Event]:
    """List everybody's events after a place, oldest first."""
    return _since(c, "", {"xid": mark.xid, "seq": mark.seq, "n": limit})


def _since(c: Connection, whose: str, params: dict[str, Any]) -> list[Event]:
    rows = c.execute(
        text(f"""
        SELECT xid, seq, job_id, owner_id, type FROM wrangler.job_event
         WHERE {whose} (xid, seq) > (:xid, :seq)
           AND xid < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint
         ORDER BY xid, seq LIMIT :n"""),
        params,
    )
    return [_event(row) for row in rows]


def _event(row: Row[Any]) -> Event:
    return Event(
        mark=Mark(row.xid, row.seq),
        job_id=row.job_id,
        owner_id=row.owner_id,
        type=row.type,
    )


@for_system
def held_up(c: Connection, *, after_s: float, limit: int) -> list[Event]:
    """List the latest events that `since` leaves out for longer than that.

    Somebody's transaction is open for long, be it in another database of the cluster.
    Such events may be reported, but nobody may go on from their marks: others can still
    come before them.
    """
    rows = c.execute(
        text("""
        SELECT xid, seq, job_id, owner_id, type FROM wrangler.job_event
         WHERE xid >= (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint
           AND at < now() - make_interval(secs => :after)
         ORDER BY xid DESC, seq DESC LIMIT :n"""),
        {"after": after_s, "n": limit},
    )
    return [_event(row) for row in rows]


@for_owner
def missed(c: Connection, owner: uuid.UUID, mark: Mark, *, limit: int) -> list[Event]:
    """List an owner's events after a place, oldest first."""
    # in words of its own: a condition that may be absent keeps the index away
    params = {"o": owner, "xid": mark.xid, "seq": mark.seq, "n": limit}
    return _since(c, "owner_id = :o AND", params)
