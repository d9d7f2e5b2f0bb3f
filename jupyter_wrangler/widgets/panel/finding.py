"""The job of the same data: after a restart of the kernel the panel goes on with it."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from jupyter_wrangler import contract, frames
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.engine.profile.mark import mark

#: Jobs that are looked through, newest first.
_JOBS = 100
#: Data sets that are looked through for those of the jobs.
_DATASETS = 5_000
#: Job in one of these states has nothing to come back to.
_OVER = {"failed", "timed_out", "cancelled", "quarantined"}


def digest_of(frame: Any) -> str:
    """Return the digest by which the service knows a frame; changes with any cell."""
    backend = frames.backend_of_frame(frame)
    return frames.to_parquet(frames.as_pandas(frame), backend=backend).sha256


def marked_digest(frame: Any, codes: Mapping[str, list[contract.Scalar]]) -> str:
    """Return the digest of a frame in which values are marked as missing."""
    if not codes:
        return digest_of(frame)
    marked = mark(frames.as_pandas(frame), codes).frame
    return digest_of(frames.as_given(marked, frame))


def find_job(api: Api, digests: Iterable[str]) -> tuple[contract.Job, str] | None:
    """Find the newest imputation of data with one of these digests.

    Parameters
    ----------
    api : Api
        The service.
    digests : iterable of str
        Digests of the frame, marked in one way or another.

    Returns
    -------
    tuple of Job and str, or None
        The job, whole, and the digest of its data.
    """
    wanted = list(digests)
    by_name = {f"frame-{digest[:8]}": digest for digest in wanted}
    jobs = [
        job
        for job in itertools.islice(api.jobs(), _JOBS)
        if job.kind == "imputation" and job.state not in _OVER
    ]
    by_version: dict[uuid.UUID, str] = {}
    # data sets are listed by when they were first sent, so that those of the jobs may
    # stand behind any number of others
    names = {job.dataset_name for job in jobs} - set(by_name)
    for one in itertools.islice(api.datasets(), _DATASETS):
        if not names:
            break
        names.discard(one.name)
        if one.latest.sha256 in wanted:
            by_version[one.latest.id] = one.latest.sha256
    for job in jobs:
        digest = by_version.get(job.dataset_version_id) or by_name.get(job.dataset_name)
        if digest:
            return api.job(job.id), digest
    return None


def edits_of(
    spec: contract.ImputationSpec, base: contract.PlanDocument
) -> dict[str, contract.PlannedColumn]:
    """Return what a job does other than a plan says, by column."""
    found: dict[str, contract.PlannedColumn] = {}
    for one in base.columns:
        if not (one.n_missing or one.method):
            continue
        update = {
            "method": spec.methods.get(one.name, one.method),
            "predictors": spec.predictors.get(one.name),
            "min_value": _bound(spec.min_value, one.name),
            "max_value": _bound(spec.max_value, one.name),
        }
        after = one.model_copy(update=update)
        if after != one:
            found[one.name] = after.model_copy(
                update={"reason": "As in the job that was found."}
            )
    return found


def _bound(given: Any, name: str) -> float | None:
    value = given.get(name) if isinstance(given, Mapping) else given
    return None if value is None or pd.isna(value) else float(value)
