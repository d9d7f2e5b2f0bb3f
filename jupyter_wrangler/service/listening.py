"""The socket of a Hub's service: one that systemd hands over, or a port of its own.

Who listens on the port of a service that is down is sent the tokens of its callers.  A
port that systemd holds is never free, whether or not the service runs.
"""

from __future__ import annotations

import os
import socket

from jupyter_wrangler.errors import StackFailed

#: The first descriptor that systemd passes (sd_listen_fds(3)).
_FIRST = 3
_BACKLOG = 2048


def handed() -> socket.socket | None:
    """Take the listening socket that systemd passed to this process, if it did.

    Raises
    ------
    StackFailed
        If it passed several, or something that nobody can connect to.
    """
    passed = {
        name: os.environ.pop(name, "")
        for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
    }
    if passed["LISTEN_PID"] != str(os.getpid()) or not passed["LISTEN_FDS"].isdecimal():
        return None
    count = int(passed["LISTEN_FDS"])
    if count == 0:
        return None
    if count > 1:
        raise StackFailed(
            f"systemd hands over {count} sockets, and one is wanted; leave one "
            "ListenStream= in the .socket unit."
        )
    os.set_inheritable(_FIRST, False)  # noqa: FBT003  it takes no keyword
    try:
        sock = socket.socket(fileno=_FIRST)
        listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise StackFailed(
            f"systemd hands over no socket that can be used ({error}); the .socket "
            "unit wants ListenStream= and no Accept=yes."
        ) from error
    if sock.type != socket.SOCK_STREAM or not listens:
        raise StackFailed(
            "systemd hands over a socket to which nobody can connect; the .socket "
            "unit wants ListenStream= and no Accept=yes."
        )
    return sock


def bind(host: str, port: int) -> socket.socket:
    """Listen on a port, so that callers wait from now on rather than are refused.

    Raises
    ------
    StackFailed
        If that cannot be done.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise StackFailed(
            f"The service cannot listen on {host}:{port} ({error.strerror or error}). "
            "If another process has the port that you did not start, stop that first, "
            "for callers send it their tokens ('ss -ltnp' shows it); else choose "
            "another one with JUPYTER_WRANGLER_SERVICE_PORT."
        ) from error
