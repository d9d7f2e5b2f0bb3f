import asyncio
import contextlib
import socket
import threading
import time

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import SecretStr

from jupyter_wrangler.errors import (
    NotAllowed,
    NotAuthenticated,
    ServiceNotConfigured,
    WranglerError,
)
from jupyter_wrangler.service.identity import (
    Caller,
    HubIdentity,
    Known,
    LocalIdentity,
    Principal,
    identity_for,
)
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import paths
from tests.waiting import CEILING_S

ACCESS = "access:services!service=wrangler"


def request(host=None, **headers):
    raw = [(k.lower().encode(), v.encode()) for k, v in headers.items()]
    client = (host, 1) if host else None
    return Request({"type": "http", "client": client, "headers": raw})


# ── on a laptop ──


@pytest.mark.asyncio
@pytest.mark.parametrize("uid", [0, 4711])
async def test_owner_and_root_are_the_owner(uid):
    who = await LocalIdentity(4711).principal(request(f"uid:{uid}"))
    assert who == Principal(kind="local", name="uid-4711", admin=True)


@pytest.mark.asyncio
async def test_another_uid_is_not_allowed():
    with pytest.raises(NotAllowed, match="uid:4712 asked"):
        await LocalIdentity(4711).principal(request("uid:4712"))


@pytest.mark.asyncio
@pytest.mark.parametrize("host", [None, "127.0.0.1"])
async def test_a_caller_without_uid_is_not_authenticated(host):
    with pytest.raises(NotAuthenticated):
        await LocalIdentity(0).principal(request(host))


# ── on a Hub: a small one that answers as JupyterHub's GET /hub/api/user does ──


class SmallHub:
    def __init__(self):
        self.asked = 0
        self.models = {
            "alice-server": {
                "kind": "user",
                "name": "alice",
                "scopes": ["access:servers!user=alice", ACCESS],
            },
            "alice-wide": {
                "kind": "user",
                "name": "alice",
                "scopes": ["access:services"],
            },
            "alice-bare": {
                "kind": "user",
                "name": "alice",
                "scopes": ["users:activity"],
            },
            "alice-other": {
                "kind": "user",
                "name": "alice",
                "scopes": ["access:services!service=wrangler2"],
            },
            "service-alice": {
                "kind": "service",
                "name": "alice",
                "admin": True,
                "scopes": [ACCESS],
            },
            # an administrator of the Hub: with a narrow token, and with ours
            "ada-narrow": {
                "kind": "user",
                "name": "ada",
                "admin": True,
                "roles": ["admin", "user"],
                "scopes": [ACCESS],
            },
            "ada-wide": {
                "kind": "user",
                "name": "ada",
                "admin": True,
                "scopes": ["admin:users", "admin:servers", "access:services", "proxy"],
            },
            "ada-admin": {
                "kind": "user",
                "name": "ada",
                "scopes": [ACCESS, "custom:wrangler:admin"],
            },
            "prometheus": {
                "kind": "service",
                "name": "prometheus",
                "scopes": ["custom:wrangler:metrics"],
            },
            "old-recipe": {
                "kind": "service",
                "name": "prometheus",
                "admin": True,
                "scopes": ["custom:other:metrics", "custom:other:admin"],
            },
            "carol-says": {
                "kind": "user",
                "name": "carol",
                "created": "2026-01-02T03:04:05.678901Z",
                "scopes": [ACCESS],
            },
            "carol-keyed": {
                "kind": "user",
                "name": "carol",
                "id": 7,
                "scopes": [ACCESS],
            },
        }
        #: what the service itself may know of users; None: nothing
        self.users = None
        self.app = FastAPI()
        self.app.get("/hub/api/users/{name}")(self.one)
        self.app.get("/hub/api/user")(self.user)

    async def user(self, request: Request):
        self.asked += 1
        whose = request.headers["authorization"].removeprefix("token ")
        if whose == "slow":
            await asyncio.sleep(30)
        if whose == "broken":
            return Response("<html>", 200)
        if whose == "failing":
            return JSONResponse({"message": "no"}, 503)
        if whose not in self.models:
            return JSONResponse({"message": "Forbidden"}, 403)
        return self.models[whose]

    async def one(self, name: str, request: Request):
        whose = request.headers["authorization"].removeprefix("token ")
        if whose != "the-service-itself" or self.users is None:
            return JSONResponse({"message": "Forbidden"}, 403)
        return {"kind": "user", "name": name, "created": self.users[name]}


