"""Finding, starting and stopping the private stack, from a kernel or a server.

Kernels load this: no database driver, no HTTP client.  However many Jupyter servers
and scripts of one user ask at the same time, one stack runs: each may start a
supervisor, and the lock of the home lets one of them live.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import boot, http_probe, logs, orphan_cleanup
from jupyter_wrangler.stack import paths as places
from jupyter_wrangler.stack import state_file as records
from jupyter_wrangler.stack.environment import environment
from jupyter_wrangler.stack.processes import wait_gone
from jupyter_wrangler.stack.supervisor_config import SupervisorConfig

COMPONENTS = ("worker", "service", "valkey", "postgres")
_POLL_S = 0.02
#: Seconds within which a supervisor that has the lock replaces an old record.
_SETTLES_S = 1.0


def running(settings: Settings) -> Path | None:
    """Return the socket of this home's service, if it answers.

    Examples
    --------
    >>> running(Settings(home="/nonexistent", runtime_dir="/nonexistent")) is None
    True
    """
    if sys.platform == "win32":
        return None
    paths = places.locate(settings)
    found = records.read(paths.record)
    if found is None or not found.here or "service" not in found.sockets:
        return None
    socket = Path(found.sockets["service"])
    return socket if found.supervisor.alive and http_probe.alive(socket) else None


def ensure(
    settings: Settings,
    *,
    timeout: float = 60,
    components: Sequence[str] = COMPONENTS,
) -> Path:
    """Start the private stack unless it runs, and wait until it can work.

    Parameters
    ----------
    settings : Settings
        Whose home it is.
    timeout : float, default=60
        Seconds to wait for the next sign of progress, such as a line in a log; five
        times as long in all. A slow disk may need longer than a fast one.
    components : sequence of str
        Parts of the stack to start; all of them, but for tests.

    Returns
    -------
    Path
        The socket of the service.

    Raises
    ------
    StackFailed
        If it does not come up, with the reason.
    """
    if sys.platform == "win32":
        raise StackFailed(
            "The private servers run on Linux and macOS only; use WSL2, or set "
            "JUPYTER_WRANGLER_URL to a service that runs elsewhere."
        )
    paths = places.locate(settings)
    begun = moved = time.monotonic()
    progress = _signs_of_progress(paths)
    starter: _Starter | None = None
    try:
        while True:
            if _is_ready(paths):
                return paths.service_socket
            locked = records.is_locked(paths.lock)
            if refusal := _refusal(starter, paths, locked=locked):
                raise StackFailed(refusal)
            if (starter is None or starter.over) and not locked:
                if starter is not None:
                    starter.close()
                starter = _Starter(settings, components)
            now = time.monotonic()
            if (seen := _signs_of_progress(paths)) != progress:
                progress, moved = seen, now
            if now > moved + timeout or now > begun + 5 * timeout:
                raise StackFailed(_too_slow(paths, now - begun))
            time.sleep(_POLL_S)
    finally:
        if starter is not None:
            starter.close()


def stop(settings: Settings, *, timeout: float = 90) -> bool:
    """Stop the stack of this home and wait until every process is gone.

    Returns
    -------
    bool
        Whether anything ran.

    Raises
    ------
    StackFailed
        If it will not stop, or runs on another host.
    """
    paths = places.locate(settings)
    found = records.read(paths.record)
    if found is not None and found.here and found.supervisor.alive:
        everyone = [found.supervisor, *found.children.values()]
        found.supervisor.send(signal.SIGTERM)
        if not wait_gone(everyone, timeout):
            raise StackFailed(
                f"The stack (pid {found.supervisor.pid}) has not stopped after "
                f"{timeout:g} s; look at {paths.logs / 'stack.log'}, or end it with "
                f"'kill -9 {found.supervisor.pid}'."
            )
        return True
    if not paths.home.exists():
        return False
    with records.Lock(paths.lock) as lock:
        if lock.take():
            return bool(orphan_cleanup.clear(paths))
    # Held by somebody who is just starting or has just stopped: not ours to clear.
    if text := records.elsewhere(paths.record):
        raise StackFailed(text)
    return False


def _refusal(starter: _Starter | None, paths: places.Paths, *, locked: bool) -> str:
    """Say why there is nothing to wait for; "" while there is."""
    if starter is not None and starter.failed:
        return starter.failed
    if starter is None and locked and records.elsewhere(paths.record):
        # a supervisor of ours that has just begun still finds the record of another
        time.sleep(_SETTLES_S)
        if records.is_locked(paths.lock):
            return records.elsewhere(paths.record)
    return ""


class _Starter:
    """A supervisor on its way, and the pipe on which it says how it went."""

    def __init__(self, settings: Settings, components: Sequence[str]) -> None:
        command = [sys.executable, "-P", str(boot.__file__), "stack", "--detach"]
        reader, writer = os.pipe()
        try:
            # It detaches at once, and the copy that detached has the pipe.
            subprocess.run(  # noqa: S603  ourselves
                command,
                env=environment(settings),
                cwd="/",
                input=SupervisorConfig.of(settings, components).to_json().encode(),
                stdout=writer,
                stderr=writer,
                start_new_session=True,
                check=False,
            )
        finally:
            os.close(writer)
        os.set_blocking(reader, False)
        self._reader: int | None = reader
        self._output = b""
        #: Whether it has closed its end.
        self.over = False

    @property
    def failed(self) -> str:
        """Why it failed, or "" as long as it did not."""
        self._read_verdict()
        verdict = self._parse_verdict()
        if verdict is None:
            text = self._output.decode("utf-8", errors="replace").strip()
            if not self.over:
                return ""
            return (
                f"The private stack could not be started; it said: {text[-600:]} Run "
                "'jupyter wrangler doctor' to see what is wrong."
            )
        return str(verdict.get("message", ""))

    def close(self) -> None:
        """Stop listening."""
        if self._reader is not None:
            os.close(self._reader)
            self._reader = None

    def _read_verdict(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._reader is not None and not self.over:
                heard = os.read(self._reader, 4096)
                self._output += heard
                self.over = not heard

    def _parse_verdict(self) -> dict[str, Any] | None:
        for line in reversed(self._output.splitlines()):
            with contextlib.suppress(ValueError):
                found = json.loads(line)
                if isinstance(found, dict):
                    return found
        return None


def _is_ready(paths: places.Paths) -> bool:
    found = records.read(paths.record)
    if found is None or not found.here or found.state != "ready":
        return False
    if not found.supervisor.alive:
        return False
    return "service" not in found.sockets or http_probe.ready(paths.service_socket)


def _signs_of_progress(paths: places.Paths) -> frozenset[tuple[str, int]]:
    """Return the sizes of the logs and the time of the record, as far as they exist."""
    found = set()
    # a log may be rotated, the record replaced, between the look and the question
    with contextlib.suppress(OSError):
        found.add((paths.record.name, paths.record.stat().st_mtime_ns))
        for log in paths.logs.glob("*.log"):
            found.add((log.name, log.stat().st_size))
    return frozenset(found)


def _too_slow(paths: places.Paths, timeout: float) -> str:
    found = records.read(paths.record)
    state = f"it is {found.state}" if found else "it left no record"
    _, health = http_probe.get(paths.service_socket, "/health/ready")
    checks = "; ".join(f"{k}: {v}" for k, v in health.get("checks", {}).items())
    last = logs.tail(paths.logs / "stack.log", 300)
    return (
        f"The private stack did not answer within {timeout:.0f} s ({state}). "
        f"{checks or last} Run 'jupyter wrangler doctor' to see what is wrong."
    )
