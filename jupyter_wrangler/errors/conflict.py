"""The request does not fit the present state."""

from __future__ import annotations

from typing import Any

from jupyter_wrangler.errors.base import WranglerError
from jupyter_wrangler.errors.wording import listed

#: State of a job -> how that is said.
_ENDED = {
    "failed": "ended by an error",
    "timed_out": "ended by the time limit",
    "cancelled": "cancelled before any part was finished",
    "quarantined": "given up",
}


class Conflict(WranglerError):
    """The request does not fit the present state."""


class JobAlreadyFinished(Conflict):
    """A finished job can no longer be cancelled."""


class ResultNotReady(Conflict):
    """The job has no result yet."""


class NoResult(Conflict):
    """The job has ended, and none of its parts left a result.

    `error` is what the job ended with (code, message, details), or None.
    """

    def __init__(self, job: str, state: str, error: dict[str, Any] | None) -> None:
        self.job, self.state, self.error = job, state, error
        why = f": {error['message']}" if error else "."
        super().__init__(
            f"Job {job} has no result, it was {_ENDED.get(state, state)}{why}"
        )


class NoRecipe(Conflict):
    """The job kept no fitted models; says why, and what to do."""


class UploadOutOfStep(Conflict):
    """A chunk does not continue where the upload stands."""

    def __init__(self, offset: int, received: int) -> None:
        self.offset, self.received = offset, received
        super().__init__(
            "The chunk ends after the bytes that were announced; send those only, or "
            "announce the upload with its true size."
            if offset == received
            else f"The chunk starts at byte {offset}, but the upload stands at byte "
            f"{received}; send the chunk that starts there."
        )


class DigestMismatch(Conflict):
    """The bytes received are not the bytes announced."""


class DatasetInUse(Conflict):
    """The dataset feeds an unfinished job."""


class ResultInUse(Conflict):
    """Something was made of a saved result that is to be deleted."""

    def __init__(self, name: str, versions: list[int], dependents: list[str]) -> None:
        self.name, self.versions, self.dependents = name, versions, dependents
        labels = listed((f"{name}@{n}" for n in versions), say=str)
        made = listed(dependents, say=str)
        super().__init__(
            f"Of {labels} was made: {made}. That stays as it is, but what it was "
            "made of will be gone; delete with force=True if that is meant."
        )


class ResultNotSaveable(Conflict):
    """A job of a kind that imputes nothing has no result that could be saved."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(
            f"This job is of the kind {kind!r}, and imputed cells are wanted: only "
            "results of imputations can be saved under a name. Save the result of "
            "jw.impute(...)."
        )


class KeyUsedAlready(Conflict):
    """An idempotency key came with another request before."""

    def __init__(self, key: str, job_id: object) -> None:
        self.key, self.job_id = key, str(job_id)
        super().__init__(
            f"The idempotency key {key!r} belongs to another request, which was "
            f"answered with job {job_id}; a repetition must ask for the same in every "
            "field. Take a new key for a new request."
        )


class NothingFinished(Conflict):
    """A job cannot be finished early: none of its parts is done."""

    def __init__(self, job: str, pieces: str) -> None:
        self.job, self.pieces = job, pieces
        super().__init__(
            f"None of the {pieces} of job {job} is finished yet, so there is nothing "
            "to keep. Wait for the first one, or cancel the job instead: job.cancel()."
        )


class FileChanged(Conflict):
    """A file is not the one that was looked at: it changed, or is gone."""

    def __init__(self, name: str, *, gone: bool = False) -> None:
        self.name, self.gone = name, gone
        super().__init__(
            f"{name!r} is gone: it was deleted, moved or renamed since the preview. "
            "Put it back, or open the file that you mean."
            if gone
            else f"{name!r} has changed since the preview, so what you saw and chose "
            "may no longer hold. Look at it again, then go on."
        )


class FileTaken(Conflict):
    """A file of this name is there, and nobody said that it may be replaced."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"{name!r} is there already. Choose another name, or say that it may be "
            "replaced."
        )
