"""How a request and its answer travel through the extension."""

import asyncio
import json

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_wrangler.server.handlers import MAX_BODY
from tests.waiting import CEILING_S

JOB = "3f2b8c1e-0000-4000-8000-000000000000"
V1 = ("api", "wrangler", "v1")


async def refused(fetch, *args, **kwargs):
    with pytest.raises(HTTPClientError) as caught:
        await fetch(*args, **kwargs)
    response = caught.value.response
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(response.body)
    assert problem["status"] == response.code
    assert problem["message"] == problem["detail"] != ""
    return problem


async def test_a_request_arrives_as_it_was_sent(jp_fetch):
    answer = await jp_fetch(
        *V1,
        "uploads",
        JOB,
        method="PUT",
        body=b"\x00" * 1000,
        params={"offset": "0", "name": "a b&ü"},
        headers={"X-Content-SHA256": "ab", "Content-Type": "application/octet-stream"},
    )
    reported = json.loads(answer.body)
    assert answer.code == 202
    assert reported["method"] == "PUT"
    assert reported["path"] == f"/v1/uploads/{JOB}"
    assert reported["query"] == "offset=0&name=a+b%26%C3%BC"
    assert reported["bytes"] == 1000
    assert reported["headers"]["x-content-sha256"] == "ab"
    assert reported["headers"]["content-type"] == "application/octet-stream"


async def test_no_credential_of_the_browser_travels_on(jp_fetch, jp_auth_header):
    secret = jp_auth_header["Authorization"].removeprefix("token ")
    answer = await jp_fetch(
        *V1,
        "jobs",
        params={"token": secret, "_xsrf": "x-secret", "limit": "3"},
        headers={"Cookie": "username-localhost=c-secret", "X-Forwarded-For": "uid:0"},
    )
    reported = json.loads(answer.body)
    assert reported["query"] == "limit=3"
    assert set(reported["headers"]) == {
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "user-agent",
    }
    assert reported["headers"]["accept-encoding"] == "identity"
    assert secret not in answer.body.decode()


async def test_the_time_that_jupyterlab_adds_is_not_passed_on(jp_fetch):
    params = {"row": "3", "1796124645382": ""}
    answer = await jp_fetch(*V1, "jobs", params=params)
    assert json.loads(answer.body)["query"] == "row=3"
    answer = await jp_fetch(*V1, "jobs", params={"12": "a"})
    assert json.loads(answer.body)["query"] == "12=a"


async def test_only_known_headers_come_back(jp_fetch):
    answer = await jp_fetch(*V1, "me")
    assert answer.headers["Retry-After"] == "7"
    assert answer.headers["ETag"] == '"e"'
    assert answer.headers["Content-Type"] == "application/json"
    assert "stolen" not in str(answer.headers.get_list("Set-Cookie"))
    assert answer.headers.get("Access-Control-Allow-Origin") != "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_an_answer_without_body_stays_without(jp_fetch, peer):
    answer = await jp_fetch(*V1, "jobs", JOB, method="DELETE")
    assert (answer.code, answer.body) == (204, b"")
    assert peer.seen == [("DELETE", f"/v1/jobs/{JOB}")]


async def test_a_slow_browser_slows_the_service_down(talk, peer):
    download = await talk(f"versions/{JOB}/content")
    assert download.status == 200
    assert download.headers["content-type"] == "application/vnd.apache.parquet"
    produced = -1
    while produced != peer.produced:  # until nothing moves any more
        produced = peer.produced
        await asyncio.sleep(0.5)
    # the socket buffers of three hops, and not half a gigabyte
    assert produced < 40
    await download.close()
    assert await asyncio.to_thread(peer.left.wait, CEILING_S)


async def test_events_arrive_at_once(talk, peer):
    events = await talk("events", headers={"Last-Event-ID": "41"})
    assert events.status == 200
    assert events.headers["content-type"].startswith("text/event-stream")
    assert events.headers["x-accel-buffering"] == "no"
    assert events.headers["cache-control"] == "no-cache"
    heard = await asyncio.wait_for(events.reader.readuntil(b"\n\n"), CEILING_S)
    assert b"id: 41" in heard
    assert not peer.left.is_set()
    await events.close()


