"""The job of the same data: after a restart of the kernel the panel goes on with it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from jupyter_wrangler import contract, frames
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.engine.profile.mark import mark

#: Jobs of the same data that are looked through, newest first.
_JOBS = 100
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
    found: list[tuple[contract.Job, str]] = []
    for digest in digests:
        jobs = itertools.islice(api.jobs(data_sha256=digest), _JOBS)
        own = (j for j in jobs if j.kind == "imputation" and j.state not in _OVER)
        found += [(job, digest) for job in itertools.islice(own, 1)]
    if not found:
        return None
    newest, digest = max(found, key=lambda pair: pair[0].created_at)
    return api.job(newest.id), digest


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
