"""Deleting versions of named results, and saying before what goes with them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import Connection

from jupyter_wrangler.contract import ResultDeletion
from jupyter_wrangler.errors import ResultInUse
from jupyter_wrangler.store import audit
from jupyter_wrangler.store.results import versions
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.sql import text

#: Bytes that some versions refer to, and nothing else.
_FREED = """
    WITH going AS (
         SELECT DISTINCT p.owner_id, p.sha256 FROM wrangler.result_part p
          WHERE p.version_id = ANY(:ids))
    SELECT coalesce(sum(b.size), 0)::bigint FROM going g
      JOIN wrangler.blob b ON b.owner_id = g.owner_id AND b.sha256 = g.sha256
     WHERE NOT EXISTS (SELECT 1 FROM wrangler.result_part p
                        WHERE p.owner_id = b.owner_id AND p.sha256 = b.sha256
                          AND p.version_id <> ALL(:ids))
       AND NOT EXISTS (SELECT 1 FROM wrangler.job_part p
                        WHERE p.owner_id = b.owner_id AND p.result_sha = b.sha256)
       AND NOT EXISTS (SELECT 1 FROM wrangler.job_part p
                        WHERE p.owner_id = b.owner_id AND p.recipe_sha = b.sha256)
       AND NOT EXISTS (SELECT 1 FROM wrangler.dataset_version p
                        WHERE p.owner_id = b.owner_id AND p.blob_sha = b.sha256)"""
_LAST = """
    SELECT v.n FROM wrangler.result_version v
     WHERE v.id = ANY(:ids)
       AND NOT EXISTS (SELECT 1 FROM wrangler.job j WHERE j.id = v.job_id)
       AND NOT EXISTS (SELECT 1 FROM wrangler.result_version o
                        WHERE o.job_id = v.job_id AND o.owner_id = v.owner_id
                          AND o.id <> ALL(:ids))
     ORDER BY v.n"""
_VERSIONS_OF = """
    SELECT r.name || '@' || v.n FROM wrangler.result_version v
      JOIN wrangler.named_result r ON r.id = v.result_id
     WHERE v.source_id = ANY(:ids) AND v.id <> ALL(:ids) AND v.owner_id = :o
     ORDER BY r.name, v.n"""

#: Jobs that imputed later rows by models that no other version keeps.
_JOBS_OF = """
    SELECT DISTINCT j.id, j.created_at FROM wrangler.result_part r
      JOIN wrangler.job_part p
        ON p.owner_id = r.owner_id AND p.recipe_sha = r.sha256
      JOIN wrangler.job j ON j.id = p.job_id AND j.kind = 'transform'
      JOIN wrangler.result_version v ON v.id = r.version_id AND v.job_id <> j.id
     WHERE r.version_id = ANY(:ids) AND r.owner_id = :o AND r.role = 'recipe'
       AND NOT EXISTS (SELECT 1 FROM wrangler.result_part q
                        WHERE q.owner_id = r.owner_id AND q.sha256 = r.sha256
                          AND q.role = 'recipe' AND q.version_id <> ALL(:ids))
     ORDER BY j.created_at DESC, j.id LIMIT :most"""
#: Jobs that are listed at most.
_MOST_JOBS = 100


@dataclass(frozen=True, kw_only=True)
class DeletionOptions:
    """How a deletion is meant."""

    #: Also if something was made of what goes.
    force: bool = False
    #: Only say what would go.
    dry_run: bool = False


@for_owner
def delete_version(
    c: Connection,
    owner: uuid.UUID,
    result_id: uuid.UUID,
    n: int,
    options: DeletionOptions,
) -> ResultDeletion:
    """Delete version `n` of a result; the name goes with the last one.

    Raises
    ------
    ResultInUse
        If something was made of it, unless it is forced.
    """
    _lock(c, owner, result_id)
    return _delete(
        c, owner, result_id, [versions.get(c, owner, result_id, n).n], options
    )


@for_owner
def delete_result(
    c: Connection, owner: uuid.UUID, result_id: uuid.UUID, options: DeletionOptions
) -> ResultDeletion:
    """Delete a name with all its versions.

    Raises
    ------
    ResultInUse
        If something was made of one of them, unless it is forced.
    """
    _lock(c, owner, result_id)
    return _delete(c, owner, result_id, _numbers(c, result_id), options)


def _lock(c: Connection, owner: uuid.UUID, result_id: uuid.UUID) -> None:
    """Hold the name: nobody adds a version meanwhile."""
    c.execute(
        text("""
        SELECT 1 FROM wrangler.named_result
         WHERE id = :r AND owner_id = :o FOR UPDATE"""),
        {"r": result_id, "o": owner},
    )
    versions.name_of(c, owner, result_id)


def _numbers(c: Connection, result_id: uuid.UUID) -> list[int]:
    rows = c.execute(
        text("SELECT n FROM wrangler.result_version WHERE result_id = :r ORDER BY n"),
        {"r": result_id},
    )
    return list(rows.scalars())


def _delete(
    c: Connection,
    owner: uuid.UUID,
    result_id: uuid.UUID,
    numbers: list[int],
    options: DeletionOptions,
) -> ResultDeletion:
    found = _preview(c, owner, result_id, numbers)
    if options.dry_run:
        return found
    if (found.dependent_versions or found.dependent_jobs) and not options.force:
        raise ResultInUse(
            found.name,
            list(found.versions),
            [
                *found.dependent_versions,
                *(f"job {one}" for one in found.dependent_jobs),
            ],
        )
    c.execute(
        text("""
        DELETE FROM wrangler.result_version
         WHERE result_id = :r AND owner_id = :o AND n = ANY(:numbers)"""),
        {"r": result_id, "o": owner, "numbers": numbers},
    )
    if found.whole:
        c.execute(
            text("DELETE FROM wrangler.named_result WHERE id = :r AND owner_id = :o"),
            {"r": result_id, "o": owner},
        )
    audit.note(c, owner, "delete", "result", result_id, details=_label(found))
    return found.model_copy(update={"done": True})


def _label(found: ResultDeletion) -> str:
    if found.whole:
        return f"{found.name}, all of its {len(found.versions)} versions"
    return ", ".join(f"{found.name}@{n}" for n in found.versions)


def _preview(
    c: Connection, owner: uuid.UUID, result_id: uuid.UUID, numbers: list[int]
) -> ResultDeletion:
    """Say what would go, and what was made of it."""
    rows = c.execute(
        text("""
        SELECT id FROM wrangler.result_version
         WHERE result_id = :r AND owner_id = :o AND n = ANY(:numbers)"""),
        {"r": result_id, "o": owner, "numbers": numbers},
    )
    given = {"ids": list(rows.scalars()), "o": owner}
    return ResultDeletion(
        result_id=result_id,
        name=versions.name_of(c, owner, result_id),
        versions=tuple(numbers),
        whole=len(numbers) == len(_numbers(c, result_id)),
        done=False,
        bytes=c.execute(text(_FREED), given).scalar_one(),
        last_copies=tuple(c.execute(text(_LAST), given).scalars()),
        dependent_versions=tuple(c.execute(text(_VERSIONS_OF), given).scalars()),
        dependent_jobs=tuple(
            row.id for row in c.execute(text(_JOBS_OF), given | {"most": _MOST_JOBS})
        ),
    )
