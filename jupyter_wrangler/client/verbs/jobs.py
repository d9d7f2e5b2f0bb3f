"""Find jobs and datasets again: `job`, `jobs` and `datasets`."""

from __future__ import annotations

import uuid

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.verbs.connect import default_client


@public
def job(job_id: str | uuid.UUID) -> Job:
    """Give a job back by its id, also in a new process.

    Parameters
    ----------
    job_id : str
        The id, or a beginning of at least 4 characters that fits no other job.
    """
    return default_client().job(job_id)


@public
def jobs(limit: int = 20, *, state: str | None = None) -> list[Job]:
    """List your jobs, newest first.

    Parameters
    ----------
    limit : int, default=20
        Jobs at most.
    state : str, optional
        Only those in this state, for example ``"running"``.
    """
    return default_client().jobs(limit, state)


@public
def datasets(limit: int = 20) -> list[contract.Dataset]:
    """List your datasets, newest first."""
    return default_client().datasets(limit)
