"""What a job of each kind gives: completed data, or a look at the data.

A new kind of job is one more entry of `RESULT_TYPES`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jupyter_wrangler import contract
from jupyter_wrangler.client.objects.correlation import Correlation
from jupyter_wrangler.client.objects.leaderboard import Leaderboard
from jupyter_wrangler.client.objects.profile import Profile
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.client.objects.transform_result import TransformResult
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.errors import (
    NoResult,
    ResultNotReady,
    UnknownJobKind,
    from_code,
)

#: Takes the service, the job, and the data as handed in (None: fetched when needed).
Reader = Callable[[Api, contract.Job, Any], Any]


@dataclass(frozen=True, kw_only=True)
class ResultType:
    """How the results of one kind of job are read."""

    #: Reads the result of a job that has succeeded.
    read: Reader
    #: Reads what the parts of a job without a result have finished.
    read_partial: Reader


def result_type(kind: contract.JobKind) -> ResultType:
    """Return how the results of a kind of job are read.

    Raises
    ------
    UnknownJobKind
        If there is no such kind.
    """
    found = RESULT_TYPES.get(kind)
    if found is None:
        raise UnknownJobKind(kind, list(RESULT_TYPES))
    return found


def read_result(api: Api, seen: contract.Job, frame: Any = None) -> Any:
    """Fetch the result of a job that has succeeded.

    Parameters
    ----------
    api : Api
        The service.
    seen : contract.Job
        The job.
    frame : DataFrame, optional
        The data as handed in; without it they are fetched when needed.

    Returns
    -------
    Result, Profile, Correlation or Leaderboard
        By the kind of the job.
    """
    return result_type(seen.kind).read(api, seen, frame)


def read_partial_result(api: Api, seen: contract.Job, frame: Any = None) -> Any:
    """Fetch what the parts of a job have finished so far.

    Raises
    ------
    ResultNotReady
        If the kind of the job has nothing to show before its end.
    """
    kind = result_type(seen.kind)
    read = kind.read if seen.state == "succeeded" else kind.read_partial
    return read(api, seen, frame)


def _read_imputations(api: Api, seen: contract.Job, frame: Any) -> Result:
    return Result(api, _manifest(api, seen), frame)


def _read_transform(api: Api, seen: contract.Job, frame: Any) -> TransformResult:
    return TransformResult(api, _manifest(api, seen), frame)


def _read_profile(api: Api, seen: contract.Job, _frame: Any) -> Profile:
    document = api.document(seen.id)
    return Profile(contract.ProfileDocument.model_validate_json(document))


def _read_correlation(api: Api, seen: contract.Job, _frame: Any) -> Correlation:
    document = api.document(seen.id)
    return Correlation(contract.CorrelationDocument.model_validate_json(document))


def _read_leaderboard(api: Api, seen: contract.Job, _frame: Any) -> Leaderboard:
    document = api.document(seen.id)
    return Leaderboard(contract.LeaderboardDocument.model_validate_json(document))


def _read_finished_trials(api: Api, seen: contract.Job, _frame: Any) -> Leaderboard:
    # loads scipy, which only an unfinished comparison needs
    from jupyter_wrangler.engine.compare.ranking import combine  # noqa: PLC0415

    assert isinstance(seen.spec, contract.ComparisonSpec)  # noqa: S101  by its kind
    parts: list[dict[str, Any] | None] = [None] * len(seen.spec.cells())
    for part in _manifest(api, seen).imputations:
        parts[part.imputation] = json.loads(api.part(seen.id, part))["part"]
    return Leaderboard(combine(seen.spec, parts))


def _refuse_partial(_api: Api, seen: contract.Job, _frame: Any) -> Any:
    raise ResultNotReady(
        f"Job {seen.id} is {seen.state}; a {seen.kind} has nothing to show before "
        "it has succeeded. Submit it again."
    )


def _manifest(api: Api, seen: contract.Job) -> contract.ResultManifest:
    """Fetch what a job has stored; raise its own error where nothing is there."""
    try:
        return api.manifest(seen.id)
    except NoResult as found:
        error = getattr(found, "error", None)
        if error is None:
            raise
        raise from_code(error["code"], error["message"], error["details"]) from None


#: Kind of job -> how its results are read.
RESULT_TYPES: dict[contract.JobKind, ResultType] = {
    "imputation": ResultType(read=_read_imputations, read_partial=_read_imputations),
    "analysis": ResultType(read=_read_profile, read_partial=_refuse_partial),
    "correlation": ResultType(read=_read_correlation, read_partial=_refuse_partial),
    "comparison": ResultType(
        read=_read_leaderboard,
        read_partial=_read_finished_trials,
    ),
    "transform": ResultType(read=_read_transform, read_partial=_read_transform),
}
