"""The service is looked for in one order, and a failure tells all that was tried."""

import http.server
import threading
from pathlib import Path

import pytest

from jupyter_wrangler import errors
from jupyter_wrangler.client.transport.discovery import hub_url, locate
from jupyter_wrangler.settings import Settings

HUB_TOKEN = "hub-token"  # noqa: S105  of no hub
URL = "http://hub:10501/services/wrangler"


@pytest.fixture
def nothing_runs(tmp_path):
    return {"home": tmp_path / "home", "runtime_dir": tmp_path / "run"}


@pytest.fixture
def on_a_hub(monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", HUB_TOKEN)
    monkeypatch.setenv("JUPYTERHUB_USER", "alice")


@pytest.fixture
def answering():
    """A server that says 200 to health and 404 to the rest, as a proxy would."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            good = self.path == "/services/wrangler/v1/health/live"
            self.send_response(200 if good else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.usefixtures("on_a_hub")
def test_what_the_caller_says_comes_first(monkeypatch):
    monkeypatch.setenv("JUPYTER_WRANGLER_URL", "http://elsewhere")
    found = locate(Settings(), URL, "mine")
    assert (found.base_url, found.token) == (URL, "mine")


def test_then_the_environment_with_its_token(monkeypatch):
    monkeypatch.setenv("JUPYTER_WRANGLER_URL", f"{URL}/")
    monkeypatch.setenv("JUPYTER_WRANGLER_TOKEN", "configured")
    found = locate(Settings())
    assert (found.base_url, found.token, found.uds) == (URL, "configured", None)
    assert found.how == "JUPYTER_WRANGLER_URL"


@pytest.mark.usefixtures("on_a_hub")
def test_on_a_hub_the_environment_goes_with_the_servers_token(monkeypatch):
    monkeypatch.setenv("JUPYTER_WRANGLER_URL", URL)
    assert locate(Settings()).token == HUB_TOKEN


@pytest.mark.usefixtures("on_a_hub")
def test_then_the_service_of_the_hub(monkeypatch, answering):
    monkeypatch.setenv("JUPYTERHUB_PUBLIC_HUB_URL", f"{answering}/hub/")
    found = locate(Settings())
    assert found.base_url == f"{answering}/services/wrangler"
    assert found.token == HUB_TOKEN
    assert found.how == "service of this JupyterHub"


def test_then_the_running_private_stack(stack, stack_settings):
    found = locate(stack_settings)
    assert (found.uds, found.token) == (stack, None)
    assert found.how == "private stack, running"


def test_a_socket_can_be_named():
    found = locate(Settings(), "unix:/run/user/1000/my%20jw/service.sock")
    assert found.uds == Path("/run/user/1000/my jw/service.sock")
    assert found.where == "socket /run/user/1000/my jw/service.sock"


def test_where_none_may_be_started_all_that_was_tried_is_reported(nothing_runs):
    settings = Settings(**nothing_runs, start_stack=False)
    with pytest.raises(errors.ServiceNotConfigured) as caught:
        locate(settings)
    message = str(caught.value)
    for words in ("JUPYTER_WRANGLER_URL: not set", "not on a Hub", "not running"):
        assert words in message
    assert "JUPYTER_WRANGLER_START_STACK=1" in message


@pytest.mark.usefixtures("on_a_hub")
def test_on_a_hub_none_is_started_by_default(nothing_runs):
    with pytest.raises(errors.ServiceNotConfigured) as caught:
        locate(Settings(**nothing_runs))
    assert "public address is not known" in str(caught.value)
    assert not nothing_runs["home"].exists()


@pytest.mark.usefixtures("on_a_hub")
def test_a_hub_without_the_service_is_reported(nothing_runs, monkeypatch, answering):
    monkeypatch.setenv("JUPYTERHUB_HOST", f"{answering}/elsewhere")
    with pytest.raises(errors.ServiceNotConfigured, match="answers 404"):
        locate(Settings(**nothing_runs))


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        (
            {"JUPYTERHUB_PUBLIC_HUB_URL": "https://x.org/jupyter/hub/"},
            "https://x.org/jupyter/services/wrangler",
        ),
        (
            {"JUPYTERHUB_HOST": "https://x.org", "JUPYTERHUB_BASE_URL": "/jupyter/"},
            "https://x.org/jupyter/services/wrangler",
        ),
        (
            {"JUPYTERHUB_HOST": "https://x.org", "JUPYTERHUB_BASE_URL": "/"},
            "https://x.org/services/wrangler",
        ),
        ({"JUPYTERHUB_API_URL": "http://127.0.0.1:8081/hub/api"}, None),
    ],
)
def test_the_hubs_address_is_derived(monkeypatch, environment, url):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert hub_url() == url


@pytest.mark.parametrize("url", ["hub:10501", "ftp://hub/x", "https://"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(errors.InvalidSpec, match="no address"):
        locate(Settings(), url)


def test_a_token_is_never_shown():
    assert "mine" not in repr(locate(Settings(), URL, "mine"))
