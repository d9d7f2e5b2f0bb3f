"""The extension over the real stack: the main job as a browser would run it."""

import asyncio
import hashlib
import json
import uuid
from pathlib import Path

import pandas as pd
import pytest
from tornado.httpclient import HTTPClientError

from jupyter_wrangler import frames
from jupyter_wrangler.contract import Job, Problem
from jupyter_wrangler.server.routes import ROUTES
from jupyter_wrangler.stack import launch

V1 = ("api", "wrangler", "v1")
DATA = Path(__file__).parents[2] / "notebooks" / "data"
TYPE = {"Content-Type": "application/json"}


@pytest.fixture
def service_environment(stack_env, monkeypatch):
    """Let the extension find the stack of the tests."""
    assert stack_env
    monkeypatch.delenv("JUPYTER_WRANGLER_URL", raising=False)


@pytest.fixture
def call(jp_fetch):
    """Send JSON, get JSON."""

    async def call(verb, path, body=None, **params):
        if isinstance(body, dict):
            body = json.dumps(body)
        if verb in {"POST", "PUT", "PATCH"}:
            body = body or ""
        answer = await jp_fetch(
            *V1,
            *path.split("/"),
            method=verb,
            body=body,
            params=params,
            headers={**TYPE},
        )
        return json.loads(answer.body) if answer.body else None

    return call


async def submit(call, df, **spec):
    packed = frames.to_parquet(df)
    upload = await call(
        "POST", "uploads", {"sha256": packed.sha256, "size": len(packed.data)}
    )
    if not upload["known"]:
        path = f"uploads/{upload['id']}"
        await call("PUT", path, packed.data, offset=0)
        await call("POST", f"{path}/complete")
    version = await call(
        "POST",
        "datasets",
        {
            "sha256": packed.sha256,
            "n_rows": packed.n_rows,
            "columns": [c.model_dump() for c in packed.columns],
        },
    )
    request = {"dataset_version_id": version["id"], "spec": spec, "force": True}
    return packed, await call("POST", "jobs", request)


async def read_events(talk):
    """Give events as they come: (event, data)."""
    stream = await talk("events", headers={"Accept": "text/event-stream"})
    assert stream.status == 200
    assert stream.headers["x-accel-buffering"] == "no"
    try:
        buffer = b""
        while True:
            # chunks of HTTP/1.1: a size, then as many bytes
            size = int(await stream.reader.readuntil(b"\r\n"), 16)
            buffer += (await stream.reader.readexactly(size + 2))[:-2]
            buffer = buffer.replace(b"\r\n", b"\n")
            while b"\n\n" in buffer:
                block, _, buffer = buffer.partition(b"\n\n")
                lines = [line.partition(": ") for line in block.decode().split("\n")]
                fields = {name: value for name, _, value in lines if name}
                if "event" in fields:
                    yield fields["event"], json.loads(fields["data"])
    finally:
        await stream.close()


async def test_the_main_job_through_the_jupyter_server(jp_fetch, call, talk):
    df = pd.read_csv(DATA / "penguins.csv")
    events = read_events(talk)
    assert (await anext(events))[0] == "ready"
    packed, job = await submit(call, df, n_imputations=2, max_iter=3, method="pmm")
    states = []
    async with asyncio.timeout(60):
        async for event, data in events:
            if event == "job" and data["id"] == job["id"]:
                states.append(data["state"])
                if Job.model_validate(data).final:
                    break
    await events.aclose()
    assert states[-1] == "succeeded"
    assert len(states) > 1
    result = await call("GET", f"jobs/{job['id']}/result")
    assert len(result["imputations"]) == 2
    for k, part in enumerate(result["imputations"]):
        answer = await jp_fetch(*V1, "jobs", job["id"], "result", str(k))
        assert hashlib.sha256(answer.body).hexdigest() == part["sha256"]
        whole = frames.complete(df, frames.cells_from_parquet(answer.body))
        assert not whole.isna().any(axis=None)
        pd.testing.assert_frame_equal(whole[df.notna()], df[df.notna()])
    version = job["dataset_version_id"]
    answer = await jp_fetch(*V1, "versions", version, "content")
    assert answer.body == packed.data
    await call("DELETE", f"jobs/{job['id']}")
    with pytest.raises(HTTPClientError) as caught:
        await call("GET", f"jobs/{job['id']}")
    assert json.loads(caught.value.response.body)["code"] == "job_not_found"


