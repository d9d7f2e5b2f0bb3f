"""Writes the OpenAPI document of the service to a file of the package.

Run ``python -m jupyter_wrangler.service.openapi`` (or ``make contract``, which also
generates the TypeScript types) after each change of a route or of the contract.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from fastapi import FastAPI

from jupyter_wrangler.contract.openapi import FILE
from jupyter_wrangler.service.routes import APP_OPTIONS, include_routes


def openapi() -> dict[str, Any]:
    """Return the document of a service without a prefix; nothing is started."""
    app = FastAPI(**APP_OPTIONS)
    include_routes(app, "/v1")
    return app.openapi()


def file_text() -> str:
    """Return what the file holds when it is up to date."""
    return json.dumps(openapi(), indent=1) + "\n"


def main() -> None:
    """Write the file."""
    with resources.as_file(FILE) as path:
        path.write_text(file_text(), "utf-8")


if __name__ == "__main__":
    main()
