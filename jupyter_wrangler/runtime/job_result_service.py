"""The job_service's verbs for what a job has left: results, models, documents."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from jupyter_wrangler.contract import (
    FINAL,
    DatasetVersion,
    Job,
    PartResult,
    RecipeManifest,
    ResultManifest,
    spec_class,
)
from jupyter_wrangler.errors import NoResult, NotFound, ResultNotReady, listed
from jupyter_wrangler.runtime.why_service import WhyService
from jupyter_wrangler.store import datasets, uploads
from jupyter_wrangler.store.queue import job_results, jobs, recipes
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.uploads import Stored

if TYPE_CHECKING:
    from sqlalchemy import Connection


class JobResultService(WhyService):
    """What a job has left, and where its bytes lie."""

    async def result(self, owner: uuid.UUID, job_id: uuid.UUID) -> ResultManifest:
        """Return what a finished job left; partial for one that was cut short."""
        job, found, version = await self.database.run(_result_rows, owner, job_id)
        early = spec_class(job.kind).shows_parts_early
        if job.state not in FINAL and not early:
            raise ResultNotReady(
                f"Job {job_id} is {job.state}; its result comes when it has finished. "
                "Wait with job.result()."
            )
        if job.state in FINAL - {"succeeded"} and not found:
            raise _no_result(job)
        return ResultManifest(
            job_id=job.id,
            state=job.state,
            partial=job.partial or job.state != "succeeded",
            dataset_version=version,
            imputations=await self._with_data(found),
            summary=job.summary,
        )

    async def part(self, owner: uuid.UUID, job_id: uuid.UUID, k: int) -> Stored:
        """Say where lies what one part has stored."""
        found = await self.database.run(_stored_part, owner, job_id, k)
        if found is None:
            raise NotFound(
                f"Job {job_id} has no part {k}; "
                f"GET /jobs/{job_id}/result lists those it has."
            )
        return found

    async def recipe(self, owner: uuid.UUID, job_id: uuid.UUID) -> RecipeManifest:
        """Describe the fitted models of a job."""
        return await self.database.run(recipes.manifest, owner, job_id)

    async def recipe_part(self, owner: uuid.UUID, job_id: uuid.UUID, k: int) -> Stored:
        """Say where the fitted models of one imputation lie."""
        found = await self.database.run(recipes.part, owner, job_id, k)
        if found is None:
            # says why, if the job has no models at all
            there = await self.recipe(owner, job_id)
            raise NotFound(
                f"Job {job_id} has kept no models of imputation {k}; it has those of "
                f"{listed(one.imputation for one in there.parts)}."
            )
        return found

    async def document(self, owner: uuid.UUID, job_id: uuid.UUID) -> Stored:
        """Say where lies the document that a look at the data has left."""
        job = await self.database.run(jobs.get, owner, job_id)
        sha = await self.database.run(job_results.document, owner, job_id)
        if sha is None and job.state in FINAL - {"succeeded"}:
            raise _no_result(job)
        if sha is None:
            raise ResultNotReady(
                f"Job {job_id} ({job.kind}) is {job.state} and has no document; a "
                "profile, a correlation or a comparison has one when it has succeeded. "
                f"GET /jobs/{job_id}/result lists what there is."
            )
        return await self.database.run(uploads.find, owner, sha)


def _no_result(job: Job) -> NoResult:
    """Say that a job left nothing; its own error is inside, and not the answer's."""
    error = None if job.error is None else job.error.model_dump(mode="json")
    return NoResult(str(job.id), job.state, error)


# What one answer needs comes in one transaction: each costs milliseconds.


@for_owner
def _result_rows(
    c: Connection, owner: uuid.UUID, job_id: uuid.UUID
) -> tuple[Job, list[tuple[PartResult, Stored]], DatasetVersion]:
    job = jobs.get(c, owner, job_id)
    version = datasets.version(c, owner, job.dataset_version_id)
    return job, job_results.results(c, owner, job_id), version


@for_owner
def _stored_part(
    c: Connection, owner: uuid.UUID, job_id: uuid.UUID, k: int
) -> Stored | None:
    for part, stored in job_results.results(c, owner, job_id):
        if part.imputation == k:
            return stored
    # says so if there is no such job
    jobs.get(c, owner, job_id)
    return None
