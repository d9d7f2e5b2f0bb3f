"""HTTP clients of an endpoint, blocking and asynchronous."""

from __future__ import annotations

from typing import Any, TypeVar

import httpx

from jupyter_wrangler._version import __version__
from jupyter_wrangler.client.transport.discovery import Endpoint
from jupyter_wrangler.client.transport.network import usable_network, uses_tls

#: Reading waits long enough for a large chunk to be hashed and stored.
TIMEOUT = httpx.Timeout(60.0, connect=10.0)

_Client = TypeVar("_Client", httpx.Client, httpx.AsyncClient)


def sync_client(endpoint: Endpoint) -> httpx.Client:
    """Make a blocking client whose paths are relative to ``/v1/``.

    Raises
    ------
    InvalidSettings
        If the environment names certificates or a proxy that cannot be used.
    """
    return _make_client(httpx.Client, httpx.HTTPTransport, endpoint)


def async_client(endpoint: Endpoint) -> httpx.AsyncClient:
    """Make an asynchronous client, as `sync_client` makes a blocking one."""
    return _make_client(httpx.AsyncClient, httpx.AsyncHTTPTransport, endpoint)


def _make_client(
    client: type[_Client],
    transport: type[httpx.HTTPTransport | httpx.AsyncHTTPTransport],
    endpoint: Endpoint,
) -> _Client:
    options: dict[str, Any] = {}
    headers = {"User-Agent": f"jupyter-wrangler/{__version__}"}
    if endpoint.token:
        headers["Authorization"] = f"token {endpoint.token}"
    with usable_network():
        if endpoint.uds:
            # no TLS there, so no certificates to load
            options["transport"] = transport(uds=str(endpoint.uds), verify=False)
        return client(
            base_url=f"{endpoint.base_url}/v1/",
            headers=headers,
            timeout=TIMEOUT,
            # a proxy of the environment would be asked instead of the socket
            trust_env=endpoint.uds is None,
            verify=uses_tls(endpoint.base_url),
            **options,
        )
