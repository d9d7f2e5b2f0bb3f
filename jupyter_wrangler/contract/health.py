"""How the service says that something is wrong."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from jupyter_wrangler.contract.base import View

#: Header by which each answer names the version of the service.
VERSION_HEADER = "X-Wrangler-Version"
#: Oldest version of PostgreSQL, and the one encoding that holds every text.
OLDEST_POSTGRES, ENCODING = 15, "UTF8"
#: Oldest version of Redis that can be used; Valkey says which one it is like.
OLDEST_REDIS = 7


class RedisFacts(View):
    """What a Redis says of itself, as far as it decides whether it can be used."""

    redis_version: str = ""
    maxmemory_policy: str = "noeviction"

    @property
    def fault(self) -> str:
        """Why it cannot be used, and what to do; empty if it can.

        Examples
        --------
        >>> RedisFacts(redis_version="6.2.14").fault
        'Redis is version 6.2.14, and 7 or newer is wanted; upgrade it, or use Valkey.'
        >>> RedisFacts(redis_version="7.2.4").fault
        ''
        """
        major = self.redis_version.partition(".")[0]
        if major.isdecimal() and int(major) < OLDEST_REDIS:
            return (
                f"Redis is version {self.redis_version}, and {OLDEST_REDIS} or newer "
                "is wanted; upgrade it, or use Valkey."
            )
        if self.maxmemory_policy.startswith("allkeys"):
            return (
                f"Redis evicts with {self.maxmemory_policy}, which can delete queued "
                "messages; set maxmemory-policy volatile-lru."
            )
        return ""

    @property
    def remark(self) -> str:
        """What is to be known of one that can be used."""
        if self.maxmemory_policy == "noeviction":
            return (
                "its maxmemory-policy is noeviction: when its memory is full, jobs "
                "wait until there is room; volatile-lru gives up progress instead"
            )
        return ""


class DatabaseFacts(View):
    """What a PostgreSQL says of itself, as far as it decides whether it can be used."""

    version: str = ""
    encoding: str = ENCODING
    name: str = "wrangler"

    @property
    def fault(self) -> str:
        """Why it cannot be used, and what to do; empty if it can.

        Examples
        --------
        >>> DatabaseFacts(version="14.9").fault
        'PostgreSQL is version 14.9, and 15 or newer is wanted; upgrade it.'
        >>> DatabaseFacts(version="17.2").fault
        ''
        """
        major = self.version.partition(".")[0]
        if major.isdecimal() and int(major) < OLDEST_POSTGRES:
            return (
                f"PostgreSQL is version {self.version}, and {OLDEST_POSTGRES} or newer "
                "is wanted; upgrade it."
            )
        if self.encoding != ENCODING:
            return (
                f"The database {self.name!r} has the encoding {self.encoding}, and "
                f"{ENCODING} is wanted, in which every text can be stored. Make "
                f"another database with: {self.remedy}"
            )
        return ""

    @property
    def remedy(self) -> str:
        """The command that makes a database in the right encoding."""
        return f"createdb --encoding=UTF8 --template=template0 {self.name}_utf8"


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
