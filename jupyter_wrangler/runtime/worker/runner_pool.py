"""Runners as their supervisors see them: a process, a pipe, and ways to end it."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.connection import wait
from typing import Any

from jupyter_wrangler.runtime.worker.messages import (
    CANCEL,
    MAX_MESSAGE,
    Answer,
    StepReport,
    Task,
    UnreadableMessage,
    decode,
)
from jupyter_wrangler.runtime.worker.runner_entry import start_runner

log = logging.getLogger(__name__)

#: Seconds a runner has to stop by itself, then after SIGTERM.
ASK_S, TERM_S = 0.5, 2.0
_TICK_S = 0.05


class RunnerDied(Exception):
    """The runner has gone without a last word."""


class Runner:
    """One process without credentials, which computes one part, or a few of one job."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("forkserver")
        self._pipe, theirs = context.Pipe()
        self._process: Any = context.Process(target=start_runner, args=(theirs,))
        try:
            self._process.start()
        except BaseException:
            self._pipe.close()
            raise
        finally:
            theirs.close()
        #: When it got its first part.
        self._begun: float | None = None

    @property
    def pid(self) -> int:
        """What the system calls it."""
        pid: int = self._process.pid
        return pid

    @property
    def age_s(self) -> float:
        """Seconds since it got its first part."""
        return 0.0 if self._begun is None else time.monotonic() - self._begun

    def begin(self, task: Task) -> None:
        """Let it compute a part."""
        self._begun = self._begun or time.monotonic()
        # if it has died, the next look says so
        with contextlib.suppress(OSError):
            self._pipe.send_bytes(task.model_dump_json().encode())

    def messages(self) -> list[StepReport | Answer]:
        """Return what it has written, after a moment's wait.

        Raises
        ------
        RunnerDied
            If it has ended and left nothing to read.
        UnreadableMessage
            If it has sent what is no message.
        """
        # wait for the process too: a dead runner may leave nothing to read
        wait([self._pipe, self._process.sentinel], timeout=_TICK_S)
        heard: list[StepReport | Answer] = []
        try:
            while self._pipe.poll() and not (heard and isinstance(heard[-1], Answer)):
                heard.append(decode(self._pipe.recv_bytes(MAX_MESSAGE)))
        except (EOFError, OSError) as error:
            if not self._pipe.readable:
                # the length that was announced makes no sense
                raise UnreadableMessage("a message that is too long") from error
            if not heard:
                raise RunnerDied from None
        if not heard and not self.is_alive():
            raise RunnerDied
        return heard

    def request_stop(self, waited: float) -> None:
        """Ask it to stop, then insist, then force, by how long it was asked before."""
        if waited > ASK_S + TERM_S:
            self.kill()
        elif waited > ASK_S:
            self._process.terminate()
        else:
            with contextlib.suppress(OSError):
                self._pipe.send_bytes(CANCEL)

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return bool(self._process.is_alive())

    def kill(self) -> None:
        """End it and whatever it started, and reap it."""
        process = self._process
        if process.is_alive():
            # before the runner made its own group, the group is the fork server's
            with contextlib.suppress(OSError):
                if os.getpgid(process.pid) == process.pid:
                    os.killpg(process.pid, signal.SIGKILL)
            process.kill()
        process.join(timeout=5)

    def close(self) -> None:
        """Leave nothing of it behind."""
        self.kill()
        self._pipe.close()
        self._process.close()

    def overspent(self) -> bool:
        """Whether it has ended for all the processor time it took."""
        self._process.join(timeout=0.1)
        return bool(self._process.exitcode == -signal.SIGXCPU)

    def how_it_ended(self) -> str:
        """End it, if it has not, and say how it came to that."""
        self.kill()
        exitcode = self._process.exitcode
        if exitcode is not None and exitcode < 0:
            name = signal.Signals(-exitcode).name
            hint = ", the system may be out of memory" if name == "SIGKILL" else ""
            return f"its process was ended by {name}{hint}"
        return f"its process ended with code {exitcode}"


class WarmPool:
    """One runner that is there before it is wanted: to start it takes a while.

    It knows nothing yet, and does nothing but warm up until it gets a part.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ready: Runner | None = None
        self._closed = False

    def take(self) -> Runner:
        """Return the runner that waits, or a new one."""
        with self._lock:
            found, self._ready = self._ready, None
        if found is not None:
            if found.is_alive():
                return found
            found.close()
        return Runner()

    def refill(self) -> None:
        """Start a runner for the next part, if none waits."""
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
            if self._needs_one():
                self._ready, found = found, None
        if found is not None:
            found.close()

    def _needs_one(self) -> bool:
        return self._ready is None and not self._closed

    def close(self) -> None:
        """End the runner that waits, and let none wait any more."""
        with self._lock:
            found, self._ready, self._closed = self._ready, None, True
        if found is not None:
            found.close()
