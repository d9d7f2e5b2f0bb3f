"""The routes of the service as methods, one per route; no state but the connection."""

from __future__ import annotations

import contextlib
import hashlib
import uuid
from collections.abc import Iterator

import httpx
from pydantic import ValidationError

from jupyter_wrangler import contract
from jupyter_wrangler.client.transport.http_errors import (
    foreign_error,
    unreachable_error,
)
from jupyter_wrangler.client.transport.results_api import ResultsApi
from jupyter_wrangler.errors import (
    JobNotFound,
    ServiceUnreachable,
    UploadNotFound,
    UploadOutOfStep,
)
from jupyter_wrangler.settings import Settings

#: Entries asked for at a time.
PAGE = 100
#: Characters of an id that must be given at least.
SHORTEST = 4
#: An upload that goes out of step more often than this is given up.
_ATTEMPTS = 5
#: Bytes handed to the socket at a time.  The HTTP library copies all that is left of a
#: piece each time that the socket has taken some of it.
_PIECE = 256 * 1024


#: What brings a private stack to the version that is installed.
_RESTART = "jupyter wrangler down; jupyter wrangler up"


def _sha256(data: memoryview) -> str:
    return hashlib.sha256(data).hexdigest()


class Api(ResultsApi):
    """The service, as its routes.

    Parameters
    ----------
    url, token : str, optional
        Address and token given by the caller.
    settings : Settings, optional
        What is configured; read again by default.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        settings: Settings | None = None,
    ) -> None:
        super().__init__(settings, url=url, token=token)

    def passive(self) -> Api:
        """Return a second one that never starts a stack: a user may have stopped it."""
        settings = self._settings.model_copy(update={"start_stack": False})
        return Api(self._url, self._token, settings=settings)

    def health(self) -> contract.Health:
        """Return how the service and what it needs are, also when not all is well."""
        http, endpoint = self._client()
        try:
            response = http.get("health/ready")
        except httpx.TransportError as error:
            raise unreachable_error(endpoint, error) from error
        try:
            return contract.Health.model_validate_json(response.content)
        except ValidationError as error:
            raise foreign_error(response) from error

    # ── data ──

    def upload(self, data: bytes, sha256: str) -> None:
        """Make the service know these bytes; sends them only if it does not."""
        asked = contract.UploadRequest(sha256=sha256, size=len(data))
        for attempt in range(_ATTEMPTS):
            state = self.call(contract.Upload, "POST", "uploads", asked)
            if state.known:
                return
            try:
                self._send_chunks(state, memoryview(data))
            except UploadNotFound:
                # forgotten meanwhile, as after a restart of the private stack
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return

    def _send_chunks(self, state: contract.Upload, data: memoryview) -> None:
        offset, missteps = state.received, 0
        # a socket of this machine damages nothing, and the whole is checked anyway
        far = self.endpoint.uds is None
        while offset < len(data):
            chunk = data[offset : offset + contract.CHUNK]
            pieces = [
                bytes(chunk[at : at + _PIECE]) for at in range(0, len(chunk), _PIECE)
            ]
            try:
                answer = self.request(
                    "PUT",
                    f"uploads/{state.id}",
                    params={"offset": offset},
                    content=pieces,
                    headers={
                        "Content-Type": "application/octet-stream",
                        "Content-Length": str(len(chunk)),
                    }
                    | ({"X-Content-SHA256": _sha256(chunk)} if far else {}),
                )
                offset = contract.Upload.model_validate_json(answer.content).received
            except UploadOutOfStep:
                # a chunk that was repeated after a lost answer has arrived before
                missteps += 1
                if missteps == _ATTEMPTS:
                    raise
                now = self.call(contract.Upload, "GET", f"uploads/{state.id}")
                offset = now.received
        self.call(contract.Upload, "POST", f"uploads/{state.id}/complete")

    def make_dataset(self, asked: contract.DatasetRequest) -> contract.DatasetVersion:
        """Make a dataset version of bytes that were uploaded."""
        return self.call(contract.DatasetVersion, "POST", "datasets", asked)

    def datasets(self) -> Iterator[contract.Dataset]:
        """Walk over all datasets, newest first."""
        after: str | None = ""
        while after is not None:
            params = {"limit": PAGE} | ({"after": after} if after else {})
            page = self.call(contract.DatasetPage, "GET", "datasets", params=params)
            yield from page.items
            after = page.next

    def dataset(self, dataset_id: uuid.UUID | str) -> contract.Dataset:
        """Fetch one dataset, with the columns of its latest version."""
        return self.call(contract.Dataset, "GET", f"datasets/{dataset_id}")

    def content(self, version: uuid.UUID) -> bytes:
        """Fetch the Parquet bytes of a dataset version."""
        return self.request("GET", f"versions/{version}/content").content

    # ── jobs ──

    def submit(self, asked: contract.JobRequest) -> contract.Job:
        """Submit a job; the key in the request makes a repetition harmless."""
        return self.call(contract.Job, "POST", "jobs", asked)

    def job(self, job_id: uuid.UUID | str) -> contract.Job:
        """Fetch one job, with its summary if there is one."""
        return self.call(contract.Job, "GET", f"jobs/{job_id}")

    def jobs(
        self, state: str | None = None, data_sha256: str | None = None
    ) -> Iterator[contract.Job]:
        """Walk over all jobs, newest first; or over those on data of one digest."""
        after: str | None = ""
        while after is not None:
            params: dict[str, str | int] = {"limit": PAGE}
            params |= {"after": after} if after else {}
            params |= {"state": state} if state else {}
            params |= {"data_sha256": data_sha256} if data_sha256 else {}
            page = self.call(contract.JobPage, "GET", "jobs", params=params)
            yield from page.items
            after = page.next

    def history(self, job_id: uuid.UUID) -> Iterator[contract.JobEvent]:
        """Walk over what happened to a job, oldest first."""
        after: str | None = "0"
        while after is not None:
            page = self.call(
                contract.JobEventPage,
                "GET",
                f"jobs/{job_id}/events",
                params={"after": after, "limit": 1000},
            )
            yield from page.items
            after = page.next

    def parts(self, job_id: uuid.UUID) -> Iterator[contract.JobPart]:
        """Walk over the parts of a job, by stage and number."""
        after: str | None = ""
        while after is not None:
            params = {"limit": 1000} | ({"after": after} if after else {})
            page = self.call(
                contract.JobPartPage, "GET", f"jobs/{job_id}/parts", params=params
            )
            yield from page.items
            after = page.next

    def find_job(self, job_id: str) -> contract.Job:
        """Fetch a job by its id, or by a beginning of it that fits no other.

        Raises
        ------
        JobNotFound
            If none fits, or several do.
        """
        wanted = job_id.strip().lower()
        with contextlib.suppress(ValueError):
            return self.job(uuid.UUID(wanted))
        if len(wanted) < SHORTEST:
            raise JobNotFound(
                f"{job_id!r} is too short to tell jobs apart; give at least "
                f"{SHORTEST} characters of the id, as jw.jobs() shows it."
            )
        found = [job for job in self.jobs() if str(job.id).startswith(wanted)]
        if len(found) == 1:
            return self.job(found[0].id)
        if not found:
            raise JobNotFound(
                f"No job of yours has an id that begins with {job_id!r}; "
                "jw.jobs() lists them."
            )
        raise JobNotFound(
            f"{len(found)} jobs have ids that begin with {job_id!r}: "
            f"{', '.join(str(job.id) for job in found[:5])}; give more characters."
        )

    def cancel(self, job_id: uuid.UUID) -> contract.Job:
        """Ask for a job to stop."""
        return self.call(contract.Job, "POST", f"jobs/{job_id}/cancel")

    def change(self, job_id: uuid.UUID, asked: contract.JobChange) -> contract.Job:
        """Change the priority of a job."""
        return self.call(contract.Job, "PATCH", f"jobs/{job_id}", asked)

    def finish(self, job_id: uuid.UUID) -> contract.Job:
        """Ask for a job to end with what is done."""
        return self.call(contract.Job, "POST", f"jobs/{job_id}/finish")

    def retry(self, job_id: uuid.UUID) -> contract.Job:
        """Ask for an ended job to be tried again."""
        return self.call(contract.Job, "POST", f"jobs/{job_id}/retry")

    def delete(self, job_id: uuid.UUID) -> None:
        """Forget a finished job."""
        self.request("DELETE", f"jobs/{job_id}")

    def manifest(self, job_id: uuid.UUID) -> contract.ResultManifest:
        """Ask what a finished job has computed."""
        return self.call(contract.ResultManifest, "GET", f"jobs/{job_id}/result")

    def rows(self, address: str, asked: contract.RowQuestion) -> contract.RowPage:
        """Ask for a page of rows at ``jobs/<id>/result`` or ``versions/<id>``."""
        filters = contract.ROW_FILTERS.dump_json(asked.filters).decode()
        params = {
            "offset": asked.offset,
            "limit": asked.limit,
            "columns": list(asked.columns),
            "descending": asked.descending,
            "filter": filters,
        }
        params |= {} if asked.sort is None else {"sort": asked.sort}
        if asked.imputation is not None:
            params["imputation"] = asked.imputation
        return self.call(contract.RowPage, "GET", f"{address}/rows", params=params)

    def part(self, job_id: uuid.UUID, part: contract.PartResult) -> bytes:
        """Give what one part of a job has stored; fetch what was not sent along."""
        if part.data is not None:
            return part.data
        return self.request("GET", f"jobs/{job_id}/result/{part.imputation}").content

    def recipe(self, job_id: uuid.UUID) -> contract.RecipeManifest:
        """Ask what fitted models a job has kept."""
        return self.call(contract.RecipeManifest, "GET", f"jobs/{job_id}/recipe")

    def recipe_part(self, job_id: uuid.UUID, imputation: int) -> bytes:
        """Fetch the fitted models of one imputation."""
        return self.request("GET", f"jobs/{job_id}/recipe/{imputation}").content

    def document(self, job_id: uuid.UUID) -> bytes:
        """Fetch the document of a profile, a correlation or a comparison."""
        return self.request("GET", f"jobs/{job_id}/document").content

    # ── the service itself ──

    def me(self) -> dict[str, object]:
        """Ask whom the service takes us for."""
        found: dict[str, object] = self.request("GET", "me").json()
        return found

    def limits(self) -> contract.Limits:
        """Ask what one data set may hold."""
        found = self.call(contract.Me, "GET", "me").limits
        if found is None:
            raise ServiceUnreachable(
                "The service does not say what a data set may hold: it is older than "
                f"this package. Restart it: {_RESTART}"
            )
        return found
