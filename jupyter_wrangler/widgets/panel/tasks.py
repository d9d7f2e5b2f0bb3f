"""Work that takes time, in daemon threads: none is left when nothing is done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import Any, TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """The work was stopped: it was replaced, or the panel closed."""


class Task:
    """One piece of work, in a thread of its own.

    Parameters
    ----------
    words : str
        What is done, for people.
    """

    def __init__(self, words: str) -> None:
        self.words = words
        #: How far it is, in words; and from 0 to 1, or None where that is not known.
        self.message = ""
        self.share: float | None = None
        self._stop = threading.Event()

    def stop(self) -> None:
        """Ask it to stop; it does at its next step."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    def check(self) -> None:
        """Raise `Stopped` if it was asked to stop."""
        if self._stop.is_set():
            raise Stopped

    def sleep(self, seconds: float) -> None:
        """Wait, but not when it is stopped."""
        if self._stop.wait(seconds):
            raise Stopped

    def pull(self, steps: Generator[Any, None, T], moved: Callable[[], object]) -> T:
        """Pull the steps of the engine, to stop between two of them."""
        while True:
            self.check()
            try:
                step = next(steps)
            except StopIteration as end:
                found: T = end.value
                return found
            self.message = step.message
            self.share = step.done / step.total if step.total else None
            moved()


class Tasks:
    """The tasks of a panel, one at most of each name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, Task] = {}
        self._closed = False

    def start(
        self,
        name: str,
        words: str,
        work: Callable[[Task], object],
        failed: Callable[[BaseException], object],
    ) -> None:
        """Do some work in a thread; what is done under this name is stopped.

        Parameters
        ----------
        name : str
            What the work is known by.
        words : str
            What is done, for people.
        work : callable
            Takes the task; hands on what it finds by itself.
        failed : callable
            Takes what `work` raises, unless it was stopped.
        """
        task = Task(words)
        with self._lock:
            if self._closed:
                return
            before = self._running.get(name)
            if before is not None:
                before.stop()
            self._running[name] = task

        def run() -> None:
            try:
                work(task)
            except Stopped:
                pass
            except Exception as error:  # noqa: BLE001  shown in the panel, in words
                if not task.stopped:
                    self._forget(name, task)
                    failed(error)
            finally:
                self._forget(name, task)

        thread = threading.Thread(
            target=run, name=f"jupyter-wrangler-panel-{name}", daemon=True
        )
        thread.start()

    def _forget(self, name: str, task: Task) -> None:
        with self._lock:
            if self._running.get(name) is task:
                del self._running[name]

    def get(self, name: str) -> Task | None:
        """Return the task of a name, while it is done."""
        with self._lock:
            return self._running.get(name)

    def stop(self, name: str) -> None:
        """Stop a task, if there is one."""
        with self._lock:
            task = self._running.pop(name, None)
        if task is not None:
            task.stop()

    def close(self) -> None:
        """Stop all, and take no more."""
        with self._lock:
            self._closed = True
            for task in self._running.values():
                task.stop()
            self._running.clear()
