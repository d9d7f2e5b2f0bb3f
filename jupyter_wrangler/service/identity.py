"""Who is calling: the owner of the socket, or somebody the Hub knows.

A *principal* owns rows.  On a laptop it is the OS user at the other end of the unix
socket; on a JupyterHub it is the user or the service that the Hub names for the
token in the ``Authorization`` header.  There is no anonymous caller.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import os
import pwd
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol
from urllib.parse import quote

from fastapi import Depends, Request

from jupyter_wrangler.errors import (
    NotAllowed,
    NotAuthenticated,
    ServerUnreachable,
    ServiceNotConfigured,
)
from jupyter_wrangler.service.uds import UID_PREFIX
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import backup

if TYPE_CHECKING:
    from jupyterhub.services.auth import HubAuth

_TOKEN = re.compile(r"(?:token|bearer)\s+(\S+)\s*", re.IGNORECASE)
#: Seconds for which the Hub's answer about a token is believed. HubAuth would take an
#: age of 0 for "for ever".
_HUB_CACHE_S = 60
#: Seconds that the Hub may take to say whose token it is.
_HUB_TIMEOUT_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Whose rows they are: same kind and name, same principal."""

    #: "local": an OS user; "hub_user" and "hub_service": as the Hub calls them.
    kind: Literal["local", "hub_user", "hub_service"]
    name: str
    #: May look after other people's jobs.
    admin: bool
    #: May read the metrics; administrators may in any case.
    metrics: bool = False
    #: May have data and jobs of their own.
    member: bool = True
    #: What tells this user from others of the name, which can be given away: what the
    #: Hub says (``id:7``, or when the user was made); None where it is not known.
    hub_id: str | None = None


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
    alone : bool
        Whether the database is this owner's: then they are the same one whatever they
        are called, for names of OS users change, and containers often have none.
    """

    def __init__(self, owner_uid: int, *, alone: bool = False) -> None:
        self.owner = Principal(
            kind="local",
            name=_user_name(owner_uid),
            admin=True,
            hub_id="id:owner" if alone else None,
        )
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
        self.admin_scope = f"custom:{service}:admin"
        self.metrics_scope = f"custom:{service}:metrics"

    @classmethod
    def from_environment(cls) -> HubIdentity:
        """Ask the Hub that the JUPYTERHUB_* variables describe."""
        try:
            from jupyterhub.services.auth import HubAuth  # noqa: PLC0415  optional
        except ImportError as exc:
            raise ServiceNotConfigured(
                "The service runs under a JupyterHub (JUPYTERHUB_API_URL is set), but "
                "the package jupyterhub is not installed here; run "
                "pip install 'jupyter-wrangler[hub]'."
            ) from exc
        auth = HubAuth(cache_max_age=_HUB_CACHE_S)
        return cls(auth, os.environ["JUPYTERHUB_SERVICE_NAME"])

    async def principal(self, request: Request) -> Principal:
        """Name the Hub user or service that the token belongs to."""
        found = _TOKEN.fullmatch(request.headers.get("authorization", ""))
        if found is None:
            raise NotAuthenticated(
                "The request carries no token; send the header 'Authorization: token "
                "<JUPYTERHUB_API_TOKEN>'."
            )
        token = found.group(1)
        model = await self._ask(self._auth.user_for_token(token, sync=False))
        if model is None:
            raise NotAuthenticated(
                "The Hub does not know this token (any more); request a new one on "
                "the Hub's token page, or restart your server."
            )
        # What counts is what this token may, not what its owner may: an
        # administrator of the Hub has narrow tokens too.
        member = self._may(model, self.scope)
        admin = self._may(model, self.admin_scope)
        metrics = self._may(model, self.metrics_scope)
        if not (member or admin or metrics):
            raise NotAllowed(
                f"{model['name']!r} may not use this service with this token: it has "
                f"no scope {self.scope}. The Hub's administrator grants it with "
                "c.JupyterHub.load_roles and c.Spawner.server_token_scopes."
            )
        # A service and a user of one name are two principals.
        service = model["kind"] == "service"
        return Principal(
            kind="hub_service" if service else "hub_user",
            name=model["name"],
            admin=admin,
            metrics=metrics,
            member=member,
            hub_id=None if service else await self._hub_id(model, token),
        )

    def _may(self, model: dict[str, Any], scope: str) -> bool:
        return bool(self._auth.check_scopes({scope}, model))

    async def _hub_id(self, model: dict[str, Any], token: str) -> str | None:
        """Tell this user from an earlier or later one of the same name.

        The answer about a token says it only to tokens that may read their own user.
        So the Hub is asked with the token of this service, once for each of the
        user's tokens: a new user never has an old token.
        """
        if "id" not in model and "created" not in model:
            digest = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
            name = quote(model["name"], safe="@~")
            asked = self._auth._check_hub_authorization(  # noqa: SLF001  remembers
                f"{self._auth.api_url.rstrip('/')}/users/{name}",
                self._auth.api_token,
                cache_key=f"user-of:{digest}",
            )
            model = await self._ask(asked) or {}
        if model.get("id") is not None:
            return f"id:{model['id']}"
        if not model.get("created"):
            return None
        # in one form: the Hub's next version may write times otherwise
        created = dt.datetime.fromisoformat(model["created"]).astimezone(dt.UTC)
        return f"created:{created.isoformat()}"

    async def _ask(
        self, answer: Awaitable[dict[str, Any] | None]
    ) -> dict[str, Any] | None:
        from tornado.web import HTTPError  # noqa: PLC0415  comes with jupyterhub

        try:
            async with asyncio.timeout(_HUB_TIMEOUT_S):
                return await answer
        except (HTTPError, OSError, TimeoutError, ValueError) as exc:
            # Never guess: without the Hub nobody is known.
            raise ServerUnreachable(
                f"The Hub at {self._auth.api_url} was asked whose token this is and "
                "gave no usable answer; the request was not done. Try again in a "
                "moment; if it lasts, the administrator checks the Hub's log."
            ) from exc


def identity_for(settings: Settings) -> Identity:
    """Choose how callers are known: by uid on a unix socket, else by the Hub.

    Raises
    ------
    ServiceNotConfigured
        If there is neither, since then nobody could be distinguished from anybody.
    """
    if settings.service_socket is not None:
        return LocalIdentity(os.geteuid(), alone=backup.is_private(settings))
    wanted = ("JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN", "JUPYTERHUB_SERVICE_NAME")
    missing = [name for name in wanted if not os.environ.get(name)]
    if missing:
        raise ServiceNotConfigured(
            "The service needs a way to know its callers, and found neither "
            "JUPYTER_WRANGLER_SERVICE_SOCKET nor a JupyterHub (not set: "
            f"{', '.join(missing)}). On a laptop run 'jupyter wrangler up'; on a Hub "
            "start it as a Hub service, as docs/hub.md shows."
        )
    return HubIdentity.from_environment()


async def known(request: Request) -> Principal:
    """FastAPI dependency: the principal, by ``app.state.identity``."""
    identity: Identity = request.app.state.identity
    return await identity.principal(request)


async def caller(principal: Annotated[Principal, Depends(known)]) -> Principal:
    """FastAPI dependency: a principal who may have data and jobs."""
    if not principal.member:
        raise NotAllowed(
            f"The token of {principal.name!r} is for administration or metrics only, "
            "and this is for users; send a token that may access the service."
        )
    return principal


#: A route's parameter of this type keeps out strangers and nobody else.
Known = Annotated[Principal, Depends(known)]
#: A route's parameter of this type makes the route refuse strangers.
Caller = Annotated[Principal, Depends(caller)]


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # containers often run under a uid without an entry
        return f"uid-{uid}"
