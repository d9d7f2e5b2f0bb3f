"""A connection to the service: requests, and finding it again.

A private stack stops when it was idle for long, so a refused connection is answered
once by looking for the service again, which starts it again.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from jupyter_wrangler.client.transport.discovery import Endpoint, locate
from jupyter_wrangler.client.transport.http import sync_client
from jupyter_wrangler.client.transport.http_errors import (
    foreign_error,
    notice_version,
    response_error,
    unreachable_error,
)
from jupyter_wrangler.settings import Settings

Model = TypeVar("Model", bound=BaseModel)


class ServiceLocation(NamedTuple):
    """How another process finds the same service; holds no token."""

    url: str | None
    home: Path
    runtime_dir: Path | None
    start_stack: bool | None


class Connection:
    """A connection to the service, usable in any thread and after a fork.

    Parameters
    ----------
    settings : Settings, optional
        What is configured; read again by default.
    url, token : str, optional
        Address and token given by the caller.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        url: str | None = None,
        token: str | None = None,
    ) -> None:
        self._settings = settings or Settings()
        self._url, self._token = url, token
        #: Whether another version of the service was warned of.
        self._noticed = False
        self._reset()

    # ── copies, and other processes ──

    def location(self) -> ServiceLocation:
        """Return how another process finds this service."""
        settings, found = self._settings, self._endpoint
        known = found.base_url if found is not None and found.uds is None else None
        return ServiceLocation(
            self._url or settings.url or known,
            settings.home,
            settings.runtime_dir,
            settings.start_stack,
        )

    @classmethod
    def from_location(cls, location: ServiceLocation) -> Self:
        """Make a connection to a location, with the token that is configured here."""
        settings = Settings(
            home=location.home,
            runtime_dir=location.runtime_dir,
            start_stack=location.start_stack,
        )
        return cls(settings=settings, url=location.url)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the location of the service, without its token."""
        return type(self).from_location, (self.location(),)

    def __copy__(self) -> Self:
        """Return itself, which any number may share."""
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        """Return itself, as `__copy__` does."""
        return self

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._http: httpx.Client | None = None
        self._endpoint: Endpoint | None = None

    @property
    def endpoint(self) -> Endpoint:
        """Where the service is; looks for it at first use."""
        return self._client()[1]

    def _client(self) -> tuple[httpx.Client, Endpoint]:
        """Return the HTTP client and its endpoint; looks for the service first."""
        if self._pid != os.getpid():
            # a fork shares sockets, and a lock that another thread may hold
            self._reset()
        with self._lock:
            if self._http is None or self._endpoint is None:
                self._endpoint = locate(self._settings, self._url, self._token)
                self._http = sync_client(self._endpoint)
                # nobody closes the client that the verbs share
                weakref.finalize(self, self._http.close)
            return self._http, self._endpoint

    def _forget(self, http: httpx.Client) -> None:
        with self._lock:
            if self._http is http:
                self._http = self._endpoint = None
        http.close()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request that may be repeated, as all of ours may.

        Submissions carry an idempotency key, chunks their offset, and the rest
        asks for a state rather than for a change.

        Raises
        ------
        WranglerError
            What the service answered, in its own class.
        ServiceUnreachable
            If it does not answer, also after looking for it again.
        """
        http, endpoint = self._client()
        try:
            try:
                response = http.request(method, path, **options)
            except (httpx.NetworkError, httpx.RemoteProtocolError):
                self._forget(http)
                http, endpoint = self._client()
                response = http.request(method, path, **options)
        except httpx.TransportError as error:
            raise unreachable_error(endpoint, error) from error
        if not self._noticed:
            self._noticed = notice_version(endpoint, response)
        if not response.is_success:
            raise response_error(response)
        return response

    def call(
        self,
        model: type[Model],
        method: str,
        path: str,
        body: BaseModel | None = None,
        **options: Any,
    ) -> Model:
        """Send a request and read the answer as `model`."""
        if body is not None:
            options["content"] = body.model_dump_json()
            options["headers"] = {"Content-Type": "application/json"}
        response = self.request(method, path, **options)
        try:
            return model.model_validate_json(response.content)
        except ValidationError as error:
            raise foreign_error(response) from error

    @contextmanager
    def stream(self, path: str, **options: Any) -> Iterator[httpx.Response]:
        """Open an answer that goes on; never repeated here."""
        http, endpoint = self._client()
        try:
            with http.stream("GET", path, **options) as response:
                if not response.is_success:
                    response.read()
                    raise response_error(response)
                yield response
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            self._forget(http)
            raise unreachable_error(endpoint, error) from error
        except httpx.TransportError as error:
            raise unreachable_error(endpoint, error) from error

    def close(self) -> None:
        """Close the sockets; the next request opens them again."""
        with self._lock:
            http, self._http, self._endpoint = self._http, None, None
        if http is not None:
            http.close()
