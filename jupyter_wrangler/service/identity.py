"""Who is calling: the owner of the socket, or somebody the Hub knows.

A *principal* owns rows.  On a laptop it is the OS user at the other end of the unix
socket; on a JupyterHub it is the user or the service that the Hub names for the
token in the ``Authorization`` header.  There is no anonymous caller.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

from fastapi import Depends, Request

from jupyter_wrangler.errors import (
    NotAllowed,
    NotAuthenticated,
    ServerUnreachable,
    ServiceNotConfigured,
)
from jupyter_wrangler.service.uds import UID_PREFIX
from jupyter_wrangler.settings import Settings

if TYPE_CHECKING:
    from jupyterhub.services.auth import HubAuth

_TOKEN = re.compile(r"(?:token|bearer)\s+(\S+)\s*", re.IGNORECASE)
#: Seconds that the Hub may take to say whose token it is.
_HUB_PATIENCE_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Whose rows they are: same kind and name, same principal."""

    #: "local": an OS user; "hub_user" and "hub_service": as the Hub calls them.
    kind: Literal["local", "hub_user", "hub_service"]
    name: str
    #: May look after other people's jobs.
    admin: bool


class Identity(Protocol):
    """Tells who sent a request, or refuses it."""

    async def principal(self, request: Request) -> Principal:
        """Name the caller, or raise NotAuthenticated or NotAllowed."""


class LocalIdentity:
    """Callers of the unix socket: its owner, and root on the owner's behalf.

    Parameters
    ----------
    owner_uid : int
        The OS user that runs the service.
    """

    def __init__(self, owner_uid: int) -> None:
        self.owner = Principal(kind="local", name=_user_name(owner_uid), admin=True)
        self._allowed = frozenset({0, owner_uid})

    async def principal(self, request: Request) -> Principal:
        """Name the owner, if the kernel said that the owner (or root) connected."""
        host = request.client.host if request.client else ""
        if not host.startswith(UID_PREFIX):
            raise NotAuthenticated(
                f"The caller's address is {host!r}, and the uid behind a unix socket "
                "is wanted; connect through the service's socket."
            )
        if int(host.removeprefix(UID_PREFIX)) not in self._allowed:
            raise NotAllowed(
                f"This service belongs to {self.owner.name}, and {host} asked; start "
                "your own with 'jupyter wrangler up'."
            )
        return self.owner


class HubIdentity:
    """Callers of a JupyterHub service, known by their Hub token.

    Parameters
    ----------
    auth : HubAuth
        How to ask the Hub; remembers an answer for its `cache_max_age`.
    service : str
        Name of this service in the Hub's configuration.
    """

    def __init__(self, auth: HubAuth, service: str) -> None:
        self._auth = auth
        self.scope = f"access:services!service={service}"

    @classmethod
    def from_environment(cls, settings: Settings) -> HubIdentity:
        """Ask the Hub that the JUPYTERHUB_* variables describe."""
        try:
            from jupyterhub.services.auth import HubAuth  # noqa: PLC0415  optional
        except ImportError as exc:
            raise ServiceNotConfigured(
                "The service runs under a JupyterHub (JUPYTERHUB_API_URL is set), but "
                "the package jupyterhub is not installed here; run "
                "pip install 'jupyter-wrangler[hub]'."
            ) from exc
        # HubAuth takes an age of 0 for "for ever": one second is the least it knows.
        auth = HubAuth(cache_max_age=max(1, settings.hub_cache_s))
        return cls(auth, os.environ["JUPYTERHUB_SERVICE_NAME"])

    async def principal(self, request: Request) -> Principal:
        """Name the Hub user or service that the token belongs to."""
        found = _TOKEN.fullmatch(request.headers.get("authorization", ""))
        if found is None:
            raise NotAuthenticated(
                "The request carries no token; send the header 'Authorization: token "
                "<JUPYTERHUB_API_TOKEN>'."
            )
        model = await self._ask(found.group(1))
        if model is None:
            raise NotAuthenticated(
                "The Hub does not know this token (any more); request a new one on "
                "the Hub's token page, or restart your server."
            )
        if not self._auth.check_scopes({self.scope}, model):
            raise NotAllowed(
                f"{model['name']!r} may not use this service with this token: it has "
                f"no scope {self.scope}. The Hub's administrator grants it with "
                "c.JupyterHub.load_roles and c.Spawner.server_token_scopes."
            )
        # A service and a user of one name are two principals.
        return Principal(
            kind="hub_service" if model["kind"] == "service" else "hub_user",
            name=model["name"],
            admin=bool(model.get("admin", False)),
        )

    async def _ask(self, token: str) -> dict[str, Any] | None:
        from tornado.web import HTTPError  # noqa: PLC0415  comes with jupyterhub

        try:
            async with asyncio.timeout(_HUB_PATIENCE_S):
                model: dict[str, Any] | None = await self._auth.user_for_token(
                    token, sync=False
                )
        except (HTTPError, OSError, TimeoutError, ValueError) as exc:
            # Never guess: without the Hub nobody is known.
            raise ServerUnreachable(
                f"The Hub at {self._auth.api_url} was asked whose token this is and "
                "gave no usable answer; the request was not done. Try again in a "
                "moment; if it lasts, the administrator checks the Hub's log."
            ) from exc
        return model


def identity_for(settings: Settings) -> Identity:
    """Choose how callers are known: by uid on a unix socket, else by the Hub.

    Raises
    ------
    ServiceNotConfigured
        If there is neither, since then nobody could be told from anybody.
    """
    if settings.service_socket is not None:
        return LocalIdentity(os.geteuid())
    wanted = ("JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN", "JUPYTERHUB_SERVICE_NAME")
    missing = [name for name in wanted if not os.environ.get(name)]
    if missing:
        raise ServiceNotConfigured(
            "The service needs a way to know its callers, and found neither "
            "JUPYTER_WRANGLER_SERVICE_SOCKET nor a JupyterHub (not set: "
            f"{', '.join(missing)}). On a laptop run 'jupyter wrangler up'; on a Hub "
            "start it as a Hub service, as docs/hub.md shows."
        )
    return HubIdentity.from_environment(settings)


async def caller(request: Request) -> Principal:
    """FastAPI dependency: the principal, by ``app.state.identity``."""
    identity: Identity = request.app.state.identity
    return await identity.principal(request)


#: A route's parameter of this type makes the route refuse strangers.
Caller = Annotated[Principal, Depends(caller)]


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # containers often run under a uid without an entry
        return f"uid-{uid}"
