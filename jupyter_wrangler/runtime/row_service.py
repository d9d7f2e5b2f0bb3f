"""The job_service's verbs for pages of rows: of data sets, and of completed data."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_wrangler._version import __version__
from jupyter_wrangler.contract import (
    FINAL,
    DatasetVersion,
    PartResult,
    RowPage,
    RowQuestion,
    spec_class,
)
from jupyter_wrangler.errors import Conflict, NotFound, ResultNotReady
from jupyter_wrangler.runtime.result_service import ResultService
from jupyter_wrangler.runtime.row_reader import RowReader
from jupyter_wrangler.store import datasets, quotas
from jupyter_wrangler.store.page_cache import PageCache
from jupyter_wrangler.store.queue import job_results, jobs
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.uploads import Stored

if TYPE_CHECKING:
    from sqlalchemy import Connection

Imputed = tuple[PartResult, Stored]


class RowService(ResultService):
    """Pages of rows, each computed once for all who look."""

    rows: RowReader
    pages: PageCache

    async def data_rows(
        self, owner: uuid.UUID, version_id: uuid.UUID, asked: RowQuestion
    ) -> RowPage:
        """Return a page of a data set as it was handed in."""
        version = await self.version(owner, version_id)
        return await self._page(owner, version, None, asked)

    async def result_rows(
        self, owner: uuid.UUID, job_id: uuid.UUID, asked: RowQuestion
    ) -> RowPage:
        """Return a page of completed data, with the imputed cells marked.

        Raises
        ------
        ResultNotReady
            If the job has not ended.
        NotFound
            If it has not finished that imputation.
        Conflict
            If it is no imputation.
        """
        version, parts = await self.database.run(_result_parts, owner, job_id)
        return await self._page(owner, version, _chosen(parts, asked, job_id), asked)

    async def _page(
        self,
        owner: uuid.UUID,
        version: DatasetVersion,
        imputed: Imputed | None,
        asked: RowQuestion,
    ) -> RowPage:
        follows_from = {
            "app": __version__,
            "data": version.sha256,
            "cells": None if imputed is None else imputed[0].sha256,
            "question": asked.model_dump(mode="json"),
        }

        async def compute() -> bytes:
            data = await self.content(owner, version)
            keys = [data.key, *([imputed[1].key] if imputed else [])]
            page = await self._read_rows(owner, keys, asked)
            return page.model_dump_json().encode()

        found = await self.pages.get(owner, follows_from, compute)
        return RowPage.model_validate_json(found)

    async def _read_rows(
        self, owner: uuid.UUID, keys: list[str], asked: RowQuestion
    ) -> RowPage:
        quota = await self.database.run(quotas.effective, owner, self.quota)
        names = [uuid.uuid4() for _ in keys]
        paths: list[Path] = []
        try:
            for key, name in zip(keys, names, strict=True):
                # what lies in a bucket is fetched: the reader has no credentials
                paths.append(await asyncio.to_thread(self.blobs.local, key, name))
            return await self.rows.read(
                str(paths[0]),
                str(paths[1]) if len(paths) > 1 else None,
                asked,
                max_cells=self.limits(quota).max_cells,
            )
        finally:
            for name in names:
                self.blobs.staging.discard(name)


@for_owner
def _result_parts(
    c: Connection, owner: uuid.UUID, job_id: uuid.UUID
) -> tuple[DatasetVersion, list[Imputed]]:
    job = jobs.get(c, owner, job_id)
    if spec_class(job.kind).stores != "cells":
        raise Conflict(
            f"Job {job_id} is a {job.kind} and has no rows; "
            f"GET /jobs/{job_id}/document gives its document."
        )
    if job.state not in FINAL:
        raise ResultNotReady(
            f"Job {job_id} is {job.state}; its rows come when it has ended."
        )
    version = datasets.version(c, owner, job.dataset_version_id)
    return version, job_results.results(c, owner, job_id)


def _chosen(parts: list[Imputed], asked: RowQuestion, job_id: uuid.UUID) -> Imputed:
    for part, stored in parts:
        if part.imputation == asked.imputation:
            return part, stored
    there = ", ".join(str(part.imputation) for part, _ in parts) or "none"
    raise NotFound(
        f"Job {job_id} has no finished imputation {asked.imputation}; there is: "
        f"{there} (counted from 0)."
    )
