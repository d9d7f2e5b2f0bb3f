"""What the extension serves: path, verb, and the permission that each needs.

The table is the whole truth: a path or verb that is not here does not exist, and
tests walk over it.  Paths are relative to ``<base_url>api/wrangler/v1/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

#: Where the routes are mounted below the base URL of the Jupyter server.
MOUNT: Final = "api/wrangler/v1"
#: The resource that an Authorizer of the Jupyter server is asked about.
RESOURCE: Final = "jupyter_wrangler"

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Action = Literal["read", "write", "execute"]

# Ids are uuids, numbers count from 0 or 1: nothing that could climb out of a path.
_ID = r"[0-9A-Za-z-]{1,64}"
_N = r"[0-9]{1,9}"


@dataclass(frozen=True, kw_only=True)
class Route:
    """One path with its verbs."""

    #: Regular expression of the path, without slash at either end.
    pattern: str
    #: A path that it matches, for documentation and tests.
    example: str
    #: What each verb needs: "read", "write", or "execute" where work is started
    #: or stopped.
    verbs: dict[Verb, Action]
    #: Events that go on until somebody leaves.
    endless: bool = False


_A = "3f2b8c1e-0000-4000-8000-000000000000"

ROUTES: Final[tuple[Route, ...]] = (
    Route(pattern="uploads", example="uploads", verbs={"POST": "write"}),
    Route(
        pattern=f"uploads/{_ID}",
        example=f"uploads/{_A}",
        verbs={"GET": "read", "PUT": "write"},
    ),
    Route(
        pattern=f"uploads/{_ID}/complete",
        example=f"uploads/{_A}/complete",
        verbs={"POST": "write"},
    ),
    Route(
        pattern="datasets",
        example="datasets",
        verbs={"GET": "read", "POST": "write"},
    ),
    Route(
        pattern=f"datasets/{_ID}",
        example=f"datasets/{_A}",
        verbs={"GET": "read", "PATCH": "write", "DELETE": "write"},
    ),
    Route(
        pattern=f"datasets/{_ID}/versions/{_N}",
        example=f"datasets/{_A}/versions/1",
        verbs={"GET": "read"},
    ),
    Route(
        pattern=f"datasets/{_ID}/versions/{_N}/content",
        example=f"datasets/{_A}/versions/1/content",
        verbs={"GET": "read"},
    ),
    Route(pattern=f"versions/{_ID}", example=f"versions/{_A}", verbs={"GET": "read"}),
    Route(
        pattern=f"versions/{_ID}/content",
        example=f"versions/{_A}/content",
        verbs={"GET": "read"},
    ),
    Route(pattern="jobs", example="jobs", verbs={"GET": "read", "POST": "execute"}),
    Route(
        pattern=f"jobs/{_ID}",
        example=f"jobs/{_A}",
        verbs={"GET": "read", "DELETE": "write"},
    ),
    Route(
        pattern=f"jobs/{_ID}/result",
        example=f"jobs/{_A}/result",
        verbs={"GET": "read"},
    ),
    Route(
        pattern=f"jobs/{_ID}/result/{_N}",
        example=f"jobs/{_A}/result/0",
        verbs={"GET": "read"},
    ),
    Route(
        pattern=f"jobs/{_ID}/document",
        example=f"jobs/{_A}/document",
        verbs={"GET": "read"},
    ),
    Route(
        pattern=f"jobs/{_ID}/cancel",
        example=f"jobs/{_A}/cancel",
        verbs={"POST": "execute"},
    ),
    Route(
        pattern=f"jobs/{_ID}/retry",
        example=f"jobs/{_A}/retry",
        verbs={"POST": "execute"},
    ),
    Route(
        pattern=f"jobs/{_ID}/events",
        example=f"jobs/{_A}/events",
        verbs={"GET": "read"},
    ),
    Route(pattern="events", example="events", verbs={"GET": "read"}, endless=True),
    Route(pattern="metrics", example="metrics", verbs={"GET": "read"}),
    Route(pattern="admin/workers", example="admin/workers", verbs={"GET": "read"}),
    Route(
        pattern=f"admin/workers/{_ID}/drain",
        example=f"admin/workers/{_A}/drain",
        verbs={"POST": "execute"},
    ),
    Route(pattern="admin/queues", example="admin/queues", verbs={"GET": "read"}),
    Route(pattern="admin/jobs", example="admin/jobs", verbs={"GET": "read"}),
    Route(
        pattern=f"admin/jobs/{_ID}/cancel",
        example=f"admin/jobs/{_A}/cancel",
        verbs={"POST": "execute"},
    ),
    Route(
        pattern=f"admin/jobs/{_ID}/retry",
        example=f"admin/jobs/{_A}/retry",
        verbs={"POST": "execute"},
    ),
    Route(pattern="admin/audit", example="admin/audit", verbs={"GET": "read"}),
    Route(pattern="admin/users", example="admin/users", verbs={"GET": "read"}),
    Route(
        pattern=f"admin/users/{_ID}",
        example=f"admin/users/{_A}",
        verbs={"DELETE": "write"},
    ),
    *(
        Route(
            pattern=f"admin/users/{_ID}/{what}",
            example=f"admin/users/{_A}/{what}",
            verbs={"POST": "write"},
        )
        for what in ("forget", "rename", "transfer")
    ),
    Route(
        pattern="admin/quotas",
        example="admin/quotas",
        verbs={"GET": "read", "PATCH": "write"},
    ),
    Route(pattern="me", example="me", verbs={"GET": "read"}),
    Route(pattern="health/live", example="health/live", verbs={"GET": "read"}),
    Route(pattern="health/ready", example="health/ready", verbs={"GET": "read"}),
    Route(pattern=r"openapi\.json", example="openapi.json", verbs={"GET": "read"}),
)
