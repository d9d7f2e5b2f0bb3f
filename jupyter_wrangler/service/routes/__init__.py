"""One file of routes per noun; each route parses, makes one call, answers."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from jupyter_wrangler._version import __version__
from jupyter_wrangler.service import problems
from jupyter_wrangler.service.routes import (
    admin,
    datasets,
    events,
    health,
    jobs,
    results,
    uploads,
)

_NOUNS = (uploads, datasets, jobs, results, events, health, admin)


def operation_id(route: APIRoute) -> str:
    """Name an operation by its noun and its function, for example ``jobs.cancel``."""
    return f"{route.tags[0]}.{route.name}"


#: What the OpenAPI document says of the app itself.
APP_OPTIONS: Final[dict[str, Any]] = {
    "title": "Jupyter Wrangler",
    "version": __version__,
    "generate_unique_id_function": operation_id,
}


def include_routes(app: FastAPI, base: str) -> None:
    """Add all routes to an app, below the path `base`."""
    for noun in _NOUNS:
        app.include_router(noun.router, prefix=base, responses=problems.RESPONSES)
