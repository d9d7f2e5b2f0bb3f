"""Who may use which route: over every route and verb of the table."""

import json
import re

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError
from traitlets import Any

from jupyter_wrangler.server.routes import MOUNT, RESOURCE, ROUTES, derive

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


def operation(identifier, *parameters):
    return {"operationId": identifier, "parameters": list(parameters)}


def in_path(name, **schema):
    return {"name": name, "in": "path", "schema": schema}


JOB_ID = in_path("job_id", type="string", format="uuid")


def test_a_route_is_derived_from_its_operations():
    events = operation("jobs.events", JOB_ID, in_path("n", type="integer"))
    events["responses"] = {"200": {"content": {"text/event-stream": {}}}}
    document = {
        "paths": {
            "/v1/jobs.x/{job_id}/{n}": {"get": events},
            "/v1/jobs/{job_id}": {
                "get": operation("jobs.get", JOB_ID),
                "delete": operation("jobs.delete", JOB_ID),
            },
        }
    }
    permissions = {"jobs.get": "read", "jobs.delete": "write", "jobs.events": "execute"}
    first, second = derive(document, permissions)
    assert first.pattern == r"jobs\.x/[0-9A-Za-z-]{1,64}/[0-9]{1,9}"
    assert first.verbs == {"GET": "execute"}
    assert first.endless
    assert re.fullmatch(first.pattern, first.example)
    assert second.pattern == "jobs/[0-9A-Za-z-]{1,64}"
    assert second.verbs == {"GET": "read", "DELETE": "write"}
    assert not second.endless


@pytest.mark.parametrize(
    ("path", "item", "permissions", "wrong"),
    [
        ("/v1/x", {"get": operation("x.get")}, {}, "x.get"),
        (
            "/v1/x",
            {"get": operation("x.get")},
            {"x.get": "read", "y.get": "read"},
            "y.get",
        ),
        ("/v1/x", {"trace": operation("x.trace")}, {"x.trace": "read"}, "trace"),
        ("/x", {"get": operation("x.get")}, {"x.get": "read"}, "/v1/"),
        (
            "/v1/x/{name}",
            {"get": operation("x.get", in_path("name", type="string"))},
            {"x.get": "read"},
            "name",
        ),
    ],
    ids=["no permission", "no operation", "verb", "elsewhere", "parameter"],
)
def test_nothing_is_derived_of_what_is_not_understood(path, item, permissions, wrong):
    with pytest.raises(ValueError, match=wrong):
        derive({"paths": {path: item}}, permissions)


JOB = "jobs/3f2b8c1e-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "path",
    [
        f"{JOB}/",
        f"{JOB}//result",
        f"{JOB}/result/x",
        f"{JOB}/result/-1",
        f"{JOB}/result/0%31",
        f"{JOB}/result/1234567890",
        f"{JOB}/cancel/..",
        f"{JOB}/%63ancel",
        f"{JOB}%2fcancel",
        f"{JOB};cancel",
        "jobs/..",
        "jobs/%2e%2e/me",
        "jobs/a%00",
        "jobs/a.b",
        f"jobs/{'a' * 65}",
        "jobs/ä",
        "openapi-json",
        "JOBS",
    ],
)
async def test_a_path_that_is_not_exactly_a_route_is_not_forwarded(talk, peer, path):
    answer = await talk(path)
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert peer.seen == []
    await answer.close()


async def test_a_verb_that_a_path_does_not_know_is_not_forwarded(talk, peer):
    for path, verb in ((JOB, "PUT"), ("jobs", "DELETE"), ("me", "POST")):
        answer = await talk(path, verb, {"Content-Length": "0"})
        assert answer.status == 405, (verb, path)
        assert peer.seen == []
        await answer.close()


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
