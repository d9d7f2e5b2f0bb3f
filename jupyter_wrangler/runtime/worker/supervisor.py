"""Supervising one part: start a runner, relay its steps, write how it ended.

Runs in a thread of the worker, one per slot.  The computation is in another
process, so heartbeats never wait for it and it can be killed at any moment.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from jupyter_wrangler.errors import (
    DatabaseUnreachable,
    StorageFull,
    StorageUnreachable,
    WranglerError,
    raising,
)
from jupyter_wrangler.runtime.worker.awake import Awake
from jupyter_wrangler.runtime.worker.messages import Task
from jupyter_wrangler.runtime.worker.runner_pool import Runner, RunnerDied
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store import uploads
from jupyter_wrangler.store.blobs.base import BlobStore
from jupyter_wrangler.store.database import SyncDatabase, is_passing
from jupyter_wrangler.store.pubsub import PubSub
from jupyter_wrangler.store.queue import parts

log = logging.getLogger(__name__)

#: Seconds that a look at a runner takes at most, unless this process was stopped.
LOOK_S = 5.0
#: Age of a runner in seconds up to which it goes on with another part of its job.
KEEP_S = 5.0
#: Stands for the answer of a verb that could not be run; true, so that all ends here.
_UNTOLD = object()
#: Bytes that a runner may write into one file, at least.
_FILE_BYTES = 4 * 2**30
_GONE = "its data are not in the store"
_GONE_ADVICE = (
    "Upload the data again and submit the job anew. If it happens again, `jupyter "
    "wrangler doctor` on the machine of the service says more."
)


class Supervisor:
    """One part under way."""

    def __init__(
        self,
        settings: Settings,
        database: SyncDatabase,
        bell: PubSub,
        blobs: BlobStore,
        claim: parts.Claim,
        start: Callable[[], Runner] = Runner,
    ) -> None:
        self.settings, self.database, self.bell = settings, database, bell
        self.blobs, self.claim, self._start = blobs, claim, start
        #: Set when the job is to stop; when the lease is lost; when the worker drains.
        self.cancelled = threading.Event()
        self.lost = threading.Event()
        self.released = threading.Event()
        self._output = uuid.uuid4()
        self._staged = [self._output]
        self._usage: dict[str, float] = {}
        #: What the time limit is counted by.
        self._awake = Awake(LOOK_S)

    @property
    def has_time(self) -> bool:
        """Whether the computation may go on for now."""
        return self._awake.seconds < self.settings.part_timeout_s

    def run(
        self,
        ended: Callable[[], bool],
        runner: Runner | None = None,
    ) -> Runner | None:
        """Run the part to whatever end, in a runner of its own or in the one given.

        Calls `ended` when that stands in the book, and returns the runner if that says
        that another part of the job follows here, and the runner is fit for it.
        """
        kept = None
        try:
            task = self._task()
        except OSError as error:
            self._settle(_kept_from(error), runner)
            if runner:
                runner.close()
            self._clear()
            return None
        try:
            runner = runner or self._start()
        except (OSError, EOFError) as error:
            # this host, which is short of processes or descriptors, and not the part
            self._settle(_unstarted(error), None)
            self._clear()
            return None
        try:
            runner.begin(task)
            answer = self._watch(runner)
            if answer is None and runner.overspent():
                answer = _timed_out(self.settings.part_timeout_s)
            self._settle(answer, runner)
            # tell it before the runner is cleared away, which takes some milliseconds
            follows = ended()
            self.bell.ring(self.claim.ticket.job_id, self.claim.owner_id)
            if follows and self._is_fit(runner, answer):
                kept = runner
            return kept
        finally:
            if kept is None:
                runner.close()
            self._clear()

    def _is_fit(self, runner: Runner, answer: dict[str, Any] | None) -> bool:
        """Whether a runner may go on.

        To start one costs what a small part does.  After a long part nobody notices
        that, and memory and time that were used count against nothing else.
        """
        over = self.lost, self.released, self.cancelled
        return (
            answer is not None
            and answer["t"] == "done"
            and runner.age_s < KEEP_S
            and not any(one.is_set() for one in over)
        )

    def _clear(self) -> None:
        for name in self._staged:
            self.blobs.staging.discard(name)

    def _task(self) -> Task:
        claim = self.claim

        def path(key: str) -> str:
            # the runner holds no credentials: what lies in a bucket is fetched for it
            self._staged.append(uuid.uuid4())
            return str(self.blobs.local(key, self._staged[-1]))

        return Task(
            stage=claim.stage,
            k=claim.k,
            spec=claim.spec,
            data=path(claim.input_key),
            results=[path(key) for key in claim.result_keys],
            failures=claim.failures,
            output=str(self.blobs.staging.path(self._output)),
            max_columns=self.settings.max_columns,
            max_cells=self.settings.max_cells
            if claim.max_cells is None
            else min(self.settings.max_cells, claim.max_cells),
            memory=self.settings.runner_memory,
            # beyond what the wall clock allows: for when nobody looks at that any more
            cpu_s=int(self.settings.part_timeout_s * (os.cpu_count() or 1)) + 60,
            file_bytes=max(_FILE_BYTES, 4 * self.settings.max_bytes),
        )

    def _watch(self, runner: Runner) -> dict[str, Any] | None:
        """Return the runner's last word, or None if it died or was killed."""
        self._awake = Awake(LOOK_S)
        asked: float | None = None
        while True:
            try:
                for message in runner.messages():
                    if message["t"] != "step":
                        self._usage = message.pop("usage", {})
                        self._relay({"done": 1, "total": 1, "message": ""})
                        return message
                    self._relay(message)
            except RunnerDied:
                return None
            now = self._awake.look()
            if self.lost.is_set() or self.released.is_set():
                return None
            if not self.has_time:
                return _timed_out(self.settings.part_timeout_s)
            if self.cancelled.is_set():
                asked = asked or now
                runner.ask(now - asked)

    def _relay(self, step: dict[str, Any]) -> None:
        claim = self.claim
        self.bell.progress(
            claim.ticket.job_id,
            claim.owner_id,
            str(claim.k),
            {
                **step,
                "attempt": claim.ticket.attempt,
                "imputation": claim.k,
                "n_imputations": claim.n_parts,
            },
        )

    def _settle(self, answer: dict[str, Any] | None, runner: Runner | None) -> None:
        """Write the end of the part, or at least that it could not be written."""
        try:
            self._end(answer, runner)
        except Exception:
            reference = uuid.uuid4().hex[:8]
            log.exception("a part's end cannot be written (reference %s)", reference)
            self._end(_unwritten(reference), runner)

    def _end(self, answer: dict[str, Any] | None, runner: Runner | None) -> None:
        """Write the end of the part, as long as the lease is ours."""
        ticket, usage = self.claim.ticket, self._usage
        if self.lost.is_set():
            log.warning("lost the lease of part %s", ticket.part_id)
            return
        if answer is not None and answer["t"] == "done":
            answer = self._store(answer)
        kind = answer["t"] if answer else "dead"
        if kind == "done" and answer:
            ended = self._write(
                parts.succeed,
                ticket,
                result_sha=answer.get("sha"),
                summary=answer.get("summary"),
                usage=usage,
            )
        elif kind == "error" and answer:
            ended = self._write(
                parts.fail,
                ticket,
                state=answer.get("state", "failed"),
                code=answer["code"],
                message=answer["message"],
                details=answer["details"],
                usage=usage,
            )
        elif kind == "wait" and answer:
            log.warning("a part waits: %s", answer["message"])
            self._relay({"done": 0, "total": 1, "message": answer["message"]})
            ended = self._write(parts.release, ticket, waits_for=answer["message"])
        elif kind == "gone":
            ended = self._write(
                parts.lose, ticket, reason=_GONE, usage=usage, advice=_GONE_ADVICE
            )
        elif kind == "cancelled" or (
            self.released.is_set() and not self.cancelled.is_set()
        ):
            # of a cancel that concerned an earlier attempt nothing stands in the book
            ended = self._write(parts.release, ticket)
        else:
            ended = self._write(parts.lose, ticket, reason=_reason(runner), usage=usage)
        if not ended:
            # the guard did not match: the job was cancelled, or the lease went
            self._write(parts.stop, ticket, usage=usage)
        elif kind in {"error", "dead", "gone"} and (
            self._write(parts.stopping, ticket.job_id) is True
        ):
            # the other parts run for nothing; do not wait for a heartbeat to say so
            self.bell.cancel(ticket.job_id)

    def _store(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Move the result into the store and record its bytes."""
        if self.claim.stage and not answer.get("stored"):
            return answer
        owner = self.claim.owner_id
        try:
            sha, size, key = self._adopt(owner)
        except OSError as error:
            return _kept_from(error)
        except WranglerError as error:
            return {
                "t": "error",
                "code": error.code,
                "message": error.message,
                "details": error.details,
            }
        form = "parquet" if self.claim.spec["kind"] == "imputation" else "json"
        kept = self._write(uploads.add_blob, owner, sha, size, key, form=form)
        if kept not in {key, _UNTOLD} and not (
            self._is_lost(kept, size)
            and self._write(uploads.replace, owner, sha, kept, key)
        ):
            # the same bytes were there already
            self.blobs.delete(key)
        return {**answer, "sha": sha}

    def _is_lost(self, key: str, size: int) -> bool:
        """Whether bytes that the book knows are certainly not in the store."""
        try:
            return not self.blobs.has(key, size)
        except StorageUnreachable:
            return False

    def _adopt(self, owner: uuid.UUID) -> tuple[bytes, int, str]:
        """Keep the result, which may have cost hours: wait for a store in trouble."""
        limit = time.monotonic() + self.settings.lease_s
        while True:
            try:
                return self.blobs.adopt(owner, self._output, None)
            except (StorageUnreachable, StorageFull):
                told = self.lost, self.released, self.cancelled
                if time.monotonic() > limit or any(one.is_set() for one in told):
                    raise
                time.sleep(1)

    def _write(self, verb: Any, *args: Any, **kwargs: Any) -> Any:
        """Run a verb, waiting out what keeps PostgreSQL from it for as long as we may.

        The heartbeat goes on meanwhile; without it the lease is lost soon.
        """
        while True:
            try:
                return self.database.run(verb, *args, **kwargs)
            except Exception as error:
                if not (isinstance(error, DatabaseUnreachable) or is_passing(error)):
                    raise
                if self.lost.is_set():
                    log.exception("could not write the end of a part")
                    return _UNTOLD
                time.sleep(0.5)


def _reason(runner: Runner | None) -> str:
    return runner.how_it_ended() if runner else "its process never began"


def _kept_from(error: OSError) -> dict[str, Any]:
    """Tell what keeps a part from its data, or its result from being kept."""
    if isinstance(error, FileNotFoundError):
        log.error("the data of a part are not in the store: %s", error)
        return {"t": "gone"}
    if isinstance(error, WranglerError):
        return {"t": "wait", "message": error.message}
    return {
        "t": "wait",
        "message": (
            f"What holds data and results is in trouble ({error.strerror}); "
            "`jupyter wrangler doctor` on the machine of the service says more."
        ),
    }


def _unstarted(error: OSError | EOFError) -> dict[str, Any]:
    log.error("no process can be started: %s", error)
    return {
        "t": "wait",
        "message": (
            f"The worker cannot start a process ({error}); see the limits of its "
            "host for processes and memory."
        ),
    }


def _unwritten(reference: str) -> dict[str, Any]:
    return {
        "t": "error",
        "code": "internal",
        "message": (
            "The computation has ended, but how it ended could not be written down, by "
            f"a mistake of ours (reference {reference} in the worker's log). Please "
            "report it; another method may work meanwhile."
        ),
        "details": {"reference": reference},
    }


def _timed_out(seconds: float) -> dict[str, Any]:
    return {
        "t": "error",
        "state": "timed_out",
        "code": "job_timed_out",
        "message": (
            f"The computation ran longer than {seconds:.0f} seconds and was stopped. "
            "Use fewer columns, rounds or imputations, or "
            f"{raising('JUPYTER_WRANGLER_PART_TIMEOUT_S')}."
        ),
        "details": {"seconds": seconds},
    }
