"""Results of imputations that were made in this process: nothing is left to fetch."""

from __future__ import annotations

import datetime as dt
import uuid

from jupyter_wrangler import contract, frames
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputations import impute_m
from jupyter_wrangler.engine.estimator.summary import summarise
from jupyter_wrangler.engine.types import Given

JOB = uuid.UUID(int=0x7F3A << 112)


def local_result(df, *, given=None, **settings):
    """Impute here; give the result as a job would, with all that it fetches."""
    spec = ImputationSpec(**settings)
    frame = frames.as_pandas(df)
    made = impute_m(frame, spec, given or Given())
    summary = summarise(frame, spec, made.imputations)
    version = contract.DatasetVersion(
        id=uuid.UUID(int=2),
        dataset_id=uuid.UUID(int=3),
        name="patients",
        n=1,
        sha256="0" * 64,
        size=1_000,
        n_rows=len(frame),
        n_columns=frame.shape[1],
        created_at=dt.datetime(2026, 11, 30, tzinfo=dt.UTC),
    )
    manifest = contract.ResultManifest(
        job_id=JOB,
        state="succeeded",
        partial=False,
        dataset_version=version,
        imputations=tuple(
            contract.PartResult(imputation=k, sha256="0" * 64, size=100)
            for k in range(made.m)
        ),
        summary=summary,
    )
    result = Result(None, manifest, df)
    result._spec = spec
    result._cells = {
        k: frames.ImputedCells(
            values=one.values,
            rows=one.rows,
            events=one.events,
            n_iter=one.n_iter,
            chains=one.chains,
            donors=one.donors,
        )
        for k, one in enumerate(made.imputations)
    }
    return result


def partial_of(result, kept):
    """Give a result as though its job had been stopped when these were finished."""
    parts = tuple(p for p in result._manifest.imputations if p.imputation in kept)
    change = {"imputations": parts, "partial": True, "summary": None}
    manifest = result._manifest.model_copy(update=change)
    part = type(result)(result._api, manifest, result.data)
    part._spec, part._cells = result._spec, dict(result._cells)
    return part
