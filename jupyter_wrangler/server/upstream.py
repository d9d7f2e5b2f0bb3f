"""The service behind the extension: found at first use, found again when it is gone.

On a laptop it answers on a unix socket of the same OS user; on a JupyterHub it is
a Hub service, and the server's own token (JUPYTERHUB_API_TOKEN) says whose server
asks.  Nothing of the browser's own credentials travels there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from jupyter_wrangler.client.transport.discovery import Endpoint, locate
from jupyter_wrangler.client.transport.http import async_client
from jupyter_wrangler.client.transport.http_errors import (
    notice_version,
    unreachable_error,
)
from jupyter_wrangler.settings import Settings

#: An event stream says something every 15 s; silence of this length means it is dead.
_SILENCE_S = 60.0
#: Longest wait for an answer to begin: a large upload is hashed when it completes.
_ANSWER_S = 300.0


class Upstream:
    """Streams requests to the service.

    Parameters
    ----------
    settings : Settings, optional
        Where to look for the service; read at first use by default, so that settings
        that cannot be used are reported by an answer.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings
        self._finding = asyncio.Lock()
        self._noticed = False
        self._found: tuple[httpx.AsyncClient, Endpoint] | None = None

    async def _now(self) -> tuple[httpx.AsyncClient, Endpoint]:
        # One at a time: the first browser tab starts the stack, the others wait.
        async with self._finding:
            if self._found is None:
                # Starting the private stack takes seconds, the server must go on.
                endpoint = await asyncio.to_thread(self._locate)
                self._found = (async_client(endpoint), endpoint)
            return self._found

    def _locate(self) -> Endpoint:
        return locate(self._settings or Settings())

    async def _forget(self, client: httpx.AsyncClient) -> None:
        if self._found is not None and self._found[0] is client:
            self._found = None
            await client.aclose()

    async def close(self) -> None:
        """Close all connections."""
        if self._found is not None:
            await self._forget(self._found[0])

    @asynccontextmanager
    async def send(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        endless: bool = False,
    ) -> AsyncIterator[httpx.Response]:
        """Send a request and give its answer, the body still unread.

        Parameters
        ----------
        method : str
            HTTP method.
        target : str
            Path and query, relative to the service's ``/v1/``.
        headers : mapping
            What to pass on.
        body : bytes
            The whole body of the request.
        endless : bool, default=False
            Whether the answer is a stream of events.

        Raises
        ------
        ServerUnreachable
            If no service is found, none may be started, or it does not answer.
        """
        timeout = httpx.Timeout(
            _ANSWER_S, connect=10.0, read=_SILENCE_S if endless else _ANSWER_S
        )
        for last in (False, False, True):
            client, endpoint = await self._now()
            request = client.build_request(
                method, target, headers=dict(headers), content=body, timeout=timeout
            )
            try:
                response = await client.send(request, stream=True)
                break
            except httpx.TransportError as error:
                if last or not _may_repeat(method, error):
                    raise unreachable_error(endpoint, error) from error
                if endpoint.uds and isinstance(error, httpx.ConnectError):
                    # The private stack stops when idle; looking starts it again.
                    await self._forget(client)
        if not self._noticed:
            self._noticed = notice_version(endpoint, response)
        try:
            yield response
        finally:
            await response.aclose()


def _may_repeat(method: str, error: httpx.TransportError) -> bool:
    """Whether the request cannot have been done already, or may be done twice."""
    if isinstance(error, httpx.ConnectError):
        return True
    lost = (httpx.NetworkError, httpx.RemoteProtocolError)
    return method == "GET" and isinstance(error, lost)
