"""What belongs to a user, given to another one or deleted as a whole.

Giving is SQL: rows of every table with an owner are moved in bulk, and each statement
says what happens where both users have the same.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, Delete, delete, func, select
from sqlalchemy.orm import Session

from jupyter_wrangler.contract.admin import UserView
from jupyter_wrangler.errors import Conflict
from jupyter_wrangler.store import audit, models, users
from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.session import open_session
from jupyter_wrangler.store.sql import text

#: Moves what a user has to another one, row by row of every table that names an owner.
#: Where both have the same, the receiver's stays.
_TRANSFER = (
    # a blob is referred to by its owner and digest: it is copied, and then deleted
    "UPDATE wrangler.blob SET store_key = 'moved:' || store_key WHERE owner_id = :a",
    """INSERT INTO wrangler.blob (owner_id, sha256, size, format, store_key, state,
                                  created_at, last_ref_at)
       SELECT :b, sha256, size, format, substr(store_key, 7), state, created_at, now()
         FROM wrangler.blob WHERE owner_id = :a
           ON CONFLICT (owner_id, sha256) DO NOTHING""",
    """UPDATE wrangler.dataset d SET owner_id = :b,
              name = CASE WHEN d.deleted_at IS NULL AND EXISTS (
                          SELECT 1 FROM wrangler.dataset o WHERE o.owner_id = :b
                             AND o.deleted_at IS NULL AND o.name = d.name)
                     THEN left(d.name, 200) || ' (' || left(CAST(d.id AS text), 8)
                          || ')'
                     ELSE d.name END
        WHERE owner_id = :a""",
    "UPDATE wrangler.dataset_version SET owner_id = :b WHERE owner_id = :a",
    """DELETE FROM wrangler.job_key k WHERE owner_id = :a AND EXISTS (
              SELECT 1 FROM wrangler.job_key o
               WHERE o.owner_id = :b AND o.key = k.key)""",
    "UPDATE wrangler.job_key SET owner_id = :b WHERE owner_id = :a",
    """UPDATE wrangler.job j SET owner_id = :b,
              idempotency_key = CASE WHEN EXISTS (
                  SELECT 1 FROM wrangler.job o WHERE o.owner_id = :b
                     AND o.idempotency_key = j.idempotency_key)
                  THEN NULL ELSE j.idempotency_key END,
              cache_key = CASE WHEN EXISTS (
                  SELECT 1 FROM wrangler.job o
                   WHERE o.owner_id = :b AND o.cache_key = j.cache_key)
                  THEN NULL ELSE j.cache_key END
        WHERE owner_id = :a""",
    "UPDATE wrangler.job_part SET owner_id = :b WHERE owner_id = :a",
    """UPDATE wrangler.named_result r SET owner_id = :b,
              name = CASE WHEN EXISTS (
                          SELECT 1 FROM wrangler.named_result o
                           WHERE o.owner_id = :b AND o.name = r.name)
                     THEN left(r.name, 200) || ' (' || left(CAST(r.id AS text), 8)
                          || ')'
                     ELSE r.name END
        WHERE owner_id = :a""",
    "UPDATE wrangler.result_version SET owner_id = :b WHERE owner_id = :a",
    "UPDATE wrangler.result_part SET owner_id = :b WHERE owner_id = :a",
    # the history of jobs is closed to the role of the service
    "SELECT wrangler.transfer_events(:a, :b)",
    "UPDATE wrangler.upload SET owner_id = :b WHERE owner_id = :a",
)

#: What a user has besides blobs, in an order that no reference forbids.
_PURGED = (
    models.JobKey,
    models.Job,
    models.NamedResult,
    models.DatasetVersion,
    models.Dataset,
    models.Upload,
    models.Quota,
)


@for_system
def unfinished(c: Connection, user: uuid.UUID) -> list[uuid.UUID]:
    """List the jobs of a user that have not ended."""
    query = select(models.Job.id).where(
        models.Job.owner_id == user, models.Job.finished_at.is_(None)
    )
    with open_session(c) as session:
        return list(session.scalars(query))


@for_system
def transfer(
    c: Connection, user: uuid.UUID, to: uuid.UUID, *, by: str
) -> tuple[UserView, list[str]]:
    """Give all data and jobs of one user to another.

    Returns the receiver, and the keys of bytes that both had, which may be deleted.
    """
    if user == to:
        raise Conflict("A user's data are theirs already; name another receiver.")
    with open_session(c) as session:
        # in one order, so that two transfers cannot wait for each other
        for each in sorted((user, to)):
            users.lock(session, each)
        _refuse_unfinished(session, user)
    for statement in _TRANSFER:
        c.execute(text(statement), {"a": user, "b": to})
    spare = c.execute(
        text("""
        WITH gone AS (DELETE FROM wrangler.blob WHERE owner_id = :a
                      RETURNING substr(store_key, 7) AS key)
        SELECT key FROM gone WHERE NOT EXISTS (
               SELECT 1 FROM wrangler.blob WHERE store_key = key)"""),
        {"a": user},
    ).scalars()
    keys = list(spare)
    audit.note(c, user, "transfer", "user", to, by=by)
    return users.get(c, to), keys


@for_system
def purge(c: Connection, user: uuid.UUID, *, by: str) -> tuple[UserView, list[str]]:
    """Delete all that a user has; return the user, and the keys of bytes to delete.

    The row stays for the audit trail, without a claim to the name.
    """
    with open_session(c) as session:
        users.lock(session, user)
        _refuse_unfinished(session, user)
        for model in _PURGED:
            session.execute(_delete_owned(model, user))
        blobs = _delete_owned(models.Blob, user).returning(models.Blob.store_key)
        keys = list(session.scalars(blobs))
        users.mark_left(session, user)
    audit.note(c, user, "purge", "user", user, by=by)
    return users.get(c, user), keys


def _delete_owned(model: Any, user: uuid.UUID) -> Delete:
    return (
        delete(model)
        .where(model.owner_id == user)
        .execution_options(synchronize_session=False)
    )


def _refuse_unfinished(session: Session, user: uuid.UUID) -> None:
    left = session.scalar(
        select(func.count()).where(
            models.Job.owner_id == user, models.Job.finished_at.is_(None)
        )
    )
    if left:
        raise Conflict(
            f"{left} jobs of this user have not ended; wait for them or cancel them, "
            "then try again."
        )