@contextlib.contextmanager
def served(app):
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
    )
    sock = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(
        target=asyncio.run, args=(server.serve(sockets=[sock]),), daemon=True
    )
    thread.start()
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def hub():
    hub = SmallHub()
    with served(hub.app) as hub.url:
        yield hub


@pytest.fixture
def hub_environment(monkeypatch, hub):
    monkeypatch.setenv("JUPYTERHUB_API_URL", hub.url + "/hub/api")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "the-service-itself")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_NAME", "wrangler")
    monkeypatch.delenv("JUPYTER_WRANGLER_SERVICE_SOCKET", raising=False)


@pytest.fixture
def whoami(hub_environment):  # noqa: ARG001  sets the environment
    """Serve one route that needs a caller, as the service's routes do."""
    app = FastAPI()
    app.state.identity = identity_for(Settings())

    @app.get("/me")
    async def me(who: Caller):
        return {"kind": who.kind, "name": who.name, "admin": who.admin}

    @app.get("/known")
    async def known(who: Known):
        return {"name": who.name, "admin": who.admin, "metrics": who.metrics}

    @app.get("/hub-id")
    async def hub_id(who: Caller):
        return {"hub_id": who.hub_id}

    @app.exception_handler(WranglerError)
    async def refuse(_request: Request, exc: WranglerError):
        return JSONResponse({"code": exc.code, "message": exc.message}, 418)

    with served(app) as url, httpx.Client(base_url=url, timeout=CEILING_S) as client:
        client.identity = app.state.identity
        yield client


def me(client, token, scheme="token"):
    headers = {"Authorization": f"{scheme} {token}"} if token else {}
    return client.get("/me", headers=headers).json()


@pytest.mark.parametrize("token", ["alice-server", "alice-wide"])
@pytest.mark.parametrize("scheme", ["token", "Bearer"])
def test_a_token_with_the_scope_is_its_user(whoami, token, scheme):
    assert me(whoami, token, scheme) == {
        "kind": "hub_user",
        "name": "alice",
        "admin": False,
    }


def test_a_service_named_like_a_user_is_somebody_else(whoami):
    assert me(whoami, "service-alice") == {
        "kind": "hub_service",
        "name": "alice",
        "admin": False,
    }


@pytest.mark.parametrize(
    ("token", "admin", "metrics"),
    [
        ("ada-narrow", False, False),
        ("ada-wide", False, False),
        ("ada-admin", True, False),
        ("prometheus", False, True),
        ("alice-server", False, False),
        ("service-alice", False, False),
    ],
)
def test_fault_4_1_a_token_has_the_power_of_its_scopes_not_of_its_owner(
    whoami, token, admin, metrics
):
    headers = {"Authorization": f"token {token}"}
    found = whoami.get("/known", headers=headers).json()
    assert (found["admin"], found["metrics"]) == (admin, metrics)


def test_fault_4_1_a_token_for_metrics_is_no_user(whoami):
    answer = me(whoami, "prometheus")
    assert answer["code"] == "not_allowed"
    assert "metrics only" in answer["message"]


def test_fault_4_1_scopes_of_another_service_count_for_nothing(whoami):
    headers = {"Authorization": "token old-recipe"}
    assert whoami.get("/known", headers=headers).json()["code"] == "not_allowed"


