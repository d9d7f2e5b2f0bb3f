"""Saving: a new version of a named result, of a job or of a version that is there.

The bytes are not copied: the version refers to those that the job stored.  A version
gets its number while the row of its name is locked, so that two savers at the same time
number theirs one after the other; numbers of deleted versions are not given again.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from jupyter_wrangler.contract import (
    FINAL,
    Quota,
    ResultVersion,
    SaveRequest,
    spec_class,
)
from jupyter_wrangler.errors import (
    JobNotFound,
    NoResult,
    ResultNotFound,
    ResultNotReady,
    ResultNotSaveable,
)
from jupyter_wrangler.store import models, quotas
from jupyter_wrangler.store.results import versions
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.session import column_values, open_session
from jupyter_wrangler.store.sql import text

#: What a version repeats of the version that it is made of.
_REPEATED = (
    "job_id",
    "job_name",
    "job_state",
    "kind",
    "spec",
    "brief",
    "summary",
    "n_wanted",
    "app_version",
    "input_version_id",
)
#: The bytes of a job, and those of a version, as parts of a version.
_OF_JOB = """
    SELECT 'cells' AS role, k, result_sha AS sha256 FROM wrangler.job_part
     WHERE job_id = :source AND owner_id = :o AND stage = 0
       AND result_sha IS NOT NULL
    UNION ALL
    SELECT 'recipe', k, recipe_sha FROM wrangler.job_part
     WHERE job_id = :source AND owner_id = :o AND stage = 0
       AND result_sha IS NOT NULL AND recipe_sha IS NOT NULL"""
_OF_VERSION = """
    SELECT role, k, sha256 FROM wrangler.result_part
     WHERE version_id = :source AND owner_id = :o"""

_NAMED = (
    select(models.NamedResult)
    .where(models.NamedResult.id == bindparam("id"))
    .options(
        joinedload(models.NamedResult.latest, innerjoin=True).load_only(
            models.ResultVersion.n,
            models.ResultVersion.note,
            models.ResultVersion.job_id,
            models.ResultVersion.job_state,
            raiseload=True,
        )
    )
)


@dataclass(frozen=True, kw_only=True)
class _Source:
    """What is to be saved."""

    id: uuid.UUID
    #: The query of its parts.
    parts: str
    #: What the row of the version takes from it.
    values: dict[str, Any]
    meta_bytes: int


@for_owner
def save(
    c: Connection, owner: uuid.UUID, request: SaveRequest, quota: Quota
) -> tuple[ResultVersion, bool]:
    """Save a result under a name; return the version, and whether it is new.

    The latest version is returned if it holds the same, with the same note: a cell of a
    notebook may run again.  `quota` holds for owners of whom the table of quotas says
    nothing.

    Raises
    ------
    JobNotFound, ResultNotFound
        If what is to be saved is not there.
    ResultNotReady, NoResult, ResultNotSaveable
        If the job has not ended, left nothing, or is of a kind without imputed cells.
    """
    if request.job_id is not None:
        source = _of_job(c, owner, request.job_id)
    else:
        assert request.version_id is not None  # noqa: S101  the request checks it
        source = _of_version(c, owner, request.version_id)
    return _add(c, owner, request.name, request.note, source, quota)


@for_owner
def restore(
    c: Connection, owner: uuid.UUID, result_id: uuid.UUID, n: int, quota: Quota
) -> tuple[ResultVersion, bool]:
    """Make version `n` the newest: a new version that refers to the same bytes.

    The newest version is returned as it is.
    """
    found = versions.get(c, owner, result_id, n)
    if _latest(c, result_id).n == n:
        return found, False
    source = _of_version(c, owner, found.id)
    return _add(c, owner, found.name, found.note, source, quota, anew=True)


def _of_job(c: Connection, owner: uuid.UUID, job_id: uuid.UUID) -> _Source:
    # locked, so that it is neither deleted nor tried again meanwhile
    row = c.execute(
        text("""
        SELECT id, state, kind, name, spec, brief, summary, app_version, meta_bytes,
               input_version_id,
               (SELECT count(*) FROM wrangler.job_part
                 WHERE job_id = j.id AND stage = 0) AS n_wanted
          FROM wrangler.job j WHERE id = :j AND owner_id = :o FOR SHARE"""),
        {"j": job_id, "o": owner},
    ).one_or_none()
    if row is None:
        raise JobNotFound(
            f"There is no job {job_id} of yours whose result could be saved; it was "
            "deleted, or its days were over. Run it again and save the result then."
        )
    if spec_class(row.kind).stores != "cells":
        raise ResultNotSaveable(row.kind)
    if row.state not in FINAL:
        raise ResultNotReady(
            f"Job {job_id} is {row.state}; its result can be saved when it has ended. "
            "Wait with job.result()."
        )
    values = {
        "job_id": row.id,
        "job_name": row.name,
        "job_state": row.state,
        "kind": row.kind,
        "spec": row.spec,
        "brief": row.brief,
        "summary": row.summary,
        "n_wanted": row.n_wanted,
        "app_version": row.app_version,
        "input_version_id": row.input_version_id,
    }
    source = _Source(id=row.id, parts=_OF_JOB, values=values, meta_bytes=row.meta_bytes)
    if not any(role == "cells" for role, _, _ in _parts(c, owner, source)):
        raise NoResult(str(job_id), row.state, None)
    return source


def _of_version(c: Connection, owner: uuid.UUID, version_id: uuid.UUID) -> _Source:
    query = (
        select(models.ResultVersion, models.NamedResult.name)
        .join(models.ResultVersion.named)
        .where(
            models.ResultVersion.id == version_id,
            models.ResultVersion.owner_id == owner,
        )
        .with_for_update(read=True, of=models.ResultVersion)
    )
    with open_session(c) as session:
        row = session.execute(query).one_or_none()
        if row is None:
            raise ResultNotFound(
                f"There is no version {version_id} of a result of yours that could be "
                "saved again; it was deleted. jw.results() lists what there is."
            )
        version: models.ResultVersion = row.ResultVersion
        values = {name: getattr(version, name) for name in _REPEATED}
        label = f"{row.name}@{version.n}"
        noted = len((version.note or "").encode())
        return _Source(
            id=version.id,
            parts=_OF_VERSION,
            values=values | {"source_id": version.id, "source": label},
            meta_bytes=version.meta_bytes - noted,
        )


def _add(
    c: Connection,
    owner: uuid.UUID,
    name: str,
    note: str | None,
    source: _Source,
    quota: Quota,
    *,
    anew: bool = False,
) -> tuple[ResultVersion, bool]:
    with open_session(c) as session:
        named = _lock_named(session, models.NamedResult(owner_id=owner, name=name))
        result_id, last_n = named.id, named.last_n
    if not anew:
        same = _same_as_latest(c, owner, result_id, last_n, note, source)
        if same is not None:
            return versions.get(c, owner, result_id, same), False
    size = source.meta_bytes + len((note or "").encode())
    quotas.admit_result(c, owner, size, quota)
    with open_session(c) as session:
        named = session.get_one(models.NamedResult, result_id)
        named.last_n = last_n + 1
        version = models.ResultVersion(
            result_id=result_id,
            owner_id=owner,
            n=last_n + 1,
            note=note,
            meta_bytes=size,
            **source.values,
        )
        session.add(version)
        session.flush()
        version_id = version.id
    c.execute(
        text(f"""
        INSERT INTO wrangler.result_part (version_id, owner_id, role, k, sha256)
        SELECT :v, :o, role, k, sha256 FROM ({source.parts}) AS part"""),
        {"v": version_id, "o": owner, "source": source.id},
    )
    return versions.get(c, owner, result_id, last_n + 1), True


def _lock_named(session: Session, named: models.NamedResult) -> models.NamedResult:
    """Insert a named result, or find the one of its name; its row is locked."""
    upsert = insert(models.NamedResult).values(column_values(named))
    return session.scalars(
        upsert.on_conflict_do_update(
            index_elements=["owner_id", "name"], set_={"name": upsert.excluded.name}
        ).returning(models.NamedResult)
    ).one()


def _same_as_latest(
    c: Connection,
    owner: uuid.UUID,
    result_id: uuid.UUID,
    last_n: int,
    note: str | None,
    source: _Source,
) -> int | None:
    """Return the number of the latest version if it holds just this."""
    latest = _latest(c, result_id) if last_n else None
    values = source.values
    if (
        latest is None
        or (latest.job_id, latest.job_state) != (values["job_id"], values["job_state"])
        or note not in {None, latest.note}
    ):
        return None
    there = _Source(id=latest.id, parts=_OF_VERSION, values={}, meta_bytes=0)
    if _parts(c, owner, there) != _parts(c, owner, source):
        return None
    return int(latest.n)


def _latest(c: Connection, result_id: uuid.UUID) -> models.ResultVersion:
    """Return the version with the highest number, without spec and summary."""
    with open_session(c) as session:
        return session.scalars(_NAMED, {"id": result_id}).one().latest


def _parts(
    c: Connection, owner: uuid.UUID, source: _Source
) -> set[tuple[str, int, bytes]]:
    rows = c.execute(text(source.parts), {"source": source.id, "o": owner})
    return {(row.role, row.k, bytes(row.sha256)) for row in rows}
