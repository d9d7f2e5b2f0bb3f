"""Jobs: submit, look up, list, cancel, fetch, forget."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from fastapi import Path, Query, Response
from fastapi.responses import FileResponse, StreamingResponse

from jupyter_wrangler.client.views.card import static_bundle
from jupyter_wrangler.contract import (
    ExportFormat,
    Job,
    JobCard,
    JobChange,
    JobEventPage,
    JobPage,
    JobPartPage,
    JobRequest,
    JobState,
    RecipeManifest,
    ResultManifest,
    RowPage,
    Sha256,
    WhyDocument,
)
from jupyter_wrangler.service import bodies
from jupyter_wrangler.service.blob_response import exported, stored
from jupyter_wrangler.service.context import (
    LongPageSize,
    Owner,
    PageSize,
    TheJobService,
)
from jupyter_wrangler.service.row_question import Rows, Why

router = bodies.router(prefix="/jobs", tags=["jobs"])


@router.post("", status_code=202, responses={200: {"model": Job}})
async def submit(
    body: JobRequest, owner: Owner, job_service: TheJobService, response: Response
) -> Job:
    """Accept a job (202), or return the identical one that exists (200)."""
    job, new = await job_service.submit(owner, body)
    response.status_code = 202 if new else 200
    return job


@router.get("")
async def page(
    owner: Owner,
    job_service: TheJobService,
    after: uuid.UUID | None = None,
    limit: PageSize = 50,
    state: JobState | None = None,
    data_sha256: Sha256 | None = None,
) -> JobPage:
    """List jobs, newest first; with `data_sha256` those on data of this digest."""
    return await job_service.jobs(
        owner, after=after, limit=limit, state=state, data_sha256=data_sha256
    )


@router.get("/{job_id}")
async def get(job_id: uuid.UUID, owner: Owner, job_service: TheJobService) -> Job:
    """Return a job with its progress and summary."""
    return await job_service.job(owner, job_id)


@router.patch("/{job_id}")
async def change(
    job_id: uuid.UUID, body: JobChange, owner: Owner, job_service: TheJobService
) -> Job:
    """Rename a job, or change the priority of one that has not ended."""
    return await job_service.change(owner, job_id, body)


@router.delete("/{job_id}", status_code=204, response_model=None)
async def delete(job_id: uuid.UUID, owner: Owner, job_service: TheJobService) -> None:
    """Delete a finished job."""
    await job_service.delete(owner, job_id)


@router.post("/{job_id}/cancel", status_code=202)
async def cancel(job_id: uuid.UUID, owner: Owner, job_service: TheJobService) -> Job:
    """Cancel a job; after this answer it never succeeds."""
    return await job_service.cancel(owner, job_id)


@router.post("/{job_id}/finish", status_code=202)
async def finish(job_id: uuid.UUID, owner: Owner, job_service: TheJobService) -> Job:
    """Stop what runs and waits; the job succeeds with the parts that are done."""
    return await job_service.finish(owner, job_id)


@router.post("/{job_id}/retry", status_code=202)
async def retry(job_id: uuid.UUID, owner: Owner, job_service: TheJobService) -> Job:
    """Try the parts of an ended job again that have no result."""
    return await job_service.retry(owner, job_id)


@router.get("/{job_id}/card")
async def card(job_id: uuid.UUID, owner: Owner, job_service: TheJobService) -> JobCard:
    """Return a job as a notebook stores it: a dated snapshot, HTML and text."""
    job = await job_service.job(owner, job_id)
    return JobCard(data=static_bundle(job, dt.datetime.now(dt.UTC)))


@router.get("/{job_id}/events")
async def events(
    job_id: uuid.UUID,
    owner: Owner,
    job_service: TheJobService,
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    limit: LongPageSize = 200,
) -> JobEventPage:
    """List what happened to a job, oldest first."""
    return await job_service.list_events(owner, job_id, after=after, limit=limit)


@router.get("/{job_id}/parts")
async def parts(
    job_id: uuid.UUID,
    owner: Owner,
    job_service: TheJobService,
    after: Annotated[str | None, Query(pattern="^[0-9]{1,4}-[0-9]{1,9}$")] = None,
    limit: LongPageSize = 200,
) -> JobPartPage:
    """List the parts of a job, by stage and number."""
    return await job_service.parts(owner, job_id, after=after, limit=limit)


@router.get("/{job_id}/result")
async def result(
    job_id: uuid.UUID, owner: Owner, job_service: TheJobService
) -> ResultManifest:
    """Return what a finished job left."""
    return await job_service.result(owner, job_id)


@router.get("/{job_id}/result/rows")
async def result_rows(
    job_id: uuid.UUID,
    asked: Rows,
    owner: Owner,
    job_service: TheJobService,
    imputation: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> RowPage:
    """Return a page of the completed rows, with the imputed cells marked."""
    asked = asked.model_copy(update={"imputation": imputation})
    return await job_service.result_rows(owner, job_id, asked)


@router.get("/{job_id}/result/why")
async def why(
    job_id: uuid.UUID, asked: Why, owner: Owner, job_service: TheJobService
) -> WhyDocument:
    """Tell why one cell holds its value: draws, range, donors, predictors."""
    return await job_service.result_why(owner, job_id, asked)


@router.get("/{job_id}/result/export", response_class=FileResponse)
async def export(
    job_id: uuid.UUID,
    owner: Owner,
    job_service: TheJobService,
    imputation: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    form: Annotated[ExportFormat, Query(alias="format")] = "csv",
) -> FileResponse:
    """Return a completed data set as a file; CSV holds no text that runs as formula."""
    path = await job_service.export(owner, job_id, imputation, form)
    return exported(path, form, f"{job_id}-{imputation}")


@router.get("/{job_id}/result/{imputation}", response_class=StreamingResponse)
async def part_result(
    job_id: uuid.UUID,
    imputation: Annotated[int, Path(ge=0)],
    owner: Owner,
    job_service: TheJobService,
) -> StreamingResponse:
    """Return what one part has stored: imputed cells as Parquet, scores as JSON."""
    found = await job_service.part(owner, job_id, imputation)
    return await stored(job_service, found, f"{job_id}-{imputation}")


@router.get("/{job_id}/recipe")
async def recipe(
    job_id: uuid.UUID, owner: Owner, job_service: TheJobService
) -> RecipeManifest:
    """Describe the fitted models that a job has kept for later rows."""
    return await job_service.recipe(owner, job_id)


@router.get("/{job_id}/recipe/{imputation}", response_class=StreamingResponse)
async def recipe_part(
    job_id: uuid.UUID,
    imputation: Annotated[int, Path(ge=0)],
    owner: Owner,
    job_service: TheJobService,
) -> StreamingResponse:
    """Return the fitted models of one imputation, which `jw.load_imputer` reads."""
    found = await job_service.recipe_part(owner, job_id, imputation)
    return await stored(job_service, found, f"{job_id}-{imputation}")


@router.get("/{job_id}/document", response_class=StreamingResponse)
async def document(
    job_id: uuid.UUID, owner: Owner, job_service: TheJobService
) -> StreamingResponse:
    """Return the document of a profile, a correlation or a comparison, as JSON."""
    return await stored(
        job_service, await job_service.document(owner, job_id), str(job_id)
    )
