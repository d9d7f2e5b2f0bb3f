"""Errors come back in their own class, and a stopped service is looked for again."""

import http.server
import os
import subprocess
import sys
import threading

import pytest

from jupyter_wrangler import contract, errors
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.stack import launch

# httpcore leaves a socket that could not connect to the garbage collector
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)


@pytest.fixture
def foreign():
    """A server that answers every path with the status that the path names."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(int(self.path.rsplit("/", 1)[-1]))
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html>Bad gateway</html>")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, errors.NotAuthenticated),
        (404, errors.ServiceUnreachable),
        (502, errors.ServiceUnreachable),
        (500, errors.Internal),
        (302, errors.ServiceUnreachable),
    ],
)
def test_what_a_proxy_answers_is_named_too(foreign, status, error):
    api = Api(foreign)
    with pytest.raises(error, match=str(status)):
        api.request("GET", str(status))
    api.close()


def test_a_page_that_is_no_answer_of_ours_is_named_too(foreign):
    """Such as one where people log in."""
    api = Api(foreign)
    with pytest.raises(errors.ServiceUnreachable, match="not as the wrangler service"):
        api.call(contract.Job, "GET", "200")
    api.close()


@pytest.mark.usefixtures("stack")
def test_problems_come_back_in_their_own_class(stack_settings):
    api = Api(settings=stack_settings)
    with pytest.raises(errors.JobNotFound):
        api.job("00000000-0000-0000-0000-000000000000")
    api.close()


def test_a_refused_connection_says_where_and_what_to_do():
    api = Api("http://127.0.0.1:9", token="secret-token")  # noqa: S106
    with pytest.raises(errors.ServiceUnreachable) as caught:
        api.me()
    assert "http://127.0.0.1:9" in str(caught.value)
    assert "address" in str(caught.value)
    assert "secret-token" not in str(caught.value)


def test_a_socket_that_is_gone_names_the_doctor(tmp_path):
    api = Api(f"unix:{tmp_path}/gone.sock")
    with pytest.raises(errors.ServiceUnreachable, match="jupyter wrangler doctor"):
        api.me()


@pytest.mark.slow
def test_a_stack_that_stopped_is_started_again(settings):
    api = Api(settings=settings)
    assert api.me()["kind"] == "local"
    assert launch.stop(settings)
    assert api.me()["kind"] == "local"
    api.close()


def test_it_works_in_a_forked_child(stack_env):
    script = (
        "import os\n"
        "from jupyter_wrangler.client.transport.api import Api\n"
        "api = Api(); api.me()\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    os._exit(0 if api.me()['kind'] == 'local' else 1)\n"
        "assert os.waitpid(pid, 0)[1] == 0\n"
        "assert api.me()['kind'] == 'local'\n"
    )
    subprocess.run(
        [sys.executable, "-c", script], check=True, env={**os.environ, **stack_env}
    )


def test_finding_the_service_needs_no_pandas():
    script = (
        "import sys, jupyter_wrangler.client.transport.connection\n"
        "heavy = {'pandas', 'numpy', 'pyarrow', 'sklearn', 'sqlalchemy', 'redis'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_verbs_hold_no_database_driver():
    script = (
        "import sys, jupyter_wrangler as jw\n"
        "jw.impute, jw.Client, jw.Result\n"
        "import jupyter_wrangler.widgets.job\n"
        "bad = {'sqlalchemy', 'redis', 'celery', 'psycopg', 'fastapi', 'sklearn'}\n"
        "assert not bad & set(sys.modules), bad & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
