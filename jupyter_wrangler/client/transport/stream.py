"""News of all live jobs, from one event stream and one daemon thread.

While no job is live there is neither.  When the stream breaks, jobs are polled and
the stream is opened again, ever less often; where a proxy holds events back, polling
alone must do.  The thread prints nothing: it would show up in whatever cell runs.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any, Protocol

import httpx
from httpx_sse import EventSource, ServerSentEvent
from pydantic import ValidationError

from jupyter_wrangler import contract
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.errors import NotFound, ServerUnreachable, WranglerError
from jupyter_wrangler.retrying import RetryPolicy

_log = logging.getLogger("jupyter_wrangler.client")

#: The service says something every 15 s; silence of this length means a dead stream.
SILENCE_S = 25.0
#: Pauses before the stream is opened again; spread, or all kernels come back to a
#: restarted service at once.
_AGAIN = RetryPolicy(first_s=0.5, factor=2, longest_s=15.0, jitter=0.5)
#: Where events are held back, jobs are polled this often for that long.
POLL_S, POLL_FOR_S = 2.0, 60.0


class Watcher(Protocol):
    """Receives the changes of a job."""

    @property
    def uuid(self) -> uuid.UUID:
        """The job's id."""

    def take(self, seen: contract.Job) -> None:
        """Take a new state."""

    def take_progress(self, progress: contract.Progress) -> None:
        """Take a step."""

    def take_place(self, news: contract.QueueUpdate) -> None:
        """Take a new place in the queue."""

    def take_loss(self, error: WranglerError) -> None:
        """Note that the service does not have the job any more."""


class Stream:
    """Gives watchers what happens to their jobs.

    Parameters
    ----------
    api : Api
        The service.
    """

    def __init__(self, api: Api) -> None:
        # what runs in the background must not undo `jupyter wrangler down`
        self._api = api.passive()
        self._last_id: str | None = None
        self._live: dict[uuid.UUID, list[Watcher]] = {}
        self._reset()

    def _reset(self) -> None:
        # a fork copies neither the thread, nor a usable lock
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ready = False
        self._last_received = 0.0

    @property
    def thread(self) -> threading.Thread | None:
        """The thread, while something is live."""
        return self._thread

    @property
    def silence_s(self) -> float:
        """Seconds since the last answer or event of the service."""
        return time.monotonic() - self._last_received

    def watch(self, watcher: Watcher) -> None:
        """Feed a watcher until its job has ended."""
        if self._pid != os.getpid():
            self._reset()
        with self._lock:
            watchers = self._live.setdefault(watcher.uuid, [])
            if watcher in watchers:
                return
            watchers.append(watcher)
            late = self._ready
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name="jupyter-wrangler-events", daemon=True
                )
                self._thread.start()
        if late:
            # events of before now were missed, and will not be sent again
            with contextlib.suppress(ServerUnreachable):
                self._poll_job(watcher.uuid)

    def unwatch(self, watcher: Watcher) -> None:
        """Stop feeding a watcher."""
        with self._lock:
            watchers = self._live.get(watcher.uuid, [])
            if watcher in watchers:
                watchers.remove(watcher)
            if not watchers:
                self._live.pop(watcher.uuid, None)

    def close(self) -> None:
        """Stop feeding all watchers; the thread ends with the next sign of life."""
        with self._lock:
            self._live.clear()
        self._api.close()

    def refresh(self, watcher: Watcher) -> None:
        """Ask the service for a watcher's job, and give the watcher its state.

        Raises
        ------
        ServerUnreachable
            If there is no service now.
        """
        watcher.take(self._fetch_job(watcher.uuid))

    def _fetch_job(self, key: uuid.UUID) -> contract.Job:
        seen = self._api.job(key)
        self._last_received = time.monotonic()
        return seen

    def _stop_if_idle(self) -> bool:
        with self._lock:
            if self._live:
                return False
            self._thread, self._ready = None, False
            return True

    def _run(self) -> None:
        pauses = _AGAIN.pauses()
        while not self._stop_if_idle():
            began, received = time.monotonic(), False
            try:
                received = self._read_events()
            except (WranglerError, httpx.HTTPError):
                pass
            except Exception:  # noqa: BLE001
                # the thread must outlive a bug, or those who await a job wait for ever
                _log.exception("reading the event stream failed; it is tried again")
            with self._lock:
                self._ready = False
            if self._stop_if_idle():
                return
            if time.monotonic() - began > SILENCE_S and not received:
                self._poll_for(POLL_FOR_S)
                continue
            try:
                self._poll_all()
            except WranglerError:
                pass
            except Exception:  # noqa: BLE001
                _log.exception("asking for jobs failed; it is tried again")
            if received:
                pauses = _AGAIN.pauses()
            time.sleep(next(pauses))

    def _read_events(self) -> bool:
        """Read the stream while a job is live; return whether any event came."""
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if self._last_id:
            headers["Last-Event-ID"] = self._last_id
        timeout = httpx.Timeout(10.0, read=SILENCE_S)
        reported: set[uuid.UUID] = set()
        received = False
        with self._api.stream("events", headers=headers, timeout=timeout) as response:
            try:
                for event in EventSource(response).iter_sse():
                    received, self._last_received = True, time.monotonic()
                    self._handle_event(event, reported)
                    with self._lock:
                        if not self._live:
                            return received
            except httpx.TransportError:
                if not received:
                    raise
        return received

    def _handle_event(self, event: ServerSentEvent, reported: set[uuid.UUID]) -> None:
        if event.id:
            self._last_id = event.id
        try:
            if event.event == "job":
                seen = contract.Job.model_validate_json(event.data)
                reported.add(seen.id)
                self._notify(seen.id, lambda watcher: watcher.take(seen))
            elif event.event == "progress":
                step = contract.Progress.model_validate_json(event.data)
                self._notify(step.job_id, lambda watcher: watcher.take_progress(step))
            elif event.event == "queue":
                news = contract.QueueUpdate.model_validate_json(event.data)
                self._notify(news.job_id, lambda watcher: watcher.take_place(news))
            elif event.event == "ready":
                with self._lock:
                    self._ready = True
                    silent = [key for key in self._live if key not in reported]
                for key in silent:
                    self._poll_job(key)
        except (ValidationError, json.JSONDecodeError):
            # news in a form that this version does not know
            return

    def _notify(self, key: uuid.UUID, call: Callable[[Watcher], Any]) -> None:
        with self._lock:
            watchers = list(self._live.get(key, []))
        for watcher in watchers:
            call(watcher)

    def _poll_job(self, key: uuid.UUID) -> None:
        try:
            seen = self._fetch_job(key)
        except NotFound as error:
            lost = error
            self._notify(key, lambda watcher: watcher.take_loss(lost))
            return
        self._notify(key, lambda watcher: watcher.take(seen))

    def _poll_all(self) -> None:
        with self._lock:
            live = list(self._live)
        for key in live:
            self._poll_job(key)

    def _poll_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and self._live:
            with contextlib.suppress(WranglerError):
                self._poll_all()
            time.sleep(POLL_S)