async def test_every_route_of_the_table_is_one_of_the_service(jp_fetch):
    spec = json.loads((await jp_fetch(*V1, "openapi.json")).body)
    known = {
        (verb.upper(), path.removeprefix("/v1/"))
        for path, verbs in spec["paths"].items()
        for verb in verbs
    }
    ours = set()
    for route in ROUTES:
        if route.pattern == r"openapi\.json":
            continue
        for verb in route.verbs:
            fitting = [p for v, p in known if v == verb and fits(p, route.example)]
            assert fitting, f"the service has no {verb} {route.example}"
            # the one with most words is meant: result/rows is no imputation
            ours.add((verb, min(fitting, key=lambda p: p.count("{"))))
    assert ours == known


def fits(path, example):
    parts, given = path.split("/"), example.split("/")
    return len(parts) == len(given) and all(
        p.startswith("{") or p == g for p, g in zip(parts, given, strict=True)
    )


async def test_refusals_of_the_service_arrive_as_problems(jp_fetch):
    for method, path, status in (
        ("GET", f"jobs/{uuid.uuid4()}", 404),
        ("GET", f"datasets/{uuid.uuid4()}", 404),
        ("GET", "jobs/not-a-uuid", 422),
        ("POST", "jobs", 422),
    ):
        with pytest.raises(HTTPClientError) as caught:
            await jp_fetch(
                *V1,
                *path.split("/"),
                method=method,
                body='{"owner": 1}' if method == "POST" else None,
                headers={**TYPE},
            )
        response = caught.value.response
        assert response.headers["Content-Type"] == "application/problem+json"
        problem = Problem.model_validate_json(response.body)
        assert problem.status == response.code == status


async def test_the_owner_of_the_socket_is_the_caller(call):
    me = await call("GET", "me")
    assert me["kind"] == "local"
    assert (await call("GET", "health/ready"))["status"] == "ok"


class TestStackOfItsOwn:
    """A stack that is not there yet, and not there any more."""

    @pytest.fixture
    def service_environment(self, settings, monkeypatch):
        monkeypatch.delenv("JUPYTER_WRANGLER_URL", raising=False)
        monkeypatch.setenv("JUPYTER_WRANGLER_HOME", str(settings.home))
        monkeypatch.setenv("JUPYTER_WRANGLER_RUNTIME_DIR", str(settings.runtime_dir))

    @pytest.mark.slow
    async def test_the_first_request_starts_it_and_the_next_after_it_stopped(
        self, jp_fetch, settings
    ):
        for _ in range(2):
            assert launch.running(settings) is None
            answer = await jp_fetch(*V1, "me", request_timeout=90)
            assert json.loads(answer.body)["kind"] == "local"
            assert launch.running(settings) is not None
            assert await asyncio.to_thread(launch.stop, settings)


class TestNoStack:
    """A stack that may not be started."""

    @pytest.fixture
    def service_environment(self, settings, monkeypatch):
        monkeypatch.delenv("JUPYTER_WRANGLER_URL", raising=False)
        monkeypatch.setenv("JUPYTER_WRANGLER_HOME", str(settings.home))
        monkeypatch.setenv("JUPYTER_WRANGLER_START_STACK", "0")

    async def test_none_is_started_where_that_is_forbidden(self, jp_fetch, settings):
        with pytest.raises(HTTPClientError) as caught:
            await jp_fetch(*V1, "me")
        problem = json.loads(caught.value.response.body)
        assert (problem["status"], problem["code"]) == (503, "service_not_configured")
        assert launch.running(settings) is None


class TestBrokenSettings:
    """A setting that cannot be used."""

    @pytest.fixture
    def service_environment(self, settings, monkeypatch):
        monkeypatch.delenv("JUPYTER_WRANGLER_URL", raising=False)
        monkeypatch.setenv("JUPYTER_WRANGLER_HOME", str(settings.home))
        monkeypatch.setenv("JUPYTER_WRANGLER_SLOTS", "two")

    async def test_fault_3_7_the_extension_says_which_and_what_is_wanted(
        self, jp_fetch
    ):
        with pytest.raises(HTTPClientError) as caught:
            await jp_fetch(*V1, "me")
        problem = json.loads(caught.value.response.body)
        assert (problem["status"], problem["code"]) == (503, "invalid_settings")
        assert problem["message"].startswith("JUPYTER_WRANGLER_SLOTS is 'two', and a")
