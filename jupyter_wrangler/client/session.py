"""A client: one service, and jobs that are fed by one event stream."""

from __future__ import annotations

import contextlib
import itertools
import sys
import time
import uuid
from typing import Any, Self

import numpy as np
import pandas as pd

from jupyter_wrangler import contract, frames
from jupyter_wrangler.calls import public, variable_of
from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.client.objects.saved_results import SavedResults, list_results
from jupyter_wrangler.client.objects.saving import load_manifest
from jupyter_wrangler.client.objects.transform_result import saved_result
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.client.transport.connection import ServiceLocation
from jupyter_wrangler.client.transport.shared import shared_transport
from jupyter_wrangler.client.transport.stream import Stream
from jupyter_wrangler.contract.spec_size import check_size
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.errors import DatasetTooLarge, InvalidSpec, UploadNotFound
from jupyter_wrangler.settings import Settings

#: Seconds for which limits are believed.
_LIMITS_S = 60.0
#: Before pandas 3 a shallow copy shares later changes.
_DEEP = int(pd.__version__.split(".", maxsplit=1)[0]) < 3


@public
class Client:
    """Submits jobs, and finds them again.

    Parameters
    ----------
    url, token : str, optional
        The service; without them it is looked for, see `describe`.
    settings : Settings, optional
        What is configured; read again by default.

    Examples
    --------
    >>> Client("http://hub:10501/services/wrangler").describe()
    'http://hub:10501/services/wrangler (given by the caller)'
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        settings: Settings | None = None,
    ) -> None:
        self.api = Api(url, token, settings=settings)
        self._stream = Stream(self.api)
        #: Digests of what the service had when we last asked.
        self._uploaded: set[str] = set()
        #: What a data set may hold, and until when that is believed.
        self._limits: tuple[contract.Limits | None, float] = None, 0.0

    def describe(self) -> str:
        """Say which service this is, and how it was found."""
        endpoint = self.api.endpoint
        return f"{endpoint.where} ({endpoint.how})"

    def submit(
        self,
        frame: Any,
        spec: contract.AnySpec,
        *,
        name: str | None = None,
        priority: contract.Priority = "normal",
        force: bool = False,
        cell_options: frames.CellOptions | None = None,
        title: str | None = None,
    ) -> Job:
        """Send the data, if the service does not know them, and submit a job.

        Parameters
        ----------
        frame : pandas.DataFrame or polars.DataFrame
            The data; later changes to it do not reach the job.
        spec : ImputationSpec, AnalysisSpec, CorrelationSpec or ComparisonSpec
            What to do with them.
        name : str, optional
            Name of the job and of the dataset; default: the job has the name of the
            variable that holds the data, the dataset one by its digest.
        priority : {"low", "normal", "high"}, default="normal"
            Which of your own jobs come first.
        force : bool, default=False
            Compute again what was computed before.
        cell_options : CellOptions, optional
            Which cells to impute, and where the chained equations start.
        title : str, optional
            Name of the job alone, if there is no `name`.
        """
        check_size(spec)
        backend = frames.backend_of_frame(frame)
        df = frames.as_pandas(frame)
        # to pack and send what is refused then may take minutes
        limits = self._current_limits()
        limits.check(*df.shape)
        packed = frames.to_parquet(
            df,
            backend=backend,
            cell_options=cell_options.pack() if cell_options else None,
        )
        data = build_request(
            contract.DatasetRequest,
            sha256=packed.sha256,
            name=name,
            n_rows=packed.n_rows,
            columns=packed.columns,
        )
        # made before anything is sent, so that a wrong priority costs no upload
        asked = build_request(
            contract.JobRequest,
            dataset_version_id=uuid.UUID(int=0),
            spec=spec,
            name=name or title or variable_of(frame),
            priority=priority,
            idempotency_key=uuid.uuid4().hex,
            force=force,
        )
        if len(packed.data) > limits.max_bytes:
            raise DatasetTooLarge("bytes", len(packed.data), limits.max_bytes)
        version = self._stored_version(packed.data, data)
        seen = self.api.submit(
            asked.model_copy(update={"dataset_version_id": version.id})
        )
        frame_now = frame if backend != "pandas" else df.copy(deep=_DEEP)
        return Job(self.api, self._stream, seen, frame_now)

    def _current_limits(self) -> contract.Limits:
        """Return what a data set may hold; asks the service once a minute."""
        known, until = self._limits
        if known is None or time.monotonic() > until:
            known = self.api.limits()
            self._limits = known, time.monotonic() + _LIMITS_S
        return known

    def _stored_version(
        self, content: bytes, asked: contract.DatasetRequest
    ) -> contract.DatasetVersion:
        if asked.sha256 in self._uploaded:
            with contextlib.suppress(UploadNotFound):
                return self.api.make_dataset(asked)
        self.api.upload(content, asked.sha256)
        self._uploaded.add(asked.sha256)
        return self.api.make_dataset(asked)

    def job(self, job_id: str | uuid.UUID) -> Job:
        """Give a job back by its id, or by a beginning of it that fits no other."""
        return Job(self.api, self._stream, self.api.find_job(str(job_id)))

    def jobs(self, limit: int = 20, state: str | None = None) -> list[Job]:
        """List jobs, newest first."""
        found = itertools.islice(self.api.jobs(state), _checked_limit(limit))
        return [Job(self.api, self._stream, seen) for seen in found]

    def datasets(self, limit: int = 20) -> list[contract.Dataset]:
        """List datasets, newest first."""
        return list(itertools.islice(self.api.datasets(), _checked_limit(limit)))

    def dataset(self, dataset_id: str | uuid.UUID) -> contract.Dataset:
        """Give a dataset with the columns of its latest version, which lists omit."""
        return self.api.dataset(dataset_id)

    def load(self, label: str) -> Result:
        """Give a saved result: the version that a label names, or the latest."""
        return saved_result(self.api, load_manifest(self.api, label))

    def results(self, limit: int = 100) -> SavedResults:
        """List saved results, newest first."""
        return list_results(self.api, _checked_limit(limit))

    def close(self) -> None:
        """Close the connections; jobs go on."""
        self._stream.close()
        self.api.close()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the location of the service, without its token."""
        return self._from_location, (self.api.location(),)

    @classmethod
    def _from_location(cls, location: ServiceLocation) -> Self:
        """Make a client of a service by its location, as another process used it."""
        client = cls(location.url)
        client.api, client._stream = shared_transport(location)
        return client

    def __copy__(self) -> Self:
        """Return itself, which any number may share."""
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        """Return itself, as `__copy__` does."""
        return self

    def __repr__(self) -> str:
        return "Client()"


def _checked_limit(limit: int) -> int:
    """Return a limit as a whole number; refuses anything else."""
    if isinstance(limit, bool) or not isinstance(limit, int | np.integer) or limit < 0:
        raise InvalidSpec(
            f"limit is {limit!r}, and a whole number that is not negative is wanted: "
            "so many are listed at most. Pass for example limit=20."
        )
    return min(int(limit), sys.maxsize)
