"""Asking the private PostgreSQL over its socket, with the standard library only.

The supervisor asks it whether it answers and, once, for a role and a database.  A
driver for that is ten megabytes that the supervisor would keep for ever.  Of
PostgreSQL's protocol (version 3, "Message Flow") this knows the start of a session
that the kernel vouches for, and queries without parameters.
"""

from __future__ import annotations

import socket
import struct
from pathlib import Path
from types import TracebackType
from typing import Self

_PROTOCOL = 196608  # 3.0


class WireError(OSError):
    """PostgreSQL refused something, or sent what is not understood here."""


class Session:
    """One session of the superuser; use it with `with`.

    Parameters
    ----------
    path : Path
        PostgreSQL's socket.
    user, database : str
        Whom to be, and where.
    timeout : float, default=3
        Seconds that each answer may take.

    Raises
    ------
    OSError
        If nobody answers, or the answer is no.
    """

    def __init__(
        self, path: Path, *, user: str, database: str, timeout: float = 3.0
    ) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(timeout)
            self._socket.connect(str(path))
            words = f"user\0{user}\0database\0{database}\0\0".encode()
            self._socket.sendall(struct.pack("!II", len(words) + 8, _PROTOCOL) + words)
            self._until_ready()
        except BaseException:
            self._socket.close()
            raise

    def query(self, sql: str) -> list[str]:
        """Run a query; return the first column of its rows, as text.

        Raises
        ------
        WireError
            With PostgreSQL's own words; the session is of no use then.
        """
        words = sql.encode() + b"\0"
        self._socket.sendall(b"Q" + struct.pack("!I", len(words) + 4) + words)
        return [
            _first_column(body) for kind, body in self._until_ready() if kind == b"D"
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._socket:
            self._socket.sendall(b"X" + struct.pack("!I", 4))

    def _until_ready(self) -> list[tuple[bytes, bytes]]:
        """Read messages until PostgreSQL waits for the next query."""
        found = []
        while (message := self._message())[0] != b"Z":
            kind, body = message
            if kind == b"E":
                raise WireError(_error_message(body))
            if kind == b"R" and struct.unpack_from("!I", body)[0]:
                raise WireError("PostgreSQL wants a password on its own socket")
            found.append(message)
        return found

    def _message(self) -> tuple[bytes, bytes]:
        head = self._read_bytes(5)
        return head[:1], self._read_bytes(struct.unpack("!I", head[1:])[0] - 4)

    def _read_bytes(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = self._socket.recv(size - len(data))
            if not piece:
                raise WireError("PostgreSQL hung up")
            data += piece
        return data


def _first_column(row: bytes) -> str:
    """Give the first column of a DataRow; a null is an empty text."""
    (size,) = struct.unpack_from("!i", row, 2)
    return row[6 : 6 + max(size, 0)].decode()


def _error_message(body: bytes) -> str:
    """Give the message of an ErrorResponse."""
    fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0")}
    return fields.get(b"M", "PostgreSQL refused without saying why")
