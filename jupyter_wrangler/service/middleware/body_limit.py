"""Bodies that are larger than anything that is asked for here.

They are read before it is known who calls, so a stranger must not be able to fill
the memory with them.  A chunk of an upload is no concern of this file: its route
knows the caller first, and reads no more than a chunk may hold.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jupyter_wrangler.contract import MAX_BODY
from jupyter_wrangler.service.bodies import BodyTooLarge
from jupyter_wrangler.service.problems import too_large

_CHUNK = re.compile(r"/uploads/[^/]+")
#: What names many columns; all other bodies are a few fields.
_LARGE = frozenset({"/jobs", "/datasets"})
#: Bytes of all other bodies.
_SMALL = 64 * 1024
_DIGITS = re.compile(r"[0-9]{1,18}")


class BodyLimit:
    """ASGI middleware that takes no body of more bytes than its route may want.

    Parameters
    ----------
    app : ASGIApp
        Whom to pass requests on to.
    base : str
        What all paths begin with.
    """

    def __init__(self, app: ASGIApp, base: str) -> None:
        self._app, self._base = app, base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless it brings too much."""
        if scope["type"] != "http" or self._is_chunk(scope):
            await self._app(scope, receive, send)
            return
        path: str = scope["path"].removeprefix(self._base)
        limit = MAX_BODY if path in _LARGE else _SMALL
        announced = Headers(scope=scope).get("content-length", "")
        if _DIGITS.fullmatch(announced) and int(announced) > limit:
            # not a byte of it is read
            await too_large(limit)(scope, receive, send)
            return
        taken = 0

        async def piece() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise BodyTooLarge(limit)
            return message

        await self._app(scope, piece, send)

    def _is_chunk(self, scope: Scope) -> bool:
        path: str = scope["path"].removeprefix(self._base)
        return scope["method"] == "PUT" and _CHUNK.fullmatch(path) is not None
