"""One child kept running: started, asked, and started again when it dies."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import time
from pathlib import Path

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.stack import logs
from jupyter_wrangler.stack.child import Child
from jupyter_wrangler.stack.processes import ProcessId, spawn

log = logging.getLogger("jupyter_wrangler.stack")

#: Deaths in a row, before it ever answered, after which we give up.
GIVE_UP_AFTER = 3
#: Seconds to wait before the n-th start in a row; the last one stands for the rest.
BACKOFF_S = (0.1, 0.5, 2.0, 5.0, 15.0, 30.0)
#: A child that lived this long has recovered.
HEALTHY_S = 60.0


class ProcessMonitor:
    """Keeps one child running; `tick` does the next step, without ever waiting."""

    def __init__(self, child: Child, logs_folder: Path) -> None:
        self.child = child
        self.log = logs_folder / f"{child.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.id: ProcessId | None = None
        #: Whether the process that runs now has answered.
        self.ready = False
        #: Whether any process has.
        self.was_ready = False
        #: Whether it is not wanted now.
        self.resting = False
        self._force_at: float | None = None
        self._deaths = 0
        self._started = 0.0
        self._next_start = 0.0

    def start(self) -> None:
        """Prepare and start the process.

        Raises
        ------
        StackFailed
            If its preparation fails.
        """
        self.child.prepare()
        self.process = spawn(
            self.child.command,
            env=self.child.env,
            cwd=self.child.cwd,
            log=self.log,
            death_signal=self.child.death_signal,
            user=self.child.user,
        )
        self.id = ProcessId.of(self.process.pid)
        self.ready = False
        self._started = time.monotonic()
        log.info("%s started, pid %d", self.child.name, self.process.pid)

    def tick(self, now: float, *, give_up: bool) -> bool:
        """Look after the child; tell whether anything changed.

        Parameters
        ----------
        now : float
            The monotonic clock.
        give_up : bool
            Whether a child that never answers is a reason to stop trying.

        Raises
        ------
        StackFailed
            If it died again and again without ever having answered.
        """
        if self.process is None:
            due = not self.resting and now >= self._next_start
            return due and self._try_to_start(now, give_up=give_up)
        code = self.process.poll()
        if self._force_at is not None:
            return self._await_end(code, now)
        if code is not None:
            self._record_exit(code, now, give_up=give_up)
            return True
        if not self.ready and self.child.ready():
            self.child.on_ready()
            self.ready = self.was_ready = True
            took = time.monotonic() - self._started
            log.info("%s ready after %.2f s", self.child.name, took)
            return True
        return False

    def rest(self, now: float) -> None:
        """Ask it to end, and do not start it again before `wake`; never waits."""
        if self.process is not None and not self.resting:
            log.info("%s has nothing to do: it rests", self.child.name)
            number, grace = self.child.stop[0]
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)
            self._force_at = now + grace
        self.resting = True

    def wake(self) -> None:
        """Start it at the next tick, if it rests, or as soon as it has ended."""
        if self.resting:
            log.info("%s is needed again", self.child.name)
            self.resting = False

    def stop(self) -> None:
        """Ask it to end, ever less politely, and wait until it has."""
        if self.process is None:
            return
        for number, grace in self.child.stop:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)
            try:
                self.process.wait(grace)
                break
            except subprocess.TimeoutExpired:
                log.warning("%s did not end on %s", self.child.name, number.name)
        self._end_group()
        log.info("%s ended with code %s", self.child.name, self.process.returncode)
        self.process, self.id, self.ready = None, None, False

    def _try_to_start(self, now: float, *, give_up: bool) -> bool:
        try:
            self.start()
        except (OSError, StackFailed) as exc:
            if give_up and not self.was_ready:
                raise
            log.error("%s could not be prepared: %s", self.child.name, exc)  # noqa: TRY400  no bug of ours
            self._plan_start(now)
            return False
        return True

    def _await_end(self, code: int | None, now: float) -> bool:
        """Look after a child that was asked to end; tell whether it has."""
        if code is not None:
            self._end_group()
            log.info("%s ended with code %d, as asked", self.child.name, code)
            self.process, self.id, self.ready, self._force_at = None, None, False, None
        elif self.process is not None and now > (self._force_at or now):
            self.process.kill()
        return code is not None

    def _record_exit(self, code: int, now: float, *, give_up: bool) -> None:
        self._end_group()
        log.warning("%s died with code %d", self.child.name, code)
        if self.ready and now - self._started > HEALTHY_S:
            self._deaths = 0
        self.process, self.id, self.ready = None, None, False
        self._plan_start(now)
        if give_up and self._deaths >= GIVE_UP_AFTER and not self.was_ready:
            raise StackFailed(
                f"The private {self.child.name} ended {self._deaths} times with code "
                f"{code} before it answered; the end of {self.log} says: "
                f"{logs.tail(self.log)} Fix that, and run 'jupyter wrangler up'."
            )

    def _plan_start(self, now: float) -> None:
        wait = BACKOFF_S[min(self._deaths, len(BACKOFF_S) - 1)]
        self._deaths += 1
        self._next_start = now + wait

    def _end_group(self) -> None:
        """End what the child started and left (runners of a worker)."""
        if self.process is None or self.child.name == "postgres":
            # Its backends end by themselves, and must not be killed: that would look
            # like a crash to a postmaster that is still there.
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
