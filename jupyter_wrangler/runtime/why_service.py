"""The job_service's verbs for one cell: why it holds its value."""

from __future__ import annotations

import uuid

from jupyter_wrangler._version import __version__
from jupyter_wrangler.contract import (
    ImputationSpec,
    WhyDocument,
    WhyQuestion,
)
from jupyter_wrangler.errors import Conflict, UnknownColumn, UnknownRow
from jupyter_wrangler.runtime import completed
from jupyter_wrangler.runtime.completed import Completed
from jupyter_wrangler.runtime.row_reader import RowReader
from jupyter_wrangler.runtime.row_service import RowService


class WhyService(RowService):
    """Why one cell holds its value, as `Result.why` says it."""

    #: Of its own, so that nobody waits for a page while a model is fitted again.
    reasons: RowReader

    async def result_why(
        self, owner: uuid.UUID, job_id: uuid.UUID, asked: WhyQuestion
    ) -> WhyDocument:
        """Tell why a cell of a job's result holds its value.

        Raises
        ------
        ResultNotReady, Conflict
            If the job has not ended, or is none with settings of its own.
        NotFound
            If it has not finished that imputation.
        UnknownRow, UnknownColumn
            If there is no such cell.
        """
        found = await self.database.run(completed.of_job, owner, job_id)
        return await self._why(owner, found, asked)

    async def saved_why(
        self, owner: uuid.UUID, result_id: uuid.UUID, n: int, asked: WhyQuestion
    ) -> WhyDocument:
        """Tell why a cell of a saved version holds its value; see `result_why`."""
        found = await self.database.run(completed.of_version, owner, result_id, n)
        return await self._why(owner, found, asked)

    async def _why(
        self, owner: uuid.UUID, found: Completed, asked: WhyQuestion
    ) -> WhyDocument:
        if not isinstance(found.spec, ImputationSpec):
            raise Conflict(
                f"{found.label} is of later rows that the models of an earlier job "
                "imputed, and knows no settings of its own. Ask the result of the job "
                "that fitted the models, or of one that imputes these rows."
            )
        _, chosen = found.chosen(asked.imputation)
        names = [column.name for column in found.data.columns]
        if asked.column not in names:
            raise UnknownColumn(asked.column, names)
        if asked.row >= found.data.n_rows:
            raise UnknownRow(asked.row, found.data.n_rows)
        question = {
            "spec": found.spec.model_dump(mode="json"),
            "methods": found.methods,
            "numbers": found.numbers,
            **asked.model_dump(mode="json"),
        }
        follows_from = {
            "app": __version__,
            "data": found.data.sha256,
            "cells": [part.sha256 for part, _ in found.parts],
            "why": question,
        }

        async def compute() -> bytes:
            data = await self.content(owner, found.data)
            others = [stored.key for _, stored in found.parts if stored is not chosen]
            async with self._local(data.key, chosen.key, *others) as paths:
                made = await self.reasons.why(
                    paths[0],
                    paths[1],
                    paths[2:],
                    question,
                    max_cells=await self._max_cells(owner),
                )
            return made.model_dump_json().encode()

        answer = await self.pages.get(owner, follows_from, compute)
        return WhyDocument.model_validate_json(answer)
