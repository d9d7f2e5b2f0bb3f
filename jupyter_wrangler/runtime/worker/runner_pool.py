"""Runners that wait for a part, since to start one takes as long as a small part.

Two kinds wait.  Those that are *kept* have computed small parts of a user and are for
further parts of that user only: what a process has read can reach nobody who may not
see it.  One in *reserve* has had no part yet, knows nothing, and is for anybody; it is
there while several users take turns.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from dataclasses import dataclass

from jupyter_wrangler.runtime.worker.runner_process import Runner

log = logging.getLogger(__name__)

#: Seconds after which a runner that waits ends, for its memory.
WAIT_S = 60.0


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    """A runner that waits: for whom (None: for anybody), and since when."""

    runner: Runner
    owner: uuid.UUID | None
    since: float


class RunnerPool:
    """The runners of one worker that have nothing to do.

    Parameters
    ----------
    most : int, default=2
        Runners that are kept at a time, beside the one in reserve.
    """

    def __init__(self, most: int = 2) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._reserve: _Waiting | None = None
        self._kept: list[_Waiting] = []
        self._closed = False
        #: Whose part was the latest, and when it was another's turn the last time.
        self._latest: uuid.UUID | None = None
        self._turned: float | None = None

    def take(self, owner: uuid.UUID) -> Runner:
        """Return a runner for a part of an owner.

        It is the one that computed for this owner last, else the one in reserve, else a
        new one; never one that has computed for somebody else.
        """
        while (found := self._pick(owner)) is not None:
            if found.is_alive():
                return found
            found.close()
        return Runner()

    def _pick(self, owner: uuid.UUID) -> Runner | None:
        with self._lock:
            if self._latest not in {None, owner}:
                self._turned = time.monotonic()
            self._latest = owner
            for one in reversed(self._kept):
                if one.owner == owner:
                    self._kept.remove(one)
                    return one.runner
            reserve, self._reserve = self._reserve, None
        return None if reserve is None else reserve.runner

    def keep(self, owner: uuid.UUID, runner: Runner) -> None:
        """Let a runner wait for the next part of the owner it has computed for."""
        now = time.monotonic()
        with self._lock:
            self._kept.append(_Waiting(runner=runner, owner=owner, since=now))
            most = 0 if self._closed else self._most
            over = [self._kept.pop(0) for _ in range(len(self._kept) - most)]
        for one in over:
            one.runner.close()

    def refill(self) -> None:
        """Start a runner for the next part, if users take turns and none waits."""
        if not self._needs_one():
            return
        try:
            # without the lock, for which nobody must wait that long
            found: Runner | None = Runner()
        except (OSError, EOFError) as error:
            # the next caller of `take` tries again, and hears what is wrong
            log.warning("no runner could be started in advance: %s", error)
            return
        with self._lock:
            if self._needs_one() and found is not None:
                now = time.monotonic()
                self._reserve = _Waiting(runner=found, owner=None, since=now)
                found = None
        if found is not None:
            found.close()

    def _needs_one(self) -> bool:
        if self._reserve is not None or self._closed or self._turned is None:
            return False
        return time.monotonic() - self._turned < WAIT_S

    def end_idle(self) -> None:
        """End what has waited for longer than `WAIT_S`."""
        latest = time.monotonic() - WAIT_S
        with self._lock:
            late = [one for one in self._kept if one.since < latest]
            self._kept = [one for one in self._kept if one.since >= latest]
            if self._reserve is not None and self._reserve.since < latest:
                late.append(self._reserve)
                self._reserve = None
        for one in late:
            one.runner.close()

    def close(self) -> None:
        """End all that wait, and let none wait any more."""
        with self._lock:
            self._closed = True
            left, self._kept = self._kept, []
            if self._reserve is not None:
                left.append(self._reserve)
                self._reserve = None
        for one in left:
            one.runner.close()
