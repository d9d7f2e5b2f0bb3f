"""The job_service's verbs for pages of rows: of data sets, and of completed data."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

from jupyter_wrangler._version import __version__
from jupyter_wrangler.contract import (
    DatasetVersion,
    ExportFormat,
    RowPage,
    RowQuestion,
)
from jupyter_wrangler.runtime import completed
from jupyter_wrangler.runtime.completed import Completed, Imputed
from jupyter_wrangler.runtime.result_service import ResultService
from jupyter_wrangler.runtime.row_reader import RowReader
from jupyter_wrangler.store import quotas
from jupyter_wrangler.store.page_cache import PageCache


class RowService(ResultService):
    """Pages of rows, each computed once for all who look."""

    rows: RowReader
    #: Of its own, so that nobody waits for a page while a file is written.
    exporter: RowReader
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
        found = await self.database.run(completed.of_job, owner, job_id)
        return await self._page(
            owner, found.data, found.chosen(asked.imputation), asked
        )

    async def saved_rows(
        self, owner: uuid.UUID, result_id: uuid.UUID, n: int, asked: RowQuestion
    ) -> RowPage:
        """Return a page of the completed data of a saved version.

        Whatever became of its job: the same rows of both are the same page.

        Raises
        ------
        NotFound
            If it has no such imputation.
        """
        found = await self.database.run(completed.of_version, owner, result_id, n)
        return await self._page(
            owner, found.data, found.chosen(asked.imputation), asked
        )

    async def export(
        self, owner: uuid.UUID, job_id: uuid.UUID, imputation: int, form: ExportFormat
    ) -> Path:
        """Write a completed data set to a file that the caller removes.

        Raises
        ------
        ResultNotReady, NotFound, Conflict
            As `result_rows` does.
        InvalidSpec
            If the data do not fit into such a file.
        """
        found = await self.database.run(completed.of_job, owner, job_id)
        return await self._export(owner, found, imputation, form)

    async def saved_export(
        self,
        owner: uuid.UUID,
        result_id: uuid.UUID,
        n: int,
        imputation: int,
        form: ExportFormat,
    ) -> Path:
        """Write a completed data set of a saved version to a file; see `export`.

        Whatever became of its job.
        """
        found = await self.database.run(completed.of_version, owner, result_id, n)
        return await self._export(owner, found, imputation, form)

    async def _export(
        self, owner: uuid.UUID, found: Completed, imputation: int, form: ExportFormat
    ) -> Path:
        _, cells = found.chosen(imputation)
        data = await self.content(owner, found.data)
        goal = self.blobs.staging.path(uuid.uuid4())
        try:
            async with self._local(data.key, cells.key) as paths:
                await self.exporter.export(
                    paths[0],
                    paths[1],
                    form,
                    str(goal),
                    max_cells=await self._max_cells(owner),
                )
        except BaseException:
            goal.unlink(missing_ok=True)
            raise
        return goal

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
        async with self._local(*keys) as paths:
            return await self.rows.read(
                paths[0],
                paths[1] if len(paths) > 1 else None,
                asked,
                max_cells=await self._max_cells(owner),
            )

    async def _max_cells(self, owner: uuid.UUID) -> int:
        quota = await self.database.run(quotas.effective, owner, self.quota)
        return self.limits(quota).max_cells

    @contextlib.asynccontextmanager
    async def _local(self, *keys: str) -> AsyncIterator[list[str]]:
        """Give stored bytes as files: a reader has no credentials of a bucket."""
        names = [uuid.uuid4() for _ in keys]
        paths: list[str] = []
        try:
            for key, name in zip(keys, names, strict=True):
                paths.append(str(await asyncio.to_thread(self.blobs.local, key, name)))
            yield paths
        finally:
            for name in names:
                self.blobs.staging.discard(name)
