"""Versions of named results as their owner sees them.

Lists are SQL: of each version PostgreSQL counts the parts and sums the bytes, and says
whether its job is still there.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.orm import joinedload

from jupyter_wrangler.contract import (
    DatasetVersion,
    PartResult,
    RecipePart,
    ResultVersion,
    ResultVersionPage,
)
from jupyter_wrangler.errors import ResultNotFound
from jupyter_wrangler.store import datasets, models
from jupyter_wrangler.store.paging import next_key
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.session import open_session
from jupyter_wrangler.store.sql import text
from jupyter_wrangler.store.uploads import Stored

_HEAD = """
    SELECT v.id, v.result_id, r.name, v.n, v.note, v.created_at, v.job_id, v.job_name,
           v.job_state AS state, v.kind, v.n_wanted, v.source, v.app_version, v.brief,
           v.input_version_id AS dataset_version_id, d.name AS dataset_name,
           i.n_rows, i.n_columns, p.n_imputations, p.recipes,
           EXISTS (SELECT 1 FROM wrangler.job j
                    WHERE j.id = v.job_id AND j.owner_id = v.owner_id) AS job_exists,
           (p.bytes + b.size)::bigint AS size"""
_FROM = """
      FROM wrangler.result_version v
      JOIN wrangler.named_result r ON r.id = v.result_id
      JOIN wrangler.dataset_version i ON i.id = v.input_version_id
      JOIN wrangler.dataset d ON d.id = i.dataset_id
      JOIN wrangler.blob b ON b.owner_id = i.owner_id AND b.sha256 = i.blob_sha
      JOIN LATERAL (
           SELECT coalesce(sum(cells), 0)::int AS n_imputations,
                  coalesce(sum(recipes), 0)::int AS recipes,
                  coalesce(sum(size), 0) AS bytes
             FROM (SELECT count(*) FILTER (WHERE q.role = 'cells') AS cells,
                          count(*) FILTER (WHERE q.role = 'recipe') AS recipes,
                          max(o.size) AS size
                     FROM wrangler.result_part q
                     JOIN wrangler.blob o
                       ON o.owner_id = q.owner_id AND o.sha256 = q.sha256
                    WHERE q.version_id = v.id GROUP BY q.sha256) AS each) p ON true
     WHERE v.owner_id = :o """
_LISTED = _HEAD + _FROM
_WHOLE = f"{_HEAD}, v.spec{_FROM}"
_PARTS = (
    select(models.ResultPart)
    .where(
        models.ResultPart.version_id == bindparam("version"),
        models.ResultPart.owner_id == bindparam("owner"),
        models.ResultPart.role == bindparam("role"),
    )
    .options(joinedload(models.ResultPart.blob, innerjoin=True))
    .order_by(models.ResultPart.k)
)
#: Numbers of versions that a message lists.
_FEW = 10


@dataclass(frozen=True, kw_only=True)
class Kept:
    """All that a version holds, and where its bytes lie."""

    version: ResultVersion
    dataset: DatasetVersion
    summary: dict[str, Any] | None
    cells: list[tuple[PartResult, Stored]]


def version_view(row: Row[Any]) -> ResultVersion:
    """Make the view of a row of these queries."""
    brief: dict[str, Any] = row.brief
    methods = {brief.get("method"), *brief.get("methods", {}).values()}
    return ResultVersion(
        id=row.id,
        result_id=row.result_id,
        name=row.name,
        n=row.n,
        note=row.note,
        created_at=row.created_at,
        job_id=row.job_id,
        job_exists=row.job_exists,
        job_name=row.job_name,
        kind=row.kind,
        state=row.state,
        # a job that was told to finish early has succeeded, with fewer
        partial=row.state != "succeeded" or row.n_imputations < row.n_wanted,
        n_imputations=row.n_imputations,
        n_wanted=row.n_wanted,
        recipes=row.recipes,
        dataset_version_id=row.dataset_version_id,
        dataset_name=row.dataset_name,
        n_rows=row.n_rows,
        n_columns=row.n_columns,
        methods=tuple(sorted(filter(None, methods))),
        random_state=brief.get("random_state"),
        size=row.size,
        source=row.source,
        app_version=row.app_version,
        spec=row._mapping.get("spec"),  # noqa: SLF001  SQLAlchemy's name for it
    )


def latest_of(
    c: Connection, owner: uuid.UUID, results: Iterable[uuid.UUID]
) -> dict[uuid.UUID, ResultVersion]:
    """Return the latest version of each of some results, without specs."""
    rows = c.execute(
        text(f"""{_LISTED} AND v.result_id = ANY(:ids)
                   AND v.n = (SELECT max(n) FROM wrangler.result_version
                               WHERE result_id = v.result_id)"""),
        {"o": owner, "ids": list(results)},
    )
    return {row.result_id: version_view(row) for row in rows}


@for_owner
def get(c: Connection, owner: uuid.UUID, result_id: uuid.UUID, n: int) -> ResultVersion:
    """Return version `n` of a result, with its spec.

    Raises
    ------
    ResultNotFound
        If there is none; says which there are.
    """
    row = c.execute(
        text(f"{_WHOLE} AND v.result_id = :r AND v.n = :n"),
        {"o": owner, "r": result_id, "n": n},
    ).one_or_none()
    if row is None:
        raise _missing_version(c, owner, result_id, n)
    return version_view(row)


@for_owner
def by_id(c: Connection, owner: uuid.UUID, version_id: uuid.UUID) -> ResultVersion:
    """Return a version by its own id, with its spec."""
    row = c.execute(
        text(f"{_WHOLE} AND v.id = :v"), {"o": owner, "v": version_id}
    ).one_or_none()
    if row is None:
        raise ResultNotFound(
            f"There is no version {version_id} of a result of yours; jw.results() "
            "lists them."
        )
    return version_view(row)


@for_owner
def page(
    c: Connection,
    owner: uuid.UUID,
    result_id: uuid.UUID,
    *,
    after: int | None,
    limit: int,
) -> ResultVersionPage:
    """List the versions of a result, newest first, from the number `after`."""
    rows = c.execute(
        text(f"""{_LISTED} AND v.result_id = :r AND v.n < :after
                 ORDER BY v.n DESC LIMIT :limit"""),
        {"o": owner, "r": result_id, "after": after or 2**31 - 1, "limit": limit + 1},
    ).all()
    if not rows:
        name_of(c, owner, result_id)
    items = tuple(version_view(row) for row in rows[:limit])
    return ResultVersionPage(items=items, next=next_key(items, rows, key="n"))


@for_owner
def annotate(
    c: Connection, owner: uuid.UUID, result_id: uuid.UUID, n: int, note: str | None
) -> ResultVersion:
    """Change the note of a version, or remove it."""
    c.execute(
        text("""
        UPDATE wrangler.result_version
           SET note = :note,
               meta_bytes = meta_bytes - coalesce(octet_length(note), 0)
                            + coalesce(octet_length(:note), 0)
         WHERE owner_id = :o AND result_id = :r AND n = :n"""),
        {"o": owner, "r": result_id, "n": n, "note": note},
    )
    return get(c, owner, result_id, n)


@for_owner
def kept(c: Connection, owner: uuid.UUID, result_id: uuid.UUID, n: int) -> Kept:
    """Return all that a version holds."""
    version = get(c, owner, result_id, n)
    summary = c.execute(
        text("SELECT summary FROM wrangler.result_version WHERE id = :v"),
        {"v": version.id},
    ).scalar_one()
    return Kept(
        version=version,
        dataset=datasets.version(c, owner, version.dataset_version_id),
        summary=summary,
        cells=_with_recipes(
            parts_of(c, owner, version.id, role="cells"),
            parts_of(c, owner, version.id, role="recipe"),
        ),
    )


def _with_recipes(
    cells: list[tuple[PartResult, Stored]], recipes: list[tuple[PartResult, Stored]]
) -> list[tuple[PartResult, Stored]]:
    """Say of each imputation which models were kept with it."""
    found = {
        part.imputation: RecipePart(sha256=part.sha256, size=part.size)
        for part, _ in recipes
    }
    return [
        (part.model_copy(update={"recipe": found.get(part.imputation)}), stored)
        for part, stored in cells
    ]


@for_owner
def parts_of(
    c: Connection, owner: uuid.UUID, version_id: uuid.UUID, *, role: str
) -> list[tuple[PartResult, Stored]]:
    """List what a version keeps of one role, by imputation, and where it lies."""
    given = {"version": version_id, "owner": owner, "role": role}
    with open_session(c) as session:
        return [
            (
                PartResult(
                    imputation=part.k, sha256=part.sha256.hex(), size=part.blob.size
                ),
                Stored(
                    key=part.blob.store_key, size=part.blob.size, form=part.blob.format
                ),
            )
            for part in session.scalars(_PARTS, given)
        ]


@for_owner
def name_of(c: Connection, owner: uuid.UUID, result_id: uuid.UUID) -> str:
    """Return the name of a result.

    Raises
    ------
    ResultNotFound
        If there is none with this id.
    """
    name: str | None = c.execute(
        text("SELECT name FROM wrangler.named_result WHERE id = :r AND owner_id = :o"),
        {"r": result_id, "o": owner},
    ).scalar_one_or_none()
    if name is None:
        raise missing_result(result_id)
    return name


def missing_result(result_id: uuid.UUID) -> ResultNotFound:
    """Return the error that there is no result with this id."""
    return ResultNotFound(
        f"There is no saved result {result_id} of yours; jw.results() lists them."
    )


def _missing_version(
    c: Connection, owner: uuid.UUID, result_id: uuid.UUID, n: int
) -> ResultNotFound:
    name = name_of(c, owner, result_id)
    numbers = c.execute(
        text("""
        SELECT n FROM wrangler.result_version
         WHERE result_id = :r AND owner_id = :o ORDER BY n DESC LIMIT :few"""),
        {"r": result_id, "o": owner, "few": _FEW + 1},
    ).scalars()
    found = list(numbers)
    more = "older ones, " if len(found) > _FEW else ""
    listed = more + ", ".join(map(str, reversed(found[:_FEW])))
    return ResultNotFound(
        f"There is no version {n} of the result {name!r}; there is: {listed}."
    )
