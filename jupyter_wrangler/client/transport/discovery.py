"""Where the wrangler service is, and how that was found out.

The order, first answer wins: what the caller says; JUPYTER_WRANGLER_URL; the
service of this JupyterHub; a private stack that runs; a private stack started
now.  What was tried is kept, so that an error can list all of it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from jupyter_wrangler import misconfigured
from jupyter_wrangler.client.transport.console import write_notice
from jupyter_wrangler.client.transport.network import usable_network, uses_tls
from jupyter_wrangler.errors import InvalidSpec, ServiceNotConfigured
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch

#: Name under which the documentation says to register the service.
HUB_SERVICE = "wrangler"
#: Seconds that a guessed address may take to answer.
PROBE_S = 3.0
#: Host name sent over a unix socket, where it means nothing.
SOCKET_URL = "http://wrangler"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An address of the service."""

    #: Address without the trailing `/v1`, for example ``http://hub/services/wrangler``.
    base_url: str
    #: Unix socket to use instead of TCP.
    uds: Path | None = None
    #: Sent as ``Authorization: token ...``; never shown.
    token: str | None = field(default=None, repr=False)
    #: Words for people: how it was found.
    how: str
    #: What was tried before, one phrase each.
    tried: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The address in words, without the token."""
        return f"socket {self.uds}" if self.uds else self.base_url


def locate(
    settings: Settings, url: str | None = None, token: str | None = None
) -> Endpoint:
    """Find the service, and start the private stack if that is allowed.

    Parameters
    ----------
    settings : Settings
        What is configured.
    url : str, optional
        Address given by the caller; ``unix:/path/to/socket`` is one too.
    token : str, optional
        Token given by the caller.

    Returns
    -------
    Endpoint
        Address of the service.

    Raises
    ------
    ServiceNotConfigured
        If nothing was found and nothing may be started here.
    StackFailed
        If the private stack does not start.

    Examples
    --------
    >>> locate(Settings(), "http://hub:10501/services/wrangler/").where
    'http://hub:10501/services/wrangler'
    """
    secret = token or _configured_token(settings)
    if url:
        return _endpoint_at(url, secret, "given by the caller", ())
    tried = ["url=: not given"]
    if settings.url:
        return _endpoint_at(settings.url, secret, "JUPYTER_WRANGLER_URL", tuple(tried))
    tried.append("JUPYTER_WRANGLER_URL: not set")
    if on_hub():
        found = _hub_endpoint(secret, tried)
        if found:
            return found
    else:
        tried.append("service of a JupyterHub: not on a Hub")
    socket = launch.running(settings)
    how = "private stack, running"
    if socket is None:
        tried.append(f"private stack in {settings.home}: not running")
        if not may_start(settings):
            raise _not_configured_error(settings, tried)
        write_notice(
            "Starting a private PostgreSQL, Valkey, service and worker of Jupyter "
            f"Wrangler in {settings.home}; the first time takes about ten seconds. "
            "`jupyter wrangler down` stops them."
        )
        socket = launch.ensure(settings)
        how = "private stack, started now"
    return Endpoint(base_url=SOCKET_URL, uds=socket, how=how, tried=tuple(tried))


def on_hub() -> bool:
    """Whether this process belongs to a JupyterHub user's server."""
    return bool(os.environ.get("JUPYTERHUB_API_TOKEN")) and bool(
        os.environ.get("JUPYTERHUB_USER")
    )


def may_start(settings: Settings) -> bool:
    """Whether a private stack may be started here."""
    if settings.start_stack is None:
        return not on_hub()
    return settings.start_stack


def hub_url() -> str | None:
    """Address of this Hub's wrangler service, as far as the environment says it."""
    public = os.environ.get("JUPYTERHUB_PUBLIC_HUB_URL", "").rstrip("/")
    if public:
        return f"{public.removesuffix('/hub')}/services/{HUB_SERVICE}"
    host = os.environ.get("JUPYTERHUB_HOST", "").rstrip("/")
    if not host:
        # the API address is no help: it is the Hub's own port, not the proxy's
        return None
    base = os.environ.get("JUPYTERHUB_BASE_URL", "/").strip("/")
    return "/".join(part for part in (host, base, "services", HUB_SERVICE) if part)


def _configured_token(settings: Settings) -> str | None:
    if settings.token:
        return settings.token.get_secret_value()
    return os.environ.get("JUPYTERHUB_API_TOKEN") if on_hub() else None


def _endpoint_at(
    url: str, token: str | None, how: str, tried: tuple[str, ...]
) -> Endpoint:
    try:
        misconfigured.check_address(url, ("http", "https", "unix"), "")
    except ValueError:
        raise InvalidSpec(
            f"{url!r} is no address of a service; give one like "
            "'https://hub.example.org/services/wrangler' or 'unix:/path/to/socket'."
        ) from None
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return Endpoint(
            base_url=SOCKET_URL, uds=Path(unquote(parts.path)), how=how, tried=tried
        )
    base = url.rstrip("/").removesuffix("/v1")
    return Endpoint(base_url=base, token=token, how=how, tried=tried)


def _hub_endpoint(token: str | None, tried: list[str]) -> Endpoint | None:
    url = hub_url()
    if url is None:
        tried.append(
            "service of this JupyterHub: its public address is not known here "
            "(JUPYTERHUB_PUBLIC_HUB_URL and JUPYTERHUB_HOST are empty)"
        )
        return None
    try:
        with usable_network():
            answer = httpx.get(
                f"{url}/v1/health/live", timeout=PROBE_S, verify=uses_tls(url)
            )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        tried.append(f"service of this JupyterHub at {url}: {error}")
        return None
    if answer.status_code != httpx.codes.OK:
        tried.append(
            f"service of this JupyterHub at {url}: answers {answer.status_code}"
        )
        return None
    how = "service of this JupyterHub"
    return Endpoint(base_url=url, token=token, how=how, tried=tuple(tried))


def _not_configured_error(settings: Settings, tried: list[str]) -> ServiceNotConfigured:
    why = (
        "on a JupyterHub none is started by default"
        if settings.start_stack is None
        else "JUPYTER_WRANGLER_START_STACK is off"
    )
    return ServiceNotConfigured(
        f"No wrangler service was found, and none may be started here ({why}). "
        f"Tried: {'; '.join(tried)}. Set JUPYTER_WRANGLER_URL to the address of the "
        "service (who runs it knows it), or JUPYTER_WRANGLER_START_STACK=1 to run a "
        "private one."
    )
