"""How a job is accepted: its parts, what they will take, and its cache key."""

from __future__ import annotations

import hashlib
import math
import uuid
from typing import TYPE_CHECKING

from jupyter_wrangler._version import __version__
from jupyter_wrangler.contract import (
    AnySpec,
    ComparisonSpec,
    DatasetVersion,
    ImputationSpec,
    Job,
    JobRequest,
    Quota,
    TransformSpec,
)
from jupyter_wrangler.engine.planning import cost
from jupyter_wrangler.errors import NoRecipe
from jupyter_wrangler.runtime import footprint
from jupyter_wrangler.runtime.celery_app import LARGE, LARGE_S, QUEUES
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store import datasets
from jupyter_wrangler.store.queue import estimates, recipes, submission
from jupyter_wrangler.store.rls import as_system, for_owner

if TYPE_CHECKING:
    from sqlalchemy import Connection


@for_owner
def accept(
    c: Connection,
    owner: uuid.UUID,
    request: JobRequest,
    *,
    settings: Settings,
    quota: Quota,
) -> tuple[Job, bool]:
    """Plan the parts of a job and insert it, or find the identical one.

    Parameters
    ----------
    c : Connection
        In a transaction.
    owner : UUID
        Whose job it is.
    request : JobRequest
        What is asked for, of a size that is checked.
    settings : Settings
        How often a part is begun, and how long a worker counts as alive.
    quota : Quota
        Limits of the owner where the database has none.

    Returns
    -------
    tuple of Job and bool
        The job, and whether it is new.

    Raises
    ------
    NoRecipe
        If models are named that the owner has not kept.
    QuotaExceeded, StorageQuotaExceeded
        If the owner has as much as allowed.
    """
    version = datasets.version(c, owner, request.dataset_version_id)
    recipe = _recipe_of(c, owner, request.spec)
    chosen = getattr(request.spec, "columns", None)
    columns = version.n_columns if chosen is None else len(chosen)
    cells = version.n_rows * version.n_columns
    n_parts = request.spec.n_parts(columns)
    with as_system(c):
        part_s = estimates.part_seconds(
            c,
            kind=request.spec.kind,
            method=getattr(request.spec, "method", None),
            cells=cells,
            rounds=getattr(request.spec, "max_iter", 1),
        )
    if part_s is None:
        part_s = _seconds_by_size(version, request.spec)
    estimate = None
    if part_s is not None:
        slots = estimates.slots(c, alive_s=settings.alive_s)
        estimate = part_s * math.ceil(n_parts / slots)
    large = cells >= LARGE or (part_s or 0) >= LARGE_S
    queue = QUEUES[1] if large else QUEUES[0]
    memory = footprint.estimate(request.spec, version.n_rows, version.n_columns)
    plan = [
        submission.PartPlan(
            stage=0,
            k=k,
            queue=queue,
            memory=memory,
            recipe=recipe[k] if recipe else None,
        )
        for k in range(n_parts)
    ]
    plan.append(submission.PartPlan(stage=1, k=0, queue=queue, memory=memory))
    return submission.submit(
        c,
        owner,
        request,
        parts=plan,
        cache_key=cache_key(version, request.spec),
        app_version=__version__,
        max_attempts=settings.max_attempts,
        quota=quota,
        estimate_s=estimate,
        part_s=part_s,
        most_parts=request.spec.most_parts(columns) + 1,
    )


def _recipe_of(c: Connection, owner: uuid.UUID, spec: AnySpec) -> list[bytes]:
    """Return the digests of the models that a transform imputes by, and hold them."""
    if not isinstance(spec, TransformSpec):
        return []
    digests = [bytes.fromhex(digest) for digest in spec.models]
    gone = recipes.unknown(c, owner, digests)
    if gone:
        raise NoRecipe(
            f"{len(gone)} of the {len(digests)} sets of models are none that a job of "
            f"yours has kept ({gone[0].hex()[:12]}...): they were deleted with their "
            "job, or never were. Submit the imputation again and take its recipe."
        )
    return digests


def _seconds_by_size(version: DatasetVersion, spec: AnySpec) -> float | None:
    """Estimate the seconds of a part nobody has run the like of, if it is long."""
    if not isinstance(spec, ImputationSpec | ComparisonSpec):
        return None
    missing = {column.name: column.missing for column in version.columns}
    seconds = cost.part_seconds(spec, version.n_rows, missing)
    return seconds if seconds >= cost.WORTH_S else None


def cache_key(version: DatasetVersion, spec: AnySpec) -> bytes:
    """Name a piece of work: the same data, spec and version give the same numbers."""
    work = [
        bytes.fromhex(version.sha256),
        submission.canonical(spec.model_dump(mode="json")),
        __version__.encode(),
    ]
    return hashlib.sha256(b"\n".join(work)).digest()
