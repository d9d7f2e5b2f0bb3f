"""Two users of one Hub: each runs the main job, neither sees the other's."""

import asyncio
import json
import uuid
from pathlib import Path

import httpx
import pandas as pd
import psutil
import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests.waiting import CEILING_S

pytestmark = [pytest.mark.hub, pytest.mark.slow]

DATA = Path(__file__).parents[2] / "notebooks" / "data"

#: The main job, as a user writes it in a notebook.
MAIN = """
import json
import pandas as pd
import jupyter_wrangler as jw

df = pd.read_csv({path!r})
job = jw.impute(df, n_imputations=2, max_iter=3, random_state=0, name={name!r})
result = job.result(timeout=120)
told = {{
    "job": str(job.id),
    "before": int(df.isna().sum().sum()),
    "after": [int(d.isna().sum().sum()) for d in result.datasets],
    "mask": int(result.mask.sum().sum()),
    "kept": bool(df.where(df.notna()).equals(result.df.where(df.notna()))),
    "rows": len(result.df),
}}
print("TOLD" + json.dumps(told))
"""

LOOK = """
import jupyter_wrangler as jw
try:
    jw.job({id!r})
except jw.errors.JobNotFound as error:
    print("TOLD" + '"' + type(error).__name__ + '"')
"""


async def run(deployment, user, code):
    """Run code in a kernel of the user's own server, as a notebook does."""
    token = deployment.token(user)
    auth = {"Authorization": f"token {token}"}
    base = f"{deployment.url}/user/{user}/api/kernels"
    async with httpx.AsyncClient(headers=auth, timeout=CEILING_S) as client:
        kernel = (await client.post(base, json={"name": "python3"})).json()["id"]
        try:
            address = f"{base}/{kernel}/channels".replace("http", "ws", 1)
            channels = await websocket_connect(HTTPRequest(address, headers=auth))
            said = await asyncio.wait_for(_execute(channels, code), 150)
            channels.close()
        finally:
            await client.delete(f"{base}/{kernel}")
    reported = [line[4:] for line in said.splitlines() if line.startswith("TOLD")]
    assert reported, said
    return json.loads(reported[0])


async def _execute(channels, code):
    ask = {
        "header": {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "username": "",
            "session": uuid.uuid4().hex,
            "version": "5.3",
        },
        "parent_header": {},
        "metadata": {},
        "channel": "shell",
        "content": {
            "code": code,
            "silent": False,
            "store_history": False,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        },
    }
    await channels.write_message(json.dumps(ask))
    said = ""
    while True:
        message = json.loads(await channels.read_message())
        if message["parent_header"].get("msg_id") != ask["header"]["msg_id"]:
            continue
        content = message["content"]
        if message["msg_type"] == "stream":
            said += content["text"]
        elif message["msg_type"] == "error":
            said += "\n".join(content["traceback"])
        elif message["msg_type"] == "status" and content["execution_state"] == "idle":
            return said


@pytest.fixture(scope="module")
def reported(deployment):
    """What each user's kernel told after the main job."""

    async def both():
        return await asyncio.gather(
            *(
                run(
                    deployment,
                    user,
                    MAIN.format(path=str(DATA / file), name=f"of {user}"),
                )
                for user, file in (("alice", "penguins.csv"), ("bob", "airquality.csv"))
            )
        )

    return dict(zip(("alice", "bob"), asyncio.run(both()), strict=True))


def ask(deployment, token, path, method="GET", base=None):
    headers = {"Authorization": f"token {token}"} if token else {}
    return httpx.request(
        method,
        f"{base or deployment.service_url}/v1/{path}",
        headers=headers,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("user", "file"), [("alice", "penguins.csv"), ("bob", "airquality.csv")]
)
def test_each_users_kernel_gets_the_right_result(reported, user, file):
    df = pd.read_csv(DATA / file)
    missing = int(df.isna().sum().sum())
    assert missing > 0
    assert reported[user]["before"] == reported[user]["mask"] == missing
    assert reported[user]["after"] == [0, 0]
    assert reported[user]["rows"] == len(df)
    assert reported[user]["kept"]


