"""What can be asked of a submitted job, besides its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.job_handle import JobHandle
from jupyter_wrangler.client.objects.job_history import history_table, parts_table
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.errors import JobAlreadyFinished

if TYPE_CHECKING:
    import pandas as pd


@public
class JobActions(JobHandle):
    """A job that can be changed, tried again, and asked for its history and parts."""

    def cancel(self) -> bool:
        """Ask for the job to stop; finished imputations are kept.

        Returns
        -------
        bool
            False if the job had already ended in another way.  After True it
            never succeeds, though it may take a moment to stop.
        """
        try:
            self._tracker.take(self._api.cancel(self.uuid))
        except JobAlreadyFinished:
            self.refresh()
            return self.seen.state == "cancelled"
        return True

    def finish(self) -> Self:
        """Finish now, and keep what is done; the job succeeds with that.

        What runs is stopped and what waits does not begin.  `result()` then gives the
        finished imputations with their summary (`result.partial` is True), or the
        leaderboard of the finished trials; `retry()` computes the rest later.

        Raises
        ------
        NothingFinished
            If nothing is done yet.
        JobAlreadyFinished
            If the job has ended.
        """
        self._tracker.take(self._api.finish(self.uuid))
        return self

    def set_priority(self, priority: contract.Priority) -> Self:
        """Change which of your own jobs come first: "low", "normal" or "high".

        Raises
        ------
        JobAlreadyFinished
            If the job has ended.
        """
        asked = build_request(contract.JobChange, priority=priority)
        self._tracker.take(self._api.change(self.uuid, asked))
        return self

    def rename(self, name: str) -> Self:
        """Give the job another name, also after it has ended."""
        asked = build_request(contract.JobChange, name=name)
        self._tracker.take(self._api.change(self.uuid, asked))
        return self

    def retry(self) -> Self:
        """Try an ended job again; what has been computed is kept.

        After a failure, a time limit, a quarantine or a cancellation.  Only the parts
        without a result run again; of another version of the service, all.

        Raises
        ------
        JobAlreadyFinished
            If the job has succeeded.
        Conflict
            If it has not ended.
        """
        # first, as the stream may report the new attempt before the answer arrives
        before = self.refresh().seen
        self._tracker.restart(self._api.retry(self.uuid), before.finished_at)
        self._resume_watching(before)
        return self

    def history(self) -> pd.DataFrame:
        """Return what happened to the job, also when nobody watched.

        Returns
        -------
        pandas.DataFrame
            One row for each event, oldest first: when (`at`), what (`event`), and where
            it concerns one part its `stage`, number `k`, `attempt`, `worker` and the
            `reason`.
        """
        return history_table(self.events())

    def events(self) -> list[contract.JobEvent]:
        """Return what happened to the job as objects; `history` is their table."""
        return list(self._api.history(self.uuid))

    def parts(self) -> pd.DataFrame:
        """Say how each piece of the job stands.

        Returns
        -------
        pandas.DataFrame
            One row for each part: its `stage` and number `k` (an imputation is a part
            of stage 0, the summary of them the part of stage 1), its `kind`, `state`,
            `attempts` and `max_attempts`, when it `started_at` and `finished_at`, and
            the sentence of its `error`, if it ended with one.

        Examples
        --------
        Which imputations are still to come::

            parts = job.parts()
            parts[(parts["stage"] == 0) & (parts["state"] != "succeeded")]
        """
        return parts_table(self._api.parts(self.uuid))
