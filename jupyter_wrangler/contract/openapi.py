"""The OpenAPI document of the service, for those who need it before any service runs.

The Jupyter server extension derives its routes from it, and the labextension its
TypeScript types (decision 23).
"""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

#: Written by ``python -m jupyter_wrangler.service.openapi``; a test compares it with
#: what the app serves.
FILE: Final[Traversable] = resources.files("jupyter_wrangler.contract") / "openapi.json"


def document() -> dict[str, Any]:
    """Read the document; its paths begin with ``/v1/``."""
    read: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return read
