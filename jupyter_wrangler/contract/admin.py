"""What administrators see: workers, queues, and other people's jobs by name."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Literal

from pydantic import Field

from jupyter_wrangler.contract.base import Request, View
from jupyter_wrangler.contract.limits import Quota, QuotaPatch, Usage
from jupyter_wrangler.contract.specs import JobKind
from jupyter_wrangler.contract.states import JobState

#: What a user is: an OS user, a Hub user or a Hub service.
UserKind = Literal["local", "hub_user", "hub_service"]
#: What the audit trail records, and of what.
AuditAction = Literal["cancel", "delete", "forget", "rename", "transfer", "purge"]
AuditSubject = Literal["job", "dataset", "result", "user"]


class WorkerView(View):
    """A worker process and its last sign of life."""

    id: uuid.UUID
    host: str
    pid: int
    version: str
    queues: tuple[str, ...]
    slots: int
    #: Parts that it runs now.
    running: int
    #: Takes no more parts; set by an administrator or because it is ending.
    draining: bool
    #: Whether it gave a sign of life lately.
    alive: bool
    started_at: dt.datetime
    heartbeat_at: dt.datetime


class WorkerList(View):
    """Every worker that is known, the living first."""

    items: tuple[WorkerView, ...]


class QueueView(View):
    """One queue: how much waits in it, and for how long."""

    name: str
    #: Parts whose turn has not come, because an earlier stage runs.
    waiting: int
    queued: int
    #: Parts sent to a worker that has not begun them.
    dispatched: int
    running: int
    #: Seconds that the oldest part ready to run has waited.
    oldest_wait_s: float


class QueueList(View):
    """All queues."""

    items: tuple[QueueView, ...]


class OwnedJob(View):
    """A job as an administrator sees it: whose it is, but neither data nor spec."""

    id: uuid.UUID
    owner_kind: str
    owner: str
    kind: JobKind
    name: str | None
    state: JobState
    n_parts: int
    parts_done: int
    #: Attempts spent by the part that needed most.
    attempts: int
    #: Wire name of the error that ended it.
    error_code: str | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None


class AuditEntry(View):
    """Something that was stopped or deleted, by whom."""

    seq: int
    at: dt.datetime
    #: Who did it: the owner, or an administrator.
    by: str
    owner_kind: str
    owner: str
    action: AuditAction
    subject: AuditSubject
    #: Of a transfer: who received the data.
    subject_id: uuid.UUID
    details: str | None = None


class AuditPage(View):
    """A page of the audit trail, newest first."""

    items: tuple[AuditEntry, ...]
    next: str | None = None


class OwnerName(Request):
    """Names a user as the service knows it."""

    kind: UserKind
    name: str = Field(min_length=1, max_length=255)


class UserView(View):
    """Somebody whom the service has seen, and how much they have."""

    id: uuid.UUID
    kind: str
    name: str
    #: What tells them from others who had or will have the name; None: unknown.
    hub_id: str | None
    created_at: dt.datetime
    #: Since when the name is free for somebody else; None: it is not.
    left_at: dt.datetime | None
    jobs: int
    #: Jobs that have not ended.
    unfinished: int
    datasets: int
    bytes: int


class UserPage(View):
    """A page of users by name."""

    items: tuple[UserView, ...]
    next: str | None = None


class UserRename(Request):
    """Gives a user another name."""

    name: str = Field(min_length=1, max_length=255, pattern=r"\S")


class UserTransfer(Request):
    """Gives all that a user has to another."""

    to: uuid.UUID


class QuotaChange(Request):
    """Sets what is given of a user's quota, or of everybody's who has none."""

    #: None: everybody.
    owner: OwnerName | None = None
    quota: QuotaPatch


class OwnerQuota(View):
    """What one user may use, and uses."""

    kind: str
    name: str
    #: What holds, whether it was set for this user, for everybody, or by settings.
    quota: Quota
    usage: Usage


class QuotaPage(View):
    """A page of users by name, with their quotas."""

    items: tuple[OwnerQuota, ...]
    next: str | None = None


class OwnedJobPage(View):
    """A page of everybody's jobs, newest first."""

    items: tuple[OwnedJob, ...]
    next: str | None = None
