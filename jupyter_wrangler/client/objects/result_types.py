"""What a job of each kind gives: completed data, or a look at the data."""

from __future__ import annotations

import json
from typing import Any

from jupyter_wrangler import contract
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.errors import NoResult, ResultNotReady, from_code


def outcome(api: Api, seen: contract.Job, frame: Any = None) -> Any:
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
    if seen.kind == "imputation":
        return Result(api, api.manifest(seen.id), frame)
    return _read(seen.kind, api.document(seen.id))


def partial(api: Api, seen: contract.Job, frame: Any = None) -> Any:
    """Fetch what the parts of a job have finished so far.

    Raises
    ------
    ResultNotReady
        If the kind of the job has nothing to show before its end.
    """
    if seen.kind == "imputation":
        return Result(api, _manifest(api, seen), frame)
    if seen.state == "succeeded":
        return outcome(api, seen, frame)
    if not isinstance(seen.spec, contract.ComparisonSpec):
        raise ResultNotReady(
            f"Job {seen.id} is {seen.state}; a {seen.kind} has nothing to show before "
            "it has succeeded. Submit it again."
        )
    # the statistics are loaded only where they are wanted
    from jupyter_wrangler.client.objects.leaderboard import Leaderboard  # noqa: PLC0415
    from jupyter_wrangler.engine.compare.run import combine  # noqa: PLC0415

    parts: list[dict[str, Any] | None] = [None] * len(seen.spec.cells())
    for part in _manifest(api, seen).imputations:
        parts[part.imputation] = json.loads(api.part(seen.id, part))["part"]
    return Leaderboard(combine(seen.spec, parts))


def _manifest(api: Api, seen: contract.Job) -> contract.ResultManifest:
    """Ask what a job has left; raise its own error where that is why nothing is."""
    try:
        return api.manifest(seen.id)
    except NoResult as found:
        error = getattr(found, "error", None)
        if error is None:
            raise
        raise from_code(error["code"], error["message"], error["details"]) from None


def _read(kind: contract.JobKind, document: bytes) -> Any:
    if kind == "analysis":
        from jupyter_wrangler.client.objects.profile import Profile  # noqa: PLC0415  as above

        return Profile(contract.ProfileDocument.model_validate_json(document))
    if kind == "correlation":
        from jupyter_wrangler.client.objects.correlation import Correlation  # noqa: PLC0415

        return Correlation(contract.CorrelationDocument.model_validate_json(document))
    from jupyter_wrangler.client.objects.leaderboard import Leaderboard  # noqa: PLC0415

    return Leaderboard(contract.LeaderboardDocument.model_validate_json(document))