@pytest.mark.parametrize(
    ("token", "users", "wanted"),
    [
        ("alice-server", None, None),
        (
            "alice-server",
            {"alice": "2026-11-30T12:00:00.000001Z"},
            "created:2026-11-30T12:00:00.000001+00:00",
        ),
        # the same instant in another form
        (
            "alice-server",
            {"alice": "2026-11-30T13:00:00.000001+01:00"},
            "created:2026-11-30T12:00:00.000001+00:00",
        ),
        ("carol-says", None, "created:2026-01-02T03:04:05.678901+00:00"),
        ("carol-keyed", None, "id:7"),
        ("service-alice", {"alice": "2026-11-30T12:00:00Z"}, None),
    ],
)
def test_fault_4_7_the_hub_is_asked_who_has_the_name(
    whoami, hub, token, users, wanted, monkeypatch
):
    monkeypatch.setattr(hub, "users", users)
    whoami.identity._auth.cache.clear()
    headers = {"Authorization": f"token {token}"}
    assert whoami.get("/hub-id", headers=headers).json() == {"hub_id": wanted}


@pytest.mark.parametrize("token", ["alice-bare", "alice-other"])
def test_a_token_without_the_scope_is_not_allowed(whoami, token):
    answer = me(whoami, token)
    assert answer["code"] == "not_allowed"
    assert ACCESS in answer["message"]


@pytest.mark.parametrize("token", ["", "made-up"])
def test_no_token_and_an_unknown_token_are_not_authenticated(whoami, token):
    assert me(whoami, token)["code"] == "not_authenticated"


@pytest.mark.parametrize("token", ["broken", "failing"])
def test_a_hub_in_trouble_makes_nobody_known(whoami, token):
    answer = me(whoami, token)
    assert answer["code"] == "server_unreachable"
    assert token not in answer["message"]


def test_a_hub_that_is_away_makes_nobody_known(whoami):
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    whoami.identity._auth.api_url = f"http://127.0.0.1:{port}/hub/api"
    assert me(whoami, "alice-server")["code"] == "server_unreachable"


def test_a_hub_that_hangs_makes_nobody_known(whoami, monkeypatch):
    monkeypatch.setattr("jupyter_wrangler.service.identity._HUB_TIMEOUT_S", 0.3)
    begin = time.monotonic()
    assert me(whoami, "slow")["code"] == "server_unreachable"
    assert time.monotonic() - begin < 5


def test_the_hub_is_asked_once_per_token_and_cache_time(whoami, hub):
    before = hub.asked
    for _ in range(3):
        me(whoami, "alice-server")
    assert hub.asked == before + 1


@pytest.mark.usefixtures("hub_environment")
def test_an_answer_of_the_hub_is_believed_for_a_minute():
    identity = identity_for(Settings())
    assert isinstance(identity, HubIdentity)
    assert identity._auth.cache.max_age == 60


# ── which of the two ──


@pytest.mark.usefixtures("hub_environment")
def test_a_unix_socket_means_callers_by_uid_even_on_a_hub(tmp_path):
    identity = identity_for(Settings(service_socket=tmp_path / "s"))
    assert isinstance(identity, LocalIdentity)


def test_fault_4_7_the_owner_of_a_private_database_is_known_by_any_name(settings):
    sock = settings.home / "s"
    private = settings.model_copy(
        update={
            "service_socket": sock,
            "database_url": SecretStr(paths.locate(settings).database_url),
        }
    )
    assert identity_for(private).owner.hub_id == "id:owner"
    other = SecretStr("postgresql+psycopg://a@b/c")
    shared = private.model_copy(update={"database_url": other})
    assert identity_for(shared).owner.hub_id is None


def test_without_socket_and_hub_the_service_refuses_to_start(monkeypatch):
    for name in ("API_URL", "API_TOKEN", "SERVICE_NAME"):
        monkeypatch.delenv(f"JUPYTERHUB_{name}", raising=False)
    monkeypatch.delenv("JUPYTER_WRANGLER_SERVICE_SOCKET", raising=False)
    with pytest.raises(ServiceNotConfigured, match="JUPYTERHUB_API_URL"):
        identity_for(Settings())
