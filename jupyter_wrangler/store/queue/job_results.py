"""What the parts of a job have stored."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, Row

from jupyter_wrangler.contract import PartResult, RecipePart
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.sql import text
from jupyter_wrangler.store.uploads import Stored


@for_owner
def results(
    c: Connection, owner: uuid.UUID, job_id: uuid.UUID
) -> list[tuple[PartResult, Stored]]:
    """List what the parts of a job have stored, and where it lies."""
    rows = c.execute(
        text("""
        SELECT p.k, p.result_sha, b.size, b.store_key AS key, b.format AS form,
               p.recipe_sha, p.recipe_note, r.size AS recipe_size
          FROM wrangler.job_part p
          JOIN wrangler.blob b ON b.owner_id = p.owner_id AND b.sha256 = p.result_sha
          LEFT JOIN wrangler.blob r
            ON r.owner_id = p.owner_id AND r.sha256 = p.recipe_sha
         WHERE p.job_id = :j AND p.owner_id = :o AND p.stage = 0
         ORDER BY p.k"""),
        {"j": job_id, "o": owner},
    )
    return [
        (
            PartResult(
                imputation=row.k,
                sha256=bytes(row.result_sha).hex(),
                size=row.size,
                recipe=recipe_part(row),
                recipe_note=row.recipe_note,
            ),
            Stored(key=row.key, size=row.size, form=row.form),
        )
        for row in rows
    ]


def recipe_part(row: Row[Any]) -> RecipePart | None:
    """Return what is known of the models of a part, if it has kept any."""
    if row.recipe_sha is None:
        return None
    return RecipePart(sha256=bytes(row.recipe_sha).hex(), size=row.recipe_size)


@for_owner
def document(c: Connection, owner: uuid.UUID, job_id: uuid.UUID) -> bytes | None:
    """Return the digest of what the last stage of a job has stored."""
    return c.execute(
        text("""
        SELECT result_sha FROM wrangler.job_part
         WHERE job_id = :j AND owner_id = :o AND stage = 1"""),
        {"j": job_id, "o": owner},
    ).scalar_one_or_none()
