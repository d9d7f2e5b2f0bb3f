"""The id of a request, which its log lines, its answer and error reports carry."""

from __future__ import annotations

import re
import uuid

from starlette.datastructures import Headers
from starlette.types import Scope

_KEY = "wrangler.request_id"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")


def assign_request_id(scope: Scope) -> str:
    """Give a request an id: the ``X-Request-ID`` of a proxy, or a new one."""
    given = Headers(scope=scope).get("x-request-id", "")
    name = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex[:16]
    scope[_KEY] = name
    return name


def request_id(scope: Scope) -> str:
    """Return the id of a request, or a new one if it never got one."""
    return scope.get(_KEY) or uuid.uuid4().hex[:16]
