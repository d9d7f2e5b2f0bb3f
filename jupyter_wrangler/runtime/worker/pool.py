"""Celery's pool of threads, which tells the consumer when a thread is free.

With `worker_disable_prefetch` the consumer does not ask the broker while all
threads are busy, and looks again only when its event loop turns: up to a second
after one is free.  A job of ten parts on two slots would idle for five seconds.
"""

from __future__ import annotations

from typing import Any

from celery.concurrency import thread


class TaskPool(thread.TaskPool):
    """Threads whose end wakes the consumer's event loop."""

    _hub: Any = None

    def register_with_event_loop(self, hub: Any) -> None:
        """Remember the loop to wake."""
        self._hub = hub

    def on_apply(self, *args: Any, **kwargs: Any) -> Any:
        """Run a task in a thread, and turn the loop when it is over."""
        result = super().on_apply(*args, **kwargs)
        result.f.add_done_callback(self._wake_hub)
        return result

    def _wake_hub(self, _: object) -> None:
        if self._hub is not None:
            self._hub.call_soon(_do_nothing)


def _do_nothing() -> None:
    """Do nothing: the turn of the loop is all that is wanted."""
