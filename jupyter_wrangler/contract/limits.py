"""Who the caller is, what they may use, and what they use."""

from __future__ import annotations

from pydantic import Field

from jupyter_wrangler.contract.base import Request, View


class Quota(View):
    """What one user may use."""

    #: Parts of jobs that run at the same time; 0: no limit but the slots there are.
    max_running: int
    #: Jobs that have not ended.
    max_queued: int
    #: Bytes of data sets and results.
    max_bytes: int
    #: Cells of one data set.
    max_cells: int
    #: Event streams open at a time, for each process of the service.
    max_streams: int


class QuotaPatch(Request):
    """Changes a quota; null returns to what holds for everybody."""

    max_running: int | None = Field(default=None, ge=0, lt=2**31)
    max_queued: int | None = Field(default=None, ge=0, lt=2**31)
    max_bytes: int | None = Field(default=None, ge=0, lt=2**63)
    max_cells: int | None = Field(default=None, ge=0, lt=2**63)
    max_streams: int | None = Field(default=None, ge=0, lt=2**31)


class Usage(View):
    """What one user uses now."""

    #: Parts that run or are on their way to a worker.
    running: int
    #: Jobs that have not ended.
    queued: int
    #: Bytes of data sets and results, and of uploads under way.
    bytes: int


class Me(View):
    """Whom the service takes the caller for."""

    kind: str
    name: str
    admin: bool
    #: None while PostgreSQL does not answer.
    quota: Quota | None = None
    usage: Usage | None = None
