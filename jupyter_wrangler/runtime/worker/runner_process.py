"""Runners as their supervisors see them: a process, a pipe, and ways to end it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
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

#: Seconds a runner has to stop by itself, then after SIGTERM.
ASK_S, TERM_S = 0.5, 2.0
_TICK_S = 0.05


class RunnerDied(Exception):
    """The runner has gone without a last word."""


class Runner:
    """One process without credentials, which computes parts of one user."""

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
        #: When it got its latest part, and how many it has had.
        self._begun: float | None = None
        self.parts = 0
        self._closed = False

    @property
    def pid(self) -> int:
        """What the system calls it."""
        pid: int = self._process.pid
        return pid

    @property
    def busy_s(self) -> float:
        """Seconds since it got its latest part."""
        return 0.0 if self._begun is None else time.monotonic() - self._begun

    def begin(self, task: Task) -> None:
        """Let it compute a part."""
        self._begun = time.monotonic()
        self.parts += 1
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
        """Leave nothing of it behind; called again, it does nothing."""
        if self._closed:
            return
        self._closed = True
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
