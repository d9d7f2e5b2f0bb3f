"""The private Valkey (Redis protocol): one unix socket, an append-only file.

`volatile-lru`: when memory runs short it drops what has an expiry date (progress,
caches) and never the queues.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket

from jupyter_wrangler.stack.binaries import Binary
from jupyter_wrangler.stack.child import Child
from jupyter_wrangler.stack.folders import make_private, own_folder
from jupyter_wrangler.stack.paths import Paths

_SETTING = "JUPYTER_WRANGLER_RUNTIME_DIR"


def child(paths: Paths, binary: Binary, user: tuple[int, int] | None) -> Child:
    """Describe the private Valkey to the supervisor."""
    options = {
        "port": "0",
        "unixsocket": str(paths.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(paths.valkey_data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory": "256mb",
        "maxmemory-policy": "volatile-lru",
        "databases": "16",
        "daemonize": "no",
        "always-show-logo": "no",
        "loglevel": "notice",
    }
    words = [w for name, value in options.items() for w in (f"--{name}", value)]
    return Child(
        name="valkey",
        command=(binary.path, *words),
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        cwd=paths.home,
        death_signal=signal.SIGTERM,
        stop=((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)),
        user=user,
        prepare=lambda: prepare(paths, user),
        ready=lambda: answers(paths),
        on_ready=lambda: _close_behind(paths, user),
    )


def prepare(paths: Paths, user: tuple[int, int] | None) -> None:
    """Make its folders and remove the socket of a dead one."""
    folder = paths.valkey_socket.parent
    if user is None:
        make_private(paths.valkey_data, 0o700, setting="JUPYTER_WRANGLER_HOME")
        make_private(folder, 0o700, setting=_SETTING)
    else:
        for path in (paths.valkey_data, folder):
            own_folder(path, user)
    with contextlib.suppress(FileNotFoundError):
        paths.valkey_socket.unlink()


def answers(paths: Paths) -> bool:
    """Send it a PING; while it loads its file it answers something else."""
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s,
    ):
        s.settimeout(3)
        s.connect(str(paths.valkey_socket))
        s.sendall(b"PING\r\n")
        return s.recv(64).startswith(b"+PONG")
    return False


def _close_behind(paths: Paths, user: tuple[int, int] | None) -> None:
    """Take the socket's folder back from the other user.

    Valkey has no peer authentication, and `nobody` is a user that others use too:
    once the socket is there, only root needs to reach it.
    """
    if user is not None:
        os.chown(paths.valkey_socket.parent, 0, 0)
