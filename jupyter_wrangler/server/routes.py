"""What the extension serves: the operations of the service, each with its permission.

Paths and verbs come from the OpenAPI document of the service; only what an operation
needs of the user is written here.  A path or verb that is not in the document does not
exist.  Paths are relative to ``<base_url>api/wrangler/v1/``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from jupyter_wrangler.contract import openapi

#: Where the routes are mounted below the base URL of the Jupyter server.
MOUNT: Final = "api/wrangler/v1"
#: The resource that an Authorizer of the Jupyter server is asked about.
RESOURCE: Final = "jupyter_wrangler"

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Action = Literal["read", "write", "execute"]

#: What each operation of the document needs: "read", "write", or "execute" where work
#: is started or stopped.
PERMISSIONS: Final[dict[str, Action]] = {
    "uploads.begin": "write",
    "uploads.get": "read",
    "uploads.add_chunk": "write",
    "uploads.complete": "write",
    "datasets.add": "write",
    "datasets.page": "read",
    "datasets.get": "read",
    "datasets.rename": "write",
    "datasets.delete": "write",
    "datasets.numbered_version": "read",
    "datasets.numbered_content": "read",
    "datasets.version": "read",
    "datasets.content": "read",
    "datasets.rows": "read",
    "jobs.submit": "execute",
    "jobs.page": "read",
    "jobs.get": "read",
    "jobs.change": "write",
    "jobs.delete": "write",
    "jobs.cancel": "execute",
    "jobs.finish": "execute",
    "jobs.retry": "execute",
    "jobs.card": "read",
    "jobs.events": "read",
    "jobs.parts": "read",
    "jobs.result": "read",
    "jobs.result_rows": "read",
    "jobs.why": "read",
    "jobs.export": "read",
    "jobs.part_result": "read",
    "jobs.document": "read",
    "results.save": "write",
    "results.page": "read",
    "results.get": "read",
    "results.rename": "write",
    "results.delete": "write",
    "results.versions": "read",
    "results.version": "read",
    "results.annotate": "write",
    "results.delete_version": "write",
    "results.restore": "write",
    "results.manifest": "read",
    "results.rows": "read",
    "results.why": "read",
    "results.export": "read",
    "results.cells": "read",
    "results.recipe": "read",
    "results.compare": "read",
    "jobs.recipe": "read",
    "jobs.recipe_part": "read",
    "events.stream": "read",
    "health.live": "read",
    "health.ready": "read",
    "health.me": "read",
    "admin.metrics": "read",
    "admin.workers": "read",
    "admin.drain": "execute",
    "admin.queues": "read",
    "admin.jobs": "read",
    "admin.cancel": "execute",
    "admin.retry": "execute",
    "admin.audit": "read",
    "admin.quotas": "read",
    "admin.set_quota": "write",
    "admin.users": "read",
    "admin.forget_user": "write",
    "admin.rename_user": "write",
    "admin.transfer_user": "write",
    "admin.purge_user": "write",
}

_VERBS: Final[tuple[Verb, ...]] = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ROOT: Final = "/v1/"

# (type, format) of a path parameter -> its regular expression and an example.  Nothing
# that could climb out of a path, or that is percent-encoded, matches.
_PARAMETERS: Final[dict[tuple[str, str | None], tuple[str, str]]] = {
    ("string", "uuid"): (
        "[0-9A-Za-z-]{1,64}",
        "3f2b8c1e-0000-4000-8000-000000000000",
    ),
    ("integer", None): ("[0-9]{1,9}", "1"),
}


@dataclass(frozen=True, kw_only=True)
class Route:
    """One path with its verbs."""

    #: Regular expression of the path, without slash at either end.
    pattern: str
    #: A path that it matches, for documentation and tests.
    example: str
    #: What each verb needs.
    verbs: dict[Verb, Action]
    #: Events that go on until the browser leaves.
    endless: bool = False


def derive(
    document: Mapping[str, Any], permissions: Mapping[str, Action]
) -> tuple[Route, ...]:
    """Make the routes of a document.

    Parameters
    ----------
    document : mapping
        OpenAPI document, with paths below ``/v1/``.
    permissions : mapping
        Operation id to what the operation needs.

    Returns
    -------
    tuple of Route
        One for each path, in the order of the document.

    Raises
    ------
    ValueError
        If an operation has no permission, a permission no operation, or a path a
        parameter of an unknown kind.
    """
    routes = tuple(
        _route(path, item, permissions) for path, item in document["paths"].items()
    )
    unused = permissions.keys() - {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
    }
    if unused:
        raise ValueError(f"no operation has the id {', '.join(sorted(unused))}")
    return routes


def _route(
    path: str, item: Mapping[str, Any], permissions: Mapping[str, Action]
) -> Route:
    verbs: dict[Verb, Action] = {}
    for verb in _VERBS:
        operation = item.get(verb.lower())
        if operation is None:
            continue
        identifier = operation["operationId"]
        if identifier not in permissions:
            raise ValueError(f"{identifier} ({verb} {path}) has no permission")
        verbs[verb] = permissions[identifier]
    unknown = item.keys() - {verb.lower() for verb in verbs}
    if unknown:
        raise ValueError(f"{path} has unknown verbs: {', '.join(sorted(unknown))}")
    if not path.startswith(_ROOT):
        raise ValueError(f"{path} is not below {_ROOT}")
    pattern, example = _pattern(path.removeprefix(_ROOT), item)
    return Route(
        pattern=pattern, example=example, verbs=verbs, endless=_is_endless(item)
    )


def _pattern(path: str, item: Mapping[str, Any]) -> tuple[str, str]:
    """Return the regular expression of a path, and a path that it matches."""
    schemas = {
        parameter["name"]: parameter["schema"]
        for operation in item.values()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "path"
    }
    pattern, example = "", ""
    # literal text and names of parameters take turns
    for index, piece in enumerate(re.split(r"\{(\w+)\}", path)):
        if index % 2 == 0:
            pattern, example = pattern + re.escape(piece), example + piece
            continue
        schema = schemas[piece]
        kind = (schema.get("type", ""), schema.get("format"))
        if kind not in _PARAMETERS:
            raise ValueError(f"{path}: the parameter {piece} is of an unknown kind")
        expression, value = _PARAMETERS[kind]
        pattern, example = pattern + expression, example + value
    return pattern, example


def _is_endless(item: Mapping[str, Any]) -> bool:
    """Whether the answer is a stream of events."""
    answer = item.get("get", {}).get("responses", {}).get("200", {})
    return "text/event-stream" in answer.get("content", {})


ROUTES: Final[tuple[Route, ...]] = (
    *derive(openapi.document(), PERMISSIONS),
    # the document does not describe itself
    Route(pattern=r"openapi\.json", example="openapi.json", verbs={"GET": "read"}),
)
