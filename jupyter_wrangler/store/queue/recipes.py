"""Recipes: the fitted models that the parts of a job have kept, or impute by."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection

from jupyter_wrangler.contract import (
    ImputationSummary,
    PartResult,
    RecipeColumn,
    RecipeFile,
    RecipeManifest,
)
from jupyter_wrangler.contract.imputation_spec import ImputationSpec
from jupyter_wrangler.contract.specs import spec_class
from jupyter_wrangler.errors import NoRecipe, ResultNotReady
from jupyter_wrangler.store import datasets
from jupyter_wrangler.store.queue import job_results, jobs
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.sql import text
from jupyter_wrangler.store.uploads import Stored

_DO = (
    "Fit jw.Imputer with the same settings yourself and call its transform, or submit "
    "the job again with keep_models=True."
)


@for_owner
def manifest(c: Connection, owner: uuid.UUID, job_id: uuid.UUID) -> RecipeManifest:
    """Describe the models of a job.

    Raises
    ------
    NoRecipe
        If it has none; says why.
    ResultNotReady
        If no part of it has ended yet.
    """
    job = jobs.get(c, owner, job_id)
    if spec_class(job.kind).stores != "cells":
        raise NoRecipe(
            f"Job {job_id} is a {job.kind}, which fits no models for later rows; an "
            "imputation does."
        )
    parts = [part for part, _ in job_results.results(c, owner, job_id)]
    kept = tuple(
        RecipeFile(imputation=p.imputation, sha256=p.recipe.sha256, size=p.recipe.size)
        for p in parts
        if p.recipe is not None
    )
    if not parts and not job.final:
        raise ResultNotReady(
            f"Job {job_id} is {job.state}; its models come when an imputation has "
            "finished."
        )
    if not kept:
        raise NoRecipe(why_none(parts))
    version = datasets.version(c, owner, job.dataset_version_id)
    done = (
        {column.name: column for column in job.summary.columns}
        if isinstance(job.summary, ImputationSummary)
        else {}
    )
    return RecipeManifest(
        job_id=job_id,
        engine_version=_engine_version(c, job_id),
        method=job.spec.method if isinstance(job.spec, ImputationSpec) else None,
        columns=tuple(
            RecipeColumn(
                name=column.name,
                dtype=column.dtype,
                level=done[column.name].level if column.name in done else None,
                method=done[column.name].method if column.name in done else None,
            )
            for column in version.columns
        ),
        parts=kept,
    )


def why_none(parts: list[PartResult]) -> str:
    """Say why no part has kept its models."""
    notes = [part.recipe_note for part in parts if part.recipe_note]
    if not parts:
        return f"The job has finished no imputation, so there are no models. {_DO}"
    return f"The models of this job were not kept. {notes[0] if notes else _DO}"


@for_owner
def part(c: Connection, owner: uuid.UUID, job_id: uuid.UUID, k: int) -> Stored | None:
    """Say where the models of one imputation lie; None if there are none."""
    row = c.execute(
        text("""
        SELECT b.store_key, b.size FROM wrangler.job_part p
          JOIN wrangler.blob b ON b.owner_id = p.owner_id AND b.sha256 = p.recipe_sha
         WHERE p.job_id = :j AND p.owner_id = :o AND p.stage = 0 AND p.k = :k
               AND p.state = 'succeeded'"""),
        {"j": job_id, "o": owner, "k": k},
    ).one_or_none()
    if row is None:
        return None
    return Stored(key=row.store_key, size=row.size, form="recipe")


@for_owner
def unknown(c: Connection, owner: uuid.UUID, digests: list[bytes]) -> list[bytes]:
    """Return those of the digests that no imputation of this owner has kept.

    Bytes that were uploaded are none: only what a job has fitted is ever read.  The
    others are held until the transaction ends, so that none is cleared away before a
    part refers to it.
    """
    rows = c.execute(
        text("""
        SELECT sha256 FROM wrangler.blob b
         WHERE owner_id = :o AND sha256 = ANY(:d)
               AND EXISTS (SELECT 1 FROM wrangler.job_part p
                            WHERE p.owner_id = :o AND p.recipe_sha = b.sha256
                           UNION ALL
                           SELECT 1 FROM wrangler.result_part r
                            WHERE r.owner_id = :o AND r.sha256 = b.sha256
                                  AND r.role = 'recipe')
         ORDER BY sha256 FOR KEY SHARE"""),
        {"o": owner, "d": digests},
    )
    known = {bytes(row.sha256) for row in rows}
    return [digest for digest in digests if digest not in known]


def _engine_version(c: Connection, job_id: uuid.UUID) -> str:
    found: str = c.execute(
        text("SELECT app_version FROM wrangler.job WHERE id = :j"), {"j": job_id}
    ).scalar_one()
    return found