async def test_the_service_is_let_go_when_the_browser_leaves(talk, peer):
    events = await talk("events")
    await asyncio.wait_for(events.reader.readuntil(b"\n\n"), CEILING_S)
    await events.close()
    assert await asyncio.to_thread(peer.left.wait, CEILING_S)


async def test_stopping_the_extension_ends_open_streams(talk, peer, jp_serverapp):
    events = await talk("events")
    await asyncio.wait_for(events.reader.readuntil(b"\n\n"), CEILING_S)
    app = jp_serverapp.extension_manager.extension_apps["jupyter_wrangler"]
    await asyncio.gather(*(one.stop_extension() for one in app))
    assert await asyncio.to_thread(peer.left.wait, CEILING_S)
    await asyncio.wait_for(events.reader.read(), 5)
    await events.close()


async def test_half_an_answer_does_not_look_whole(talk):
    half = await talk(f"versions/{JOB}")
    assert half.headers["transfer-encoding"] == "chunked"
    rest = await asyncio.wait_for(half.reader.read(), 5)
    assert rest.startswith(b"3e8\r\n")
    assert b"0\r\n\r\n" not in rest
    await half.close()


async def test_a_large_body_is_refused_unread(talk, peer):
    answer = await talk(
        f"uploads/{JOB}", "PUT", {"Content-Length": str(MAX_BODY + 1)}, b"x"
    )
    body = await answer.reader.readexactly(int(answer.headers["content-length"]))
    problem = json.loads(body)
    assert answer.status == 413
    assert "16.0 MiB" in problem["message"]
    assert peer.seen == []
    await answer.close()


async def test_a_body_of_unknown_length_is_cut_off(talk, peer):
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await talk(
            f"uploads/{JOB}",
            "PUT",
            {"Transfer-Encoding": "chunked"},
            f"{MAX_BODY + 1:x}\r\n".encode() + b"x" * (MAX_BODY + 1),
        )
    assert peer.seen == []


async def test_a_whole_chunk_of_an_upload_passes(jp_fetch):
    size = 8 * 1024 * 1024
    answer = await jp_fetch(*V1, "uploads", JOB, method="PUT", body=b"x" * size)
    assert json.loads(answer.body)["bytes"] == size


@pytest.mark.parametrize(
    "path",
    [
        ("api", "wrangler"),
        ("api", "wrangler", "v2", "jobs"),
        (*V1, "nope"),
        (*V1, "jobs", JOB, "nope"),
        (*V1, "jobs", "..", "me"),
        (*V1, "jobs", "a%2fb"),
        (*V1, "admin"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_an_unknown_path_is_a_json_404(jp_fetch, peer, path, method):
    problem = await refused(jp_fetch, *path, method=method)
    assert (problem["status"], problem["code"]) == (404, "not_found")
    assert peer.seen == []


async def test_a_verb_that_a_path_does_not_know_is_a_405(jp_fetch, peer):
    problem = await refused(jp_fetch, *V1, "me", method="DELETE")
    assert problem["status"] == 405
    assert peer.seen == []


async def test_watching_is_no_activity_and_submitting_is(jp_fetch, jp_serverapp):
    settings = jp_serverapp.web_app.settings
    before = settings.get("api_last_activity")
    for path in ["jobs", "me", f"jobs/{JOB}", "health/ready"]:
        await jp_fetch(*V1, *path.split("/"))
    assert settings.get("api_last_activity") == before
    await jp_fetch(*V1, "jobs", method="POST", body="{}")
    assert settings["api_last_activity"] != before


async def test_a_bug_of_ours_shows_only_that_it_is_a_bug(
    jp_fetch, jp_serverapp, caplog
):
    app = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_wrangler"]))
    app.upstream._settings = object()  # what makes `locate` fail
    await app.upstream.close()
    problem = await refused(jp_fetch, *V1, "me")
    assert (problem["status"], problem["code"]) == (500, "internal")
    assert "AttributeError" not in problem["message"]
    assert "AttributeError" in caplog.text
