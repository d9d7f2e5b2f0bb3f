"""Listening to notifications of Valkey, with nothing but the standard library.

Service and worker publish every change of a job.  The supervisor need not know what
changed: it hears that there is work.
"""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path


class RedisSubscriber:
    """Listens on a private Valkey; reconnects by itself, and may miss a notification.

    Parameters
    ----------
    path : Path
        Valkey's socket.
    channel : str
        Where notifications are published.
    """

    def __init__(self, path: Path, channel: str) -> None:
        self._path, self._channel = path, channel
        self.socket: socket.socket | None = None

    def has_message(self) -> bool:
        """Return whether a notification came since the last call; never waits."""
        found = False
        try:
            if self.socket is None:
                self.socket = self._connect()
            while data := self.socket.recv(65536):
                found = found or b"\r\nmessage\r\n" in data
            self.close()  # it ended
        except BlockingIOError:
            pass
        except OSError:
            self.close()
        return found

    def close(self) -> None:
        """Stop listening."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def _connect(self) -> socket.socket:
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with contextlib.ExitStack() as undo:
            undo.callback(found.close)
            found.settimeout(1)
            found.connect(str(self._path))
            found.sendall(f"SUBSCRIBE {self._channel}\r\n".encode())
            found.setblocking(False)  # noqa: FBT003  a builtin's signature
            undo.pop_all()
        return found
