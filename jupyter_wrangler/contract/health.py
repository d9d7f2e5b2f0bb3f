"""How the service says that something is wrong."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from jupyter_wrangler.contract.base import View


class Problem(View):
    """RFC 9457 problem body, with `message` and `code` at the top level."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    #: The same sentence as `detail`; JupyterLab reads this name.
    message: str
    #: Wire name of the error class, see `errors`.
    code: str
    details: dict[str, Any] = Field(default_factory=dict)
    errors: list[dict[str, Any]] = Field(default_factory=list)
    request_id: str | None = None


class Health(View):
    """What `/health/ready` answers."""

    status: Literal["ok", "degraded", "down"]
    version: str
    #: Name of a part -> "ok" or the sentence that says what is wrong.
    checks: dict[str, str]
    #: What should be otherwise, though everything works.
    warnings: tuple[str, ...] = ()
    workers: int
    #: No worker is there because none is needed; the next job starts one.
    resting: bool = False
    slots: int
    queued: int
    running: int
    #: Seconds since the last request that was not a health check.
    idle_s: float
    #: Event streams that are open.
    streams: int
