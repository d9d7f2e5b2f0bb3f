"""Completed data sets of a job, or of a saved version: what rows are read from."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import Connection

from jupyter_wrangler.contract import (
    FINAL,
    AnySpec,
    DatasetVersion,
    ImputationSummary,
    PartResult,
    spec_class,
)
from jupyter_wrangler.errors import (
    Conflict,
    NotFound,
    ResultNotReady,
    listed,
)
from jupyter_wrangler.store import datasets
from jupyter_wrangler.store.queue import job_results, jobs
from jupyter_wrangler.store.results import versions
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.uploads import Stored

Imputed = tuple[PartResult, Stored]


@dataclass(frozen=True, kw_only=True)
class Completed:
    """Imputed cells, the data they belong to, and what was asked for."""

    #: What a message calls it.
    label: str
    data: DatasetVersion
    #: By imputation; of a job that was stopped some are not there.
    parts: list[Imputed]
    spec: AnySpec | None
    summary: ImputationSummary | None

    @property
    def numbers(self) -> list[int]:
        """Numbers of the finished imputations."""
        return [part.imputation for part, _ in self.parts]

    @property
    def methods(self) -> dict[str, str]:
        """Column -> method that filled it, as far as a summary says so."""
        columns = self.summary.columns if self.summary else ()
        return {column.name: column.method for column in columns if column.method}

    def chosen(self, imputation: int | None) -> Imputed:
        """Return one imputation.

        Raises
        ------
        NotFound
            If it was not finished, or there is no such number.
        """
        for part, stored in self.parts:
            if part.imputation == imputation:
                return part, stored
        there = listed(self.numbers) or "none"
        raise NotFound(
            f"{self.label} has no finished imputation {imputation}; there is: "
            f"{there} (counted from 0)."
        )


@for_owner
def of_job(c: Connection, owner: uuid.UUID, job_id: uuid.UUID) -> Completed:
    """Return what an ended job has imputed.

    Raises
    ------
    Conflict
        If it is no imputation.
    ResultNotReady
        If it has not ended.
    """
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
    return Completed(
        label=f"Job {job_id}",
        data=datasets.version(c, owner, job.dataset_version_id),
        parts=job_results.results(c, owner, job_id),
        spec=job.spec,
        summary=job.summary if isinstance(job.summary, ImputationSummary) else None,
    )


@for_owner
def of_version(
    c: Connection, owner: uuid.UUID, result_id: uuid.UUID, n: int
) -> Completed:
    """Return what version `n` of a saved result holds, whatever became of its job."""
    kept = versions.kept(c, owner, result_id, n)
    return Completed(
        label=kept.version.label,
        data=kept.dataset,
        parts=kept.cells,
        spec=kept.version.spec,
        summary=ImputationSummary.model_validate(kept.summary)
        if kept.summary
        else None,
    )
