"""The tables: who owns what, what was requested, and the state of each part of a job.

Every row that holds data names its owner.  States are text with a CHECK over the
values that `contract` lists, so that a new state is a plain migration.  All times
come from the database's clock.
"""

from jupyter_wrangler.store.models.base import SCHEMA, Base
from jupyter_wrangler.store.models.datasets import (
    Blob,
    Dataset,
    DatasetVersion,
    Upload,
)
from jupyter_wrangler.store.models.history import AuditEntry, JobAttempt, JobEvent
from jupyter_wrangler.store.models.jobs import Job, JobKey, JobPart
from jupyter_wrangler.store.models.results import (
    NamedResult,
    ResultPart,
    ResultVersion,
)
from jupyter_wrangler.store.models.users import Quota, User
from jupyter_wrangler.store.models.workers import Release, Worker

__all__ = [
    "SCHEMA",
    "AuditEntry",
    "Base",
    "Blob",
    "Dataset",
    "DatasetVersion",
    "Job",
    "JobAttempt",
    "JobEvent",
    "JobKey",
    "JobPart",
    "NamedResult",
    "Quota",
    "Release",
    "ResultPart",
    "ResultVersion",
    "Upload",
    "User",
    "Worker",
]
