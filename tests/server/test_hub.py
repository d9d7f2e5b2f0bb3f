"""The extension on a Hub user's server: in whose name it asks, and for whom."""

import asyncio
import json
import socket
import time

import pytest
from jupyter_server.auth import IdentityProvider, User
from tornado.httpclient import HTTPClientError

V1 = ("api", "wrangler", "v1")
TOKEN = "token-of-this-server"  # noqa: S105  not one


class HubUser(User):
    """A user as the Hub's own identity provider gives it."""

    hub_user: dict


class Hub(IdentityProvider):
    """Knows one user by the token of the test, as the Hub would."""

    name = "alice"
    kind = "user"

    async def get_user(self, handler):
        if await super().get_user(handler) is None:
            return None
        user = HubUser(username=self.name)
        user.hub_user = {"kind": self.kind, "name": self.name}
        return user


@pytest.fixture
def server_of_alice(monkeypatch):
    for name in ("PUBLIC_HUB_URL", "HOST", "BASE_URL"):
        monkeypatch.delenv(f"JUPYTERHUB_{name}", raising=False)
    for name in ("URL", "TOKEN", "START_STACK"):
        monkeypatch.delenv(f"JUPYTER_WRANGLER_{name}", raising=False)
    monkeypatch.setenv("JUPYTERHUB_USER", "alice")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", TOKEN)


@pytest.fixture
def service_environment(server_of_alice, monkeypatch, peer):  # noqa: ARG001
    peer.stop()
    with peer.serving(tcp=True) as url:
        monkeypatch.setenv("JUPYTER_WRANGLER_URL", url)
        yield


@pytest.fixture
def jp_server_config(jp_server_config):
    jp_server_config.ServerApp.identity_provider_class = Hub
    return jp_server_config


async def problem_of(fetch, *path, **kwargs):
    with pytest.raises(HTTPClientError) as caught:
        await fetch(*path, **kwargs)
    return json.loads(caught.value.response.body)


async def test_the_server_speaks_in_its_own_name(jp_fetch, jp_auth_header):
    headers = {"Cookie": "jupyterhub-user-alice=of-the-browser"}
    answer = await jp_fetch(*V1, "me", headers=headers)
    reported = json.loads(answer.body)["headers"]
    assert reported["authorization"] == f"token {TOKEN}"
    assert "cookie" not in reported
    assert jp_auth_header["Authorization"] not in answer.body.decode()


@pytest.mark.parametrize(("name", "kind"), [("bob", "user"), ("alice", "service")])
@pytest.mark.parametrize("path", ["jobs", "nope"])
async def test_a_guest_on_a_shared_server_is_refused(
    jp_fetch, jp_serverapp, peer, name, kind, path
):
    provider = jp_serverapp.identity_provider
    provider.name, provider.kind = name, kind
    problem = await problem_of(jp_fetch, *V1, path)
    assert (problem["status"], problem["code"]) == (403, "not_allowed")
    assert f"belongs to alice, and {kind} {name} asked" in problem["message"]
    assert peer.seen == []


class TestWithoutAddress:
    """Nobody told where the service is, and none may be started here."""

    @pytest.fixture
    def service_environment(self, server_of_alice):
        """Tell no address."""

    @pytest.fixture
    def deaf_hub(self, server_of_alice, monkeypatch):  # noqa: ARG002
        """Name a Hub that takes connections and says nothing."""
        with socket.create_server(("127.0.0.1", 0)) as sock:
            host = f"http://127.0.0.1:{sock.getsockname()[1]}"
            monkeypatch.setenv("JUPYTERHUB_HOST", host)
            yield host

    async def test_a_slow_search_holds_nothing_else_up(self, deaf_hub, jp_fetch):
        search = asyncio.ensure_future(problem_of(jp_fetch, *V1, "me"))
        await asyncio.sleep(0.5)
        begin = time.monotonic()
        await jp_fetch("api", "me")
        assert time.monotonic() - begin < 5
        assert not search.done()
        problem = await search
        assert (problem["status"], problem["code"]) == (503, "service_not_configured")
        assert deaf_hub in problem["message"]
        assert "JUPYTER_WRANGLER_URL" in problem["message"]
        assert TOKEN not in problem["message"]
