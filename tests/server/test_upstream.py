"""Finding the service, and finding it again."""

import asyncio
import json

import pytest
from tornado.httpclient import HTTPClientError

V1 = ("api", "wrangler", "v1")


@pytest.fixture
def upstream(jp_serverapp):
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_wrangler"]
    return app.upstream


async def problem_of(fetch, *path, **kwargs):
    with pytest.raises(HTTPClientError) as caught:
        await fetch(*V1, *path, **kwargs)
    return json.loads(caught.value.response.body)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_service_that_comes_back_is_found(jp_fetch, peer, method):
    body = "{}" if method == "POST" else None
    await jp_fetch(*V1, "jobs", method=method, body=body)
    peer.stop()
    problem = await problem_of(jp_fetch, "jobs", method=method, body=body)
    assert (problem["status"], problem["code"]) == (503, "service_unreachable")
    assert "doctor" in problem["message"]
    with peer.serving():
        assert (await jp_fetch(*V1, "jobs", method=method, body=body)).code == 202


async def test_a_lost_post_is_not_sent_twice(jp_fetch, peer):
    # a service that takes the request and dies before it answers
    peer.stop()
    asked = []

    async def take(reader, writer):
        asked.append((await reader.readuntil(b"\r\n")).split()[0])
        writer.close()

    server = await asyncio.start_unix_server(take, peer.path)
    async with server:
        for method, times in (("POST", 1), ("GET", 3)):
            asked.clear()
            body = "{}" if method == "POST" else None
            problem = await problem_of(jp_fetch, "jobs", method=method, body=body)
            assert problem["code"] == "service_unreachable"
            assert asked == [method.encode()] * times


async def test_the_first_requests_look_once_together(jp_fetch, upstream, peer):
    await asyncio.gather(*(jp_fetch(*V1, "me") for _ in range(5)))
    client = upstream._found[0]
    await jp_fetch(*V1, "jobs")
    assert upstream._found[0] is client
    assert len(peer.seen) == 6
