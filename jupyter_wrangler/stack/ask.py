"""Asking the service over its socket, with nothing but the standard library.

Kernels and the supervisor need one small GET; an HTTP client of 50 modules would be
slower to load than the answer is to come.
"""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def get(path: Path, route: str, timeout: float = 3.0) -> tuple[int, dict[str, Any]]:
    """Return status and JSON body of a GET; status 0 if nobody answers.

    Parameters
    ----------
    path : Path
        The service's socket.
    route : str
        For example ``/health/ready``.
    timeout : float, default=3
        Seconds to wait for the answer.

    Examples
    --------
    >>> get(Path("/nowhere/service.sock"), "/health/live")
    (0, {})
    """
    connection = _UnixConnection(path, timeout)
    try:
        connection.request("GET", f"/v1{route}")
        answer = connection.getresponse()
        body = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return 0, {}
    finally:
        connection.close()
    return answer.status, body if isinstance(body, dict) else {}


def alive(path: Path) -> bool:
    """Tell whether the service answers at all."""
    return get(path, "/health/live")[0] == 200


def workers(path: Path) -> int:
    """Count the workers that the service knows to be alive."""
    return int(get(path, "/health/ready")[1].get("workers", 0))


def ready(path: Path) -> bool:
    """Tell whether the service can take jobs; a worker may still be loading."""
    return get(path, "/health/ready")[1].get("status") in {"ok", "degraded"}
