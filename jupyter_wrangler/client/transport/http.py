"""HTTP to the service: clients of an endpoint, and errors back in their own class.

A private stack stops when it was idle for long, so a refused connection is
answered once by looking for the service again, which starts it anew.
"""

from __future__ import annotations

import os
import re
import threading
import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from jupyter_wrangler import contract, errors
from jupyter_wrangler._version import __version__
from jupyter_wrangler.client.transport.discovery import Endpoint, locate
from jupyter_wrangler.client.transport.network import usable_network, uses_tls
from jupyter_wrangler.contract import Problem
from jupyter_wrangler.errors import OtherVersion
from jupyter_wrangler.settings import Settings

#: Reading waits long enough for a large chunk to be hashed and stored.
TIMEOUT = httpx.Timeout(60.0, connect=10.0)

Model = TypeVar("Model", bound=BaseModel)


def _headers(endpoint: Endpoint) -> dict[str, str]:
    headers = {"User-Agent": f"jupyter-wrangler/{__version__}"}
    if endpoint.token:
        headers["Authorization"] = f"token {endpoint.token}"
    return headers


def _options(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "base_url": f"{endpoint.base_url}/v1/",
        "headers": _headers(endpoint),
        "timeout": TIMEOUT,
        # a proxy of the environment would be asked instead of the socket
        "trust_env": endpoint.uds is None,
        "verify": uses_tls(endpoint.base_url),
    }


def sync_client(endpoint: Endpoint) -> httpx.Client:
    """Make a blocking client whose paths are relative to ``/v1/``.

    Raises
    ------
    InvalidSettings
        If the environment names certificates or a proxy that cannot be used.
    """
    with usable_network():
        transport = None
        if endpoint.uds:
            # no TLS there, so no certificates to load
            transport = httpx.HTTPTransport(uds=str(endpoint.uds), verify=False)
        return httpx.Client(transport=transport, **_options(endpoint))


def async_client(endpoint: Endpoint) -> httpx.AsyncClient:
    """Make an asynchronous client whose paths are relative to ``/v1/``.

    Raises
    ------
    InvalidSettings
        If the environment names certificates or a proxy that cannot be used.
    """
    with usable_network():
        transport = None
        if endpoint.uds:
            transport = httpx.AsyncHTTPTransport(uds=str(endpoint.uds), verify=False)
        return httpx.AsyncClient(transport=transport, **_options(endpoint))


def error_of(response: httpx.Response) -> errors.WranglerError:
    """Turn an answer that tells of no success into the error that was raised."""
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        return _foreign_error(response)
    return errors.from_code(problem.code, problem.message, problem.details)


def _foreign_error(response: httpx.Response) -> errors.WranglerError:
    """Name an answer that a proxy gave, and not the service."""
    status, url = response.status_code, response.request.url
    if status in {401, 403}:
        return errors.NotAuthenticated(
            f"{url} answers {status}: the token was not accepted. Check "
            "JUPYTER_WRANGLER_TOKEN; on a JupyterHub your account needs the scope "
            "access:services!service=wrangler, which the Hub's administrator grants."
        )
    if status in {404, 502, 503, 504} or status < 400:
        # a login page, say, or the way to one
        return errors.ServiceUnreachable(
            f"{url} answers {status}, and not as the wrangler service does. Check "
            "JUPYTER_WRANGLER_URL, and whether the service runs."
        )
    return errors.Internal(
        f"{url} answers {status} without saying why; please report this."
    )


class Way(NamedTuple):
    """How another process finds the same service; holds no token."""

    url: str | None
    home: Path
    runtime_dir: Path | None
    start_stack: bool | None


class Connection:
    """One place to speak to the service from, in any thread, also after a fork.

    Parameters
    ----------
    settings : Settings, optional
        What is configured; read anew by default.
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
        #: Whether another version of the service was told of.
        self._noticed = False
        self._renew()

    # ── copies, and other processes ──

    def way(self) -> Way:
        """Say how another process finds this service."""
        settings, found = self._settings, self._endpoint
        known = found.base_url if found is not None and found.uds is None else None
        return Way(
            self._url or settings.url or known,
            settings.home,
            settings.runtime_dir,
            settings.start_stack,
        )

    @classmethod
    def by(cls, way: Way) -> Self:
        """Make one of what `way` says; the token is what is configured here."""
        settings = Settings(
            home=way.home, runtime_dir=way.runtime_dir, start_stack=way.start_stack
        )
        return cls(settings=settings, url=way.url)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the way to the service, without its token."""
        return type(self).by, (self.way(),)

    def __copy__(self) -> Self:
        """Return itself, which any number may share."""
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        """Return itself, as `__copy__` does."""
        return self

    def _renew(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._http: httpx.Client | None = None
        self._endpoint: Endpoint | None = None

    @property
    def endpoint(self) -> Endpoint:
        """Where the service is; looks for it at first use."""
        return self._now()[1]

    def _now(self) -> tuple[httpx.Client, Endpoint]:
        if self._pid != os.getpid():
            # a fork shares sockets, and a lock that another thread may hold
            self._renew()
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
        http, endpoint = self._now()
        try:
            try:
                response = http.request(method, path, **options)
            except (httpx.NetworkError, httpx.RemoteProtocolError):
                self._forget(http)
                http, endpoint = self._now()
                response = http.request(method, path, **options)
        except httpx.TransportError as error:
            raise unreachable(endpoint, error) from error
        if not self._noticed:
            self._noticed = notice_version(endpoint, response)
        if not response.is_success:
            raise error_of(response)
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
            raise _foreign_error(response) from error

    @contextmanager
    def stream(self, path: str, **options: Any) -> Iterator[httpx.Response]:
        """Open an answer that goes on; never repeated here."""
        http, endpoint = self._now()
        try:
            with http.stream("GET", path, **options) as response:
                if not response.is_success:
                    response.read()
                    raise error_of(response)
                yield response
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            self._forget(http)
            raise unreachable(endpoint, error) from error
        except httpx.TransportError as error:
            raise unreachable(endpoint, error) from error

    def close(self) -> None:
        """Close the sockets; the next request opens them again."""
        with self._lock:
            http, self._http, self._endpoint = self._http, None, None
        if http is not None:
            http.close()


def notice_version(endpoint: Endpoint, answer: httpx.Response) -> bool:
    """Warn if the service is of another version; tell whether it was.

    Warns
    -----
    OtherVersion
        With what to do about it.
    """
    there = answer.headers.get(contract.VERSION_HEADER, __version__)
    if there == __version__:
        return False
    if _parts(there) > _parts(__version__):
        mend = "Restart this process (the kernel, or the Jupyter server)"
    elif endpoint.uds:
        mend = "Run: jupyter wrangler up --restart"
    else:
        mend = (
            f"Install jupyter-wrangler {there} here, or have those who run the service "
            "upgrade it"
        )
    warnings.warn(
        f"The wrangler service at {endpoint.where} is version {there}, and this is "
        f"{__version__}; results and errors may differ. {mend}",
        OtherVersion,
        stacklevel=2,
    )
    return True


def _parts(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def unreachable(
    endpoint: Endpoint, error: httpx.TransportError
) -> errors.ServiceUnreachable:
    """Say that the service does not answer, and what to do about it."""
    found = str(error) or type(error).__name__
    mend = (
        "Run `jupyter wrangler doctor` to see why."
        if endpoint.uds
        else "Check the address and the network, or ask those who run the service."
    )
    return errors.ServiceUnreachable(
        f"The wrangler service at {endpoint.where} ({endpoint.how}) does not answer: "
        f"{found}. {mend} Jobs that were submitted go on."
    )