@pytest.mark.parametrize(("me", "other"), [("alice", "bob"), ("bob", "alice")])
def test_neither_sees_the_others_job_or_data(deployment, reported, me, other):
    own, foreign = reported[me]["job"], reported[other]["job"]
    token = deployment.token(me)
    through = f"{deployment.url}/user/{me}/api/wrangler"
    for base in (deployment.service_url, through):
        listed = ask(deployment, token, "jobs", base=base).json()["items"]
        assert [job["id"] for job in listed] == [own]
        names = ask(deployment, token, "datasets", base=base).json()["items"]
        assert len(names) == 1
        job = ask(deployment, token, f"jobs/{own}", base=base).json()
        assert job["state"] == "succeeded"
        version = job["dataset_version_id"]
        content = ask(deployment, token, f"versions/{version}/content", base=base)
        assert content.content[:4] == b"PAR1"
        theirs = ask(deployment, deployment.token(other), f"jobs/{foreign}").json()
        version = theirs["dataset_version_id"]
        dataset = ask(deployment, deployment.token(other), f"versions/{version}").json()
        for method, path in (
            ("GET", f"jobs/{foreign}"),
            ("DELETE", f"jobs/{foreign}"),
            ("POST", f"jobs/{foreign}/cancel"),
            ("GET", f"jobs/{foreign}/result"),
            ("GET", f"jobs/{foreign}/result/0"),
            ("GET", f"versions/{version}"),
            ("GET", f"versions/{version}/content"),
            ("GET", f"datasets/{dataset['dataset_id']}"),
            ("DELETE", f"datasets/{dataset['dataset_id']}"),
            ("GET", f"datasets/{dataset['dataset_id']}/versions/1/content"),
        ):
            answer = ask(deployment, token, path, method, base=base)
            assert answer.status_code == 404, (method, path, answer.text)
            unknown = path.replace(foreign, own[:-4] + "0000")
            if unknown != path:
                like = ask(deployment, token, unknown, method, base=base).json()
                assert like["code"] == answer.json()["code"]


def test_a_kernel_does_not_find_the_others_job(deployment, reported):
    look = LOOK.format(id=reported["alice"]["job"])
    assert asyncio.run(run(deployment, "bob", look)) == "JobNotFound"


def test_a_token_without_the_scope_is_refused(deployment, reported):
    assert reported
    answer = ask(
        deployment, deployment.token("alice", ["access:servers!user=alice"]), "jobs"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert "access:services!service=wrangler" in answer.json()["message"]


@pytest.mark.parametrize("token", ["", "made-up"])
def test_without_a_known_token_nobody_gets_in(deployment, token):
    for path in ("me", "jobs", "events"):
        answer = ask(deployment, token, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_the_server_of_a_user_speaks_for_that_user(deployment):
    base = f"{deployment.url}/user/alice/api/wrangler"
    me = ask(deployment, deployment.token("alice"), "me", base=base).json()
    who = {name: me[name] for name in ("kind", "name", "admin")}
    assert who == {"kind": "hub_user", "name": "alice", "admin": False}
    metrics = ask(deployment, deployment.token("alice"), "metrics", base=base)
    assert metrics.status_code == 403


def test_a_guest_on_a_shared_server_is_refused(deployment):
    base = f"{deployment.url}/user/alice/api"
    guest = deployment.token("bob")
    headers = {"Authorization": f"token {guest}"}
    # bob may use alice's server, as she shares it ...
    assert httpx.get(f"{base}/status", headers=headers).status_code == 200
    # ... but not act in her name
    for token, kind in ((guest, "user bob"), (deployment.tester, "service tester")):
        answer = ask(deployment, token, "jobs", base=f"{base}/wrangler")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        assert f"{kind} asked" in answer.json()["message"]


def test_a_stranger_does_not_reach_a_server(deployment):
    answer = ask(
        deployment,
        deployment.token("alice"),
        "jobs",
        base=f"{deployment.url}/user/bob/api/wrangler",
    )
    assert answer.status_code == 403


def test_no_process_of_a_user_holds_a_credential(deployment, reported):
    assert reported
    family = psutil.Process(deployment.pid).children(recursive=True)
    # the service knows where they are, so the search below can find something
    service = psutil.Process(deployment.service_pid)
    assert any(secret in json.dumps(service.environ()) for secret in deployment.secrets)
    servers = [p for p in family if "jupyterhub.singleuser" in p.cmdline()]
    assert len(servers) == 2
    found = [p for one in servers for p in (one, *one.children(recursive=True))]
    for process in found:
        environment = json.dumps(process.environ())
        assert "JUPYTER_WRANGLER_URL" in environment
        for secret in deployment.secrets:
            assert secret not in environment, process.cmdline()
            assert secret not in " ".join(process.cmdline())
