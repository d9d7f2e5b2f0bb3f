"""What is known of a submitted job, and kept up to date while somebody looks."""

from __future__ import annotations

import uuid
from typing import Self

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.job_state import JobTracker
from jupyter_wrangler.client.objects.job_waiting import ASK_S
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.client.transport.stream import Stream


@public
class JobHandle:
    """The state of a job: from the stream of changes, or asked for where it is silent.

    Parameters
    ----------
    api : Api
        The service.
    stream : Stream
        Where changes come from.
    seen : contract.Job
        The job as the service last described it.
    """

    def __init__(self, api: Api, stream: Stream, seen: contract.Job) -> None:
        self._api, self._stream = api, stream
        self._tracker = JobTracker(seen, leave=stream.unwatch)

    @property
    def uuid(self) -> uuid.UUID:
        """The id, as an object."""
        return self.seen.id

    @property
    def id(self) -> str:
        """The id; `jw.job` takes it, or a beginning of it."""
        return str(self.seen.id)

    @property
    def name(self) -> str | None:
        """The name given at submission, or the last one by `rename`."""
        return self.seen.name

    @property
    def spec(self) -> contract.AnySpec:
        """What was asked for, including the seed."""
        return self._full().spec

    def _full(self) -> contract.Job:
        """Fetch what lists and events leave out."""
        if self.seen.brief:
            found = self._api.job(self.uuid)
            self._tracker.take(found)
            return found
        return self.seen

    @property
    def reused(self) -> bool:
        """Whether an earlier job with the same data and spec was found."""
        return self.seen.reused

    @property
    def seen(self) -> contract.Job:
        """The job as the service last described it, without asking again."""
        return self._tracker.seen

    @property
    def state(self) -> str:
        """The state now: queued, running, cancelling, succeeded, failed, ..."""
        self._update()
        return self.seen.state

    @property
    def progress(self) -> contract.Progress | None:
        """How far the job is; None before it runs."""
        self._update()
        return self.seen.progress

    @property
    def priority(self) -> contract.Priority:
        """Which of your own jobs come first: low, normal or high."""
        return self.seen.priority

    @property
    def queue(self) -> contract.QueuePlace | None:
        """The place of a job that waits, and why it does; None once it runs."""
        self._update()
        return self.seen.queue

    @property
    def error(self) -> contract.JobError | None:
        """Why the job ended without a result."""
        return self.seen.error

    @property
    def summary(self) -> contract.ImputationSummary | contract.Findings | None:
        """What was done to each column; None until the job has succeeded."""
        if self.seen.summary is None and self.seen.state == "succeeded":
            self.refresh()
        return self.seen.summary

    def refresh(self) -> Self:
        """Refresh the state, following a retry made elsewhere."""
        before = self.seen
        self._tracker.take_answer(self._api.job(self.uuid), before)
        self._resume_watching(before)
        return self

    def _resume_watching(self, before: contract.Job) -> None:
        """Watch a job again that goes on after its end, if callbacks wait for it."""
        if before.final and self._tracker.has_listeners:
            self._watch()

    def _update(self) -> None:
        # the stream keeps a job up to date once it is watched and not silent
        if not self._tracker.ended.is_set():
            self._stream.watch(self._tracker)
            if self._stream.silence_s > ASK_S:
                self.refresh()

    def _watch(self) -> None:
        if not self._tracker.ended.is_set():
            self._stream.watch(self._tracker)
