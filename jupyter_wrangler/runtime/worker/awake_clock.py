"""Time that passes only while this process runs."""

from __future__ import annotations

import threading
import time


class AwakeClock:
    """Seconds in which this process was neither stopped nor asleep with its machine.

    A process that was stopped (SIGSTOP, docker pause) is not to blame for the time in
    which it could do nothing.  The monotonic clock goes on meanwhile; so steps between
    two looks count for no more than a look should take.

    Parameters
    ----------
    most_s : float
        Seconds that one step counts for at most.
    """

    def __init__(self, most_s: float) -> None:
        self._most_s = most_s
        self._lock = threading.Lock()
        self._last = time.monotonic()
        self._seconds = 0.0

    @property
    def seconds(self) -> float:
        """Seconds awake until the last look."""
        return self._seconds

    def tick(self) -> float:
        """Count the time since the last look; return the seconds awake."""
        with self._lock:
            now = time.monotonic()
            self._seconds += min(now - self._last, self._most_s)
            self._last = now
            return self._seconds
