"""The unix socket of the service, whose callers are known by their uid.

The kernel tells who connected (SO_PEERCRED on Linux, LOCAL_PEERCRED on macOS), so
a laptop needs no password and no token: the *owner*, the OS user that runs the
service, is let in, and so is root, who could read everything anyway.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import stat
import struct
import sys
from pathlib import Path
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from jupyter_wrangler.errors import StackFailed

#: What the address of a caller starts with when it is an OS user.
UID_PREFIX: Final = "uid:"
#: What `uvicorn.Config` must be given beside the app.  Proxy headers stay off: with
#: FORWARDED_ALLOW_IPS=* in the environment, uvicorn would believe a header
#: ``X-Forwarded-For: uid:0`` and overwrite what the kernel said.
UVICORN_OPTIONS: Final[dict[str, Any]] = {
    "proxy_headers": False,
    # else the number in WEB_CONCURRENCY, which may be none
    "workers": 1,
    "server_header": False,
}
#: Name in the `state` of an ASGI scope of what hangs up at once, read or unread.
ABORT: Final = "wrangler.abort"
#: Seconds for which a refused caller may read why.
_REFUSAL_S = 1.0

# macOS, <sys/un.h>: not in the socket module
_SOL_LOCAL = 0
_LOCAL_PEERCRED = 1
_LOCAL_PEERPID = 2
_XUCRED = struct.Struct("IIh2x16I")
_UCRED = struct.Struct("iII")


def peer(sock: socket.socket) -> tuple[int, int]:
    """Ask the kernel who is at the other end of a unix socket.

    Returns
    -------
    tuple of int
        The effective uid of the process that connected, as it was then, and its
        process id (0 where the system does not tell).

    Examples
    --------
    >>> import os, socket
    >>> here, there = socket.socketpair(socket.AF_UNIX)
    >>> with here, there:
    ...     peer(here) == (os.geteuid(), os.getpid())
    True
    """
    if sys.platform == "darwin":
        raw = sock.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED.size)
        uid = _XUCRED.unpack(raw)[1]
        raw = sock.getsockopt(_SOL_LOCAL, _LOCAL_PEERPID, 4)
        return int(uid), int(struct.unpack("i", raw)[0])
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    pid, uid, _gid = _UCRED.unpack(raw)
    return int(uid), int(pid)


class PatientProtocol(H11Protocol):
    """HTTP whose callers have a while for the head of a request, and no longer.

    uvicorn waits for ever for one that never comes, or that comes a byte a minute.
    """

    #: Seconds in which the head of a request must be there.
    head_s = 30.0
    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock, and let the app hang up."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, ABORT: transport.abort}
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Let the clock run exactly while a head is waited for."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._clock is None:
            self._clock = self.loop.call_later(self.head_s, self.transport.abort)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None


class PeerProtocol(PatientProtocol):
    """HTTP over a unix socket, with the peer's uid in the place of its address.

    An ASGI app sees ``scope["client"] == ("uid:1000", pid)``.  Other users are
    refused whatever they ask, health included: the folder of the socket keeps them
    out already, this is the second wall.
    """

    _refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Read the peer's uid, once per connection."""
        uid, pid = peer(transport.get_extra_info("socket"))
        if uid not in (0, os.geteuid()):
            self._refused = True
            self.transport = transport
            transport.write(_refusal(uid))
            # Closing at once would break the pipe under the caller's request.
            asyncio.get_running_loop().call_later(_REFUSAL_S, transport.close)
            return
        super().connection_made(transport)
        self.client = (f"{UID_PREFIX}{uid}", pid)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, unless the caller was turned away."""
        if self._refused:
            self.transport.close()
        else:
            super().data_received(data)


def _refusal(uid: int) -> bytes:
    message = (
        f"This socket belongs to the user with uid {os.geteuid()}, and uid {uid} "
        "asked; every user has a service of their own, start yours with "
        "'jupyter wrangler up'."
    )
    body = json.dumps(
        {
            "type": "about:blank",
            "title": "Forbidden",
            "status": 403,
            "detail": message,
            "message": message,
            "code": "not_allowed",
        }
    ).encode()
    head = (
        "HTTP/1.1 403 Forbidden\r\n"
        "content-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\n"
        "connection: close\r\n\r\n"
    )
    return head.encode() + body


def listen(path: Path) -> socket.socket:
    """Open the service's socket for the owner alone.

    Never open to others, not even for a moment: uvicorn's own way makes the file
    first and changes its mode afterwards (to 0666).

    Parameters
    ----------
    path : Path
        Where; what a dead service left there is replaced.

    Returns
    -------
    socket.socket
        Bound, to be given to ``uvicorn.Server.serve(sockets=[...])``.

    Raises
    ------
    StackFailed
        If a living service answers there, or the file is no socket.
    """
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise StackFailed(
                f"{path} exists and is no socket; the service wants to listen there. "
                "Move it away, or set JUPYTER_WRANGLER_SERVICE_SOCKET."
            )
        if _answers(path):
            raise StackFailed(
                f"A service listens on {path} already; one per socket is wanted. "
                "Use that one, or stop it with 'jupyter wrangler down'."
            )
        path.unlink()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    old = os.umask(0o177)
    try:
        sock.bind(str(path))
    except OSError as exc:
        sock.close()
        raise StackFailed(
            f"The service cannot listen on {path} ({exc}); the folder must exist, be "
            "yours and leave the path under 100 characters. Set "
            "JUPYTER_WRANGLER_RUNTIME_DIR to another one."
        ) from exc
    finally:
        os.umask(old)
    return sock


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
