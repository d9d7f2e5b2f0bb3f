"""One thread per process hears of all live jobs, and ends with the last of them."""

import http.server
import os
import signal
import threading
import time

import httpx
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.stack import launch
from jupyter_wrangler.stack import paths as places
from jupyter_wrangler.stack.state_file import read
from tests.waiting import CEILING_S, until

pytestmark = [
    pytest.mark.usefixtures("client"),
    # httpcore leaves a socket that could not connect to the garbage collector
    pytest.mark.filterwarnings(
        "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
    ),
]


def event_threads():
    return [t for t in threading.enumerate() if t.name == "jupyter-wrangler-events"]


def test_one_thread_for_all_jobs_and_none_afterwards(patients):
    jobs = [jw.impute(patients, random_state=100 + i) for i in range(5)]
    heard = []
    for job in jobs:
        job.add_done_callback(heard.append)
        assert len(event_threads()) <= 1
    until(lambda: len(heard) == 5)
    assert {job.id for job in heard} == {job.id for job in jobs}
    until(lambda: not event_threads())


def test_progress_is_pushed(long_work):
    job = jw.impute(long_work, n_imputations=30, random_state=7)
    fractions = []
    job.on_change(lambda j: fractions.append(j.seen.progress))
    until(lambda: sum(step is not None for step in fractions) >= 3)
    # the first words may be "starting", from each of the parts
    until(lambda: any(step and "round" in step.message for step in fractions))
    steps = [step for step in fractions if step is not None]
    assert steps[-1].done >= steps[0].done
    job.cancel()
    job.wait(CEILING_S)


@pytest.mark.slow
def test_a_service_that_was_killed_is_heard_again(settings, long_work):
    client = Client(settings=settings)
    job = jw.impute(long_work, n_imputations=30, random_state=8, client=client)
    heard, over = [], threading.Event()
    job.on_change(lambda j: heard.append(j.seen.progress))
    job.add_done_callback(lambda _: over.set())
    until(lambda: job.seen.progress is not None)
    record = read(places.locate(settings).record)
    killed = record.children["service"]
    os.kill(killed.pid, signal.SIGKILL)
    until(lambda: not killed.alive)
    before = len(heard)
    until(lambda: len(heard) > before + 2)
    assert job.cancel()
    assert over.wait(CEILING_S)
    assert job.seen.state == "cancelled"
    client.close()


def test_a_job_that_ended_before_it_was_watched_is_noticed(patients):
    job = jw.impute(patients, random_state=9)
    other = jw.job(job.id)
    job.wait(CEILING_S)
    until(lambda: not event_threads())
    over = threading.Event()
    other.add_done_callback(lambda _: over.set())
    assert over.wait(10)


@pytest.mark.slow
def test_a_stack_that_was_put_down_stays_down_until_it_is_wanted(settings, long_work):
    client = Client(settings=settings)
    data = long_work.iloc[:20_000]
    job = jw.impute(data, n_imputations=2, random_state=6, client=client)
    over = threading.Event()
    job.add_done_callback(lambda _: over.set())
    until(lambda: job.seen.progress is not None)
    assert launch.stop(settings)
    time.sleep(3)
    assert launch.running(settings) is None
    with pytest.raises(TimeoutError):
        job.result(0.2)
    assert launch.running(settings) is None
    assert not over.is_set()
    job.refresh()
    assert job.result(CEILING_S).df.isna().sum().sum() == 0
    assert over.wait(CEILING_S)
    client.close()


@pytest.fixture
def logged_out():
    """While it is set, the proxy answers everything with a page to log in at."""
    return threading.Event()


@pytest.fixture
def refused() -> list[str]:
    """Paths that the proxy answered with its own page."""
    return []


@pytest.fixture
def without_events(stack, logged_out, refused):
    """A proxy before the service that lets no event stream through."""

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if logged_out.is_set():
                refused.append(self.path)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"<html>Who are you?</html>")
                return
            if self.path.endswith("/events"):
                self.send_error(502)
                return
            size = int(self.headers.get("Content-Length") or 0)
            kept = {k: v for k, v in self.headers.items() if k.lower() != "host"}
            with httpx.Client(transport=httpx.HTTPTransport(uds=str(stack))) as up:
                answer = up.request(
                    self.command,
                    f"http://wrangler{self.path}",
                    content=self.rfile.read(size),
                    headers=kept,
                )
            self.send_response(answer.status_code)
            for name in ("content-type", "content-length"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.end_headers()
            self.wfile.write(answer.content)

        do_POST = do_PUT = do_GET  # noqa: N815  names of http.server

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_where_no_events_come_through_jobs_are_polled(without_events, patients):
    client = Client(without_events)
    job = jw.impute(patients, random_state=200, client=client)
    over = threading.Event()
    job.add_done_callback(lambda _: over.set())
    assert over.wait(CEILING_S)
    assert job.result(10).df.isna().sum().sum() == 0
    client.close()


def test_pages_of_a_proxy_end_no_thread(without_events, logged_out, refused, long_work):
    client = Client(without_events)
    job = jw.impute(long_work, n_imputations=30, random_state=201, client=client)
    over = threading.Event()
    job.add_done_callback(lambda _: over.set())
    logged_out.set()
    until(lambda: len(refused) >= 3)
    logged_out.clear()
    job.cancel()
    assert over.wait(CEILING_S)
    client.close()
