"""How long the tests wait for what must happen: one place, one ceiling.

A fixed number of seconds says how fast a machine must be. Waits here last as long as
the process that is waited for lives, and end at a ceiling that only a hang reaches.
Shorter bounds stand in a test only where promptness is what the test is about.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

#: Longest wait for anything, in seconds. Not a promise of speed: what takes this long
#: has failed. pytest's own timeout (pyproject.toml) lies above it.
CEILING_S = 240.0
#: The same for playwright, in milliseconds.
CEILING_MS = CEILING_S * 1000


def until(
    what: Callable[[], Any],
    *,
    seconds: float = CEILING_S,
    pause: float = 0.05,
    process: subprocess.Popen | None = None,
    log: Callable[[], str] = str,
) -> Any:
    """Wait for something to be true, and return it.

    Parameters
    ----------
    what : callable
        Asked again and again, until its answer is true.
    seconds : float
        The ceiling; shorter ones only where promptness is tested.
    pause : float
        Seconds between two questions.
    process : Popen, optional
        A process that must live meanwhile: its end ends the wait.
    log : callable
        What explains a failure, such as the log of a server.
    """
    limit = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        if process is not None and process.poll() is not None:
            pytest.fail(f"the process ended with {process.returncode}:\n{log()}")
        if time.monotonic() > limit:
            pytest.fail(f"waited {seconds:g} s in vain\n{log()}")
        time.sleep(pause)


def free_port() -> int:
    """Return a TCP port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]
