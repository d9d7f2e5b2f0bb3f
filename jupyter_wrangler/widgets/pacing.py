"""Calls that come often, made now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Pacer:
    """Make a call at once if the last one is long ago, else once a little later.

    It has a thread only while a call is put off, and may be used by any thread.

    Parameters
    ----------
    call : callable
        What is called; one call at a time.
    pace_s : float
        Seconds between two calls.
    """

    def __init__(self, call: Callable[[], object], pace_s: float) -> None:
        self._call, self._pace_s = call, pace_s
        self._lock = threading.Lock()
        self._last = 0.0
        self._late: threading.Timer | None = None

    def ask(self, *, urgent: bool = False) -> None:
        """Call now, or soon if the last call was just before and this is not urgent."""
        with self._lock:
            wait = self._last + self._pace_s - time.monotonic()
            if not urgent and wait > 0:
                if self._late is None:
                    self._late = threading.Timer(wait, self._call_late)
                    self._late.daemon = True
                    self._late.start()
                return
            self._drop()
            self._last = time.monotonic()
        self._call()

    def stop(self) -> None:
        """Forget a call that was put off."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _call_late(self) -> None:
        with self._lock:
            if self._late is None:
                return
            self._late = None
            self._last = time.monotonic()
        self._call()
