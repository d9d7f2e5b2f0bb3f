"""Asking the service over its socket, with nothing but the standard library.

Kernels and the supervisor need one small GET; an HTTP client would be slower to load
than the answer is to come, and the supervisor would keep it in memory for ever.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any


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
    try:
        head, _, content = _exchange(path, route, timeout).partition(b"\r\n\r\n")
        status = int(head.split(maxsplit=2)[1])
        body = json.loads(content)
    except (OSError, ValueError, IndexError):
        return 0, {}
    return status, body if isinstance(body, dict) else {}


def _exchange(path: Path, route: str, timeout: float) -> bytes:
    """Ask as HTTP 1.0 does: the end of the answer is the end of the connection."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.settimeout(timeout)
        s.connect(str(path))
        s.sendall(f"GET /v1{route} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode("ascii"))
        answer = b""
        while piece := s.recv(65536):
            answer += piece
        return answer


def alive(path: Path) -> bool:
    """Tell whether the service answers at all."""
    return get(path, "/health/live")[0] == 200


def workers(path: Path) -> int:
    """Count the workers that the service knows to be alive."""
    return int(get(path, "/health/ready")[1].get("workers", 0))


def ready(path: Path) -> bool:
    """Tell whether the service can take jobs; a worker may still be loading."""
    return get(path, "/health/ready")[1].get("status") in {"ok", "degraded"}
