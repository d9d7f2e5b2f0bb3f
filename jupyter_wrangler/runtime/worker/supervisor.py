"""Supervising one part: start a runner, relay its steps, write how it ended.

Runs in a thread of the worker, one per slot.  The computation is in another
process, so heartbeats never wait for it and it can be killed at any moment.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Callable
from typing import Any, assert_never

from jupyter_wrangler.runtime.worker.awake_clock import AwakeClock
from jupyter_wrangler.runtime.worker.messages import (
    Cancelled,
    Done,
    Failed,
    StepReport,
    Task,
    UnreadableMessage,
)
from jupyter_wrangler.runtime.worker.outcomes import (
    DataLost,
    Died,
    Ending,
    Interrupted,
    Outcome,
    Stored,
    Waits,
    no_process,
    not_written,
    storage_trouble,
    timed_out,
    unreadable,
)
from jupyter_wrangler.runtime.worker.pace import Pace
from jupyter_wrangler.runtime.worker.part_output import PartOutput
from jupyter_wrangler.runtime.worker.runner_process import Runner, RunnerDied
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.blobs.base import BlobStore
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.pubsub import PubSub
from jupyter_wrangler.store.queue import claims, parts

log = logging.getLogger(__name__)

#: Seconds that a look at a runner takes at most, unless this process was stopped.
LOOK_S = 5.0
#: Seconds of a part, KiB at its peak, and number of parts up to which a runner goes on
#: with another part of the same user.
KEEP_S, KEEP_KIB, KEEP_PARTS = 5.0, 512 * 1024, 200
#: Bytes that a runner may write into one file, at least.
_FILE_BYTES = 4 * 2**30


class Supervisor:
    """One part under way."""

    def __init__(
        self,
        settings: Settings,
        database: SyncDatabase,
        pubsub: PubSub,
        blobs: BlobStore,
        claim: claims.Claim,
        start: Callable[[], Runner] = Runner,
    ) -> None:
        self.settings, self.database, self.pubsub = settings, database, pubsub
        self.blobs, self.claim, self._start = blobs, claim, start
        #: Set when the job is to stop; when the lease is lost; when the worker drains.
        self.cancelled = threading.Event()
        self.lost = threading.Event()
        self.released = threading.Event()
        self._output = PartOutput(
            settings,
            database,
            blobs,
            claim,
            lost=self.lost,
            stops=lambda: self._is_stopped,
        )
        self._usage: dict[str, float] = {}
        #: What the time limit is counted by.
        self._awake = AwakeClock(LOOK_S)
        self._pace = Pace()

    @property
    def has_time(self) -> bool:
        """Whether the computation may go on for now."""
        return self._awake.seconds < self.settings.part_timeout_s

    def run(
        self,
        ended: Callable[[], object],
        runner: Runner | None = None,
    ) -> Runner | None:
        """Run the part to whatever end, in the runner given or in one of the pool.

        Calls `ended` when the end is written, and returns the runner if it is fit for
        another part of the same user; else it has ended.
        """
        try:
            task = self._make_task()
        except OSError as error:
            self._write_end(storage_trouble(error))
            if runner:
                runner.close()
            self._output.discard()
            return None
        try:
            runner = runner or self._start()
        except (OSError, EOFError) as error:
            # this host, which is short of processes or descriptors, and not the part
            self._write_end(no_process(error))
            self._output.discard()
            return None
        keep = False
        try:
            runner.begin(task)
            outcome = self._watch(runner)
            self._write_end(outcome)
            # tell it before the runner is cleared away, which takes some milliseconds
            ended()
            self.pubsub.notify(self.claim.ticket.job_id, self.claim.owner_id)
            keep = self._is_fit(runner, outcome)
            return runner if keep else None
        finally:
            if not keep:
                runner.close()
            self._output.discard()

    def _is_fit(self, runner: Runner, outcome: Outcome) -> bool:
        """Whether a runner may go on with another part of the same user.

        To start one costs what a small part does.  After a part that was long, large
        or ended badly nobody notices that, and what it has left counts against nothing.
        """
        return (
            isinstance(outcome, Done)
            and runner.busy_s < KEEP_S
            and runner.parts < KEEP_PARTS
            and self._usage.get("rss_peak_kb", KEEP_KIB) < KEEP_KIB
            and not self._is_stopped
        )

    @property
    def _is_stopped(self) -> bool:
        signals = (self.cancelled, self.lost, self.released)
        return any(signal.is_set() for signal in signals)

    def _make_task(self) -> Task:
        claim, path = self.claim, self._output.fetch
        staging = self.blobs.staging
        return Task(
            stage=claim.stage,
            k=claim.k,
            spec=claim.spec,
            data=path(claim.input_key),
            results=[path(key) for key in claim.result_keys],
            failures=claim.failures,
            output=str(staging.path(self._output.name)),
            recipe_output=str(staging.path(self._output.recipe_name)),
            max_model_bytes=self.settings.max_model_bytes,
            recipe=None if claim.recipe_key is None else path(claim.recipe_key),
            max_columns=self.settings.max_columns,
            max_cells=self.settings.max_cells
            if claim.max_cells is None
            else min(self.settings.max_cells, claim.max_cells),
            memory=self.settings.runner_memory,
            # beyond what the wall clock allows: for when nobody looks at that any more
            cpu_s=int(self.settings.part_timeout_s * (os.cpu_count() or 1)) + 60,
            file_bytes=max(_FILE_BYTES, 4 * self.settings.max_bytes),
        )

    def _watch(self, runner: Runner) -> Outcome:
        """Relay what the runner reports; return how its part has ended."""
        self._awake = AwakeClock(LOOK_S)
        asked: float | None = None
        while True:
            try:
                for message in runner.messages():
                    if not isinstance(message, StepReport):
                        self._usage = (
                            message.usage.model_dump() if message.usage else {}
                        )
                        self._report_progress(StepReport(done=1, total=1))
                        return message
                    self._report_progress(message)
            except RunnerDied:
                return self._after_death(runner)
            except UnreadableMessage as error:
                return unreadable(error)
            now = self._awake.tick()
            if self.lost.is_set() or self.released.is_set():
                return Interrupted()
            if not self.has_time:
                return timed_out(self.settings.part_timeout_s)
            if self.cancelled.is_set():
                asked = asked or now
                runner.request_stop(now - asked)

    def _after_death(self, runner: Runner) -> Outcome:
        if runner.overspent():
            return timed_out(self.settings.part_timeout_s)
        if self.released.is_set() and not self.cancelled.is_set():
            # the worker drains, and what runs is given back anyway
            return Interrupted()
        return Died(reason=runner.how_it_ended())

    def _report_progress(self, step: StepReport) -> None:
        claim, seconds = self.claim, self._awake.seconds
        self._pace.note(seconds, step.done / step.total if step.total else 0.0)
        self.pubsub.progress(
            claim.ticket.job_id,
            claim.owner_id,
            str(claim.k),
            {
                **step.model_dump(),
                "attempt": claim.ticket.attempt,
                "imputation": claim.k,
                "n_imputations": claim.n_parts,
                "seconds": seconds,
                "half_s": self._pace.half_s,
            },
        )

    def _write_end(self, outcome: Outcome) -> None:
        """Write the end of the part, or at least that it could not be written."""
        try:
            self._store_and_write(outcome)
        except Exception:
            reference = uuid.uuid4().hex[:8]
            log.exception("a part's end cannot be written (reference %s)", reference)
            self._store_and_write(not_written(reference))

    def _store_and_write(self, outcome: Outcome) -> None:
        """Write the end of the part, as long as the lease is ours."""
        ticket = self.claim.ticket
        if self.lost.is_set():
            log.warning("lost the lease of part %s", ticket.part_id)
            return
        ending = self._output.store(outcome) if isinstance(outcome, Done) else outcome
        if not self._write_ending(ending):
            # the guard did not match: the job was cancelled, or the lease went
            self._output.update(parts.mark_cancelled, ticket, usage=self._usage)
        elif isinstance(ending, Failed | Died | DataLost) and (
            self._output.update(parts.are_cancelling, ticket.job_id) is True
        ):
            # the other parts run for nothing; do not wait for a heartbeat to say so
            self.pubsub.cancel(ticket.job_id)

    def _write_ending(self, ending: Ending) -> Any:
        """Write one ending; false if the part is no longer ours to end."""
        ticket, usage = self.claim.ticket, self._usage
        match ending:
            case Stored():
                return self._output.update(
                    parts.succeed,
                    ticket,
                    result_sha=ending.sha,
                    recipe=ending.recipe,
                    summary=ending.summary,
                    usage=usage,
                    more=ending.more,
                )
            case Failed():
                return self._output.update(
                    parts.fail,
                    ticket,
                    state=ending.state,
                    code=ending.code,
                    message=ending.message,
                    details=ending.details,
                    usage=usage,
                )
            case Waits():
                log.warning("a part waits: %s", ending.message)
                self._report_progress(
                    StepReport(done=0, total=1, message=ending.message)
                )
                return self._output.update(
                    parts.release, ticket, waits_for=ending.message
                )
            case DataLost():
                return self._output.update(
                    parts.mark_lost,
                    ticket,
                    reason=ending.reason,
                    usage=usage,
                    advice=ending.advice,
                )
            case Died():
                return self._output.update(
                    parts.mark_lost, ticket, reason=ending.reason, usage=usage
                )
            case Cancelled() | Interrupted():
                # a cancel that concerned an earlier attempt is not in the database
                return self._output.update(parts.release, ticket)
            case _:
                assert_never(ending)
