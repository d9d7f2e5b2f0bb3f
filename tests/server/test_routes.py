"""Who may use which route: over every route and verb of the table."""

import json
import re

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError
from traitlets import Any

from jupyter_wrangler.server.routes import MOUNT, RESOURCE, ROUTES

EVERY = [(r.example, verb, action) for r in ROUTES for verb, action in r.verbs.items()]
NAMED = [f"{verb} {path}" for path, verb, _ in EVERY]
XSRF = "0123456789abcdef0123456789abcdef"


class Recorder(Authorizer):
    """Remembers what it is asked, and allows what the test says."""

    asked = Any()
    allowed = Any()

    def is_authorized(self, handler, user, action, resource):  # noqa: ARG002
        if not re.search("/api/wrangler/", handler.request.path):
            return True
        self.asked = [*(self.asked or []), (action, resource)]
        return (action, resource) in (self.allowed or ())


@pytest.fixture
def authorizer():
    return Recorder


def body_for(verb):
    return b"" if verb in {"POST", "PUT", "PATCH"} else None


async def status(fetch, path, verb, **kwargs):
    try:
        answer = await fetch(
            *MOUNT.split("/"),
            *path.split("/"),
            method=verb,
            body=body_for(verb),
            **kwargs,
        )
    except HTTPClientError as error:
        return error.code, json.loads(error.response.body)
    return answer.code, None


def test_the_table_knows_no_path_twice():
    patterns = [route.pattern for route in ROUTES]
    assert len(set(patterns)) == len(patterns)
    for route in ROUTES:
        fitting = [p for p in patterns if re.fullmatch(p, route.example)]
        assert fitting == [route.pattern]


def test_reading_is_reading():
    for path, verb, action in EVERY:
        assert (action == "read") == (verb == "GET"), path


@pytest.mark.parametrize("case", EVERY, ids=NAMED)
async def test_nobody_gets_in_without_a_token(
    http_server_client, jp_base_url, peer, case
):
    path, verb, _ = case
    with pytest.raises(HTTPClientError) as caught:
        await http_server_client.fetch(
            f"{jp_base_url}{MOUNT}/{path}", method=verb, body=body_for(verb)
        )
    problem = json.loads(caught.value.response.body)
    assert caught.value.code == problem["status"] == 403
    assert problem["code"] == "not_authenticated"
    assert peer.seen == []


@pytest.mark.parametrize("case", EVERY, ids=NAMED)
async def test_each_verb_asks_for_its_own_permission(
    jp_fetch, jp_serverapp, peer, case
):
    path, verb, action = case
    code, problem = await status(jp_fetch, path, verb)
    assert (code, problem["code"]) == (403, "not_allowed")
    assert jp_serverapp.authorizer.asked == [(action, RESOURCE)]
    assert peer.seen == []


async def test_no_order_of_requests_changes_a_permission(jp_fetch, jp_serverapp):
    # what `authorized` without arguments gets wrong: it keeps the first it sees
    here = jp_serverapp.authorizer
    for order in (EVERY, EVERY[::-1]):
        for path, verb, action in order:
            here.asked = []
            await status(jp_fetch, path, verb)
            assert here.asked == [(action, RESOURCE)], (verb, path)


async def test_a_reader_reads_and_does_no_more(jp_fetch, jp_serverapp, peer):
    jp_serverapp.authorizer.allowed = {("read", RESOURCE)}
    plain = [e for e in EVERY if not re.search("events|versions", e[0])]
    for path, verb, action in plain:
        code, _ = await status(jp_fetch, path, verb)
        assert code == (202 if action == "read" else 403), (verb, path)
    assert {method for method, _ in peer.seen} == {"GET"}


@pytest.fixture
def by_cookie(http_server_client, jp_base_url, jp_fetch):
    """Ask as a browser does that is logged in: by cookie."""

    async def fetch(path, headers, **options):
        answer = await jp_fetch("api", "me")
        cookies = [c.partition(";")[0] for c in answer.headers.get_list("Set-Cookie")]
        cookie = "; ".join([*cookies, f"_xsrf={XSRF}"])
        return await http_server_client.fetch(
            f"{jp_base_url}{MOUNT}/{path}",
            headers={"Cookie": cookie, **headers},
            **options,
        )

    return fetch


@pytest.mark.parametrize(
    "case",
    [e for e in EVERY if e[1] != "GET"],
    ids=[n for n in NAMED if not n.startswith("GET")],
)
async def test_a_cookie_alone_changes_nothing(by_cookie, jp_serverapp, peer, case):
    path, verb, action = case
    jp_serverapp.authorizer.allowed = {(action, RESOURCE)}
    options = {"method": verb, "body": body_for(verb)}
    with pytest.raises(HTTPClientError) as caught:
        await by_cookie(path, {}, **options)
    problem = json.loads(caught.value.response.body)
    assert problem["status"] == 403
    assert "_xsrf" in problem["message"]
    assert peer.seen == []
    await by_cookie(path, {"X-XSRFToken": XSRF}, **options)
    assert peer.seen == [(verb, f"/v1/{path}")]


@pytest.mark.parametrize("path", ["me", "events", "jobs"])
async def test_another_web_site_reads_nothing(by_cookie, peer, path):
    with pytest.raises(HTTPClientError) as caught:
        await by_cookie(path, {"Origin": "https://evil.example"})
    assert caught.value.code == 404
    assert json.loads(caught.value.response.body)["code"] == "not_found"
    assert peer.seen == []
