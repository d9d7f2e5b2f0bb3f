"""Administrators, metrics and names that change hands, on a real Hub."""

import contextlib
import os
import secrets

import httpx
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.runtime.health import AS_ROOT
from tests.acceptance.system import incomplete_frame

pytestmark = [pytest.mark.hub, pytest.mark.slow]

ACCESS = "access:services!service=wrangler"


def ask(deployment, token, path, method="GET", **more):
    headers = {"Authorization": f"token {token}"}
    url = f"{deployment.service_url}/v1/{path}"
    return httpx.request(method, url, headers=headers, timeout=60, **more)


def test_fault_4_1_prometheus_reads_metrics_and_nothing_else(deployment):
    scraped = ask(deployment, deployment.prometheus, "metrics")
    assert scraped.status_code == 200
    assert "wrangler_database_up 1.0" in scraped.text
    for path in ("me", "jobs", "datasets", "admin/jobs", "admin/users", "events"):
        assert ask(deployment, deployment.prometheus, path).status_code == 403, path
    # nor has it any power at the Hub
    for path in ("users", "groups", "services"):
        headers = {"Authorization": f"token {deployment.prometheus}"}
        answer = httpx.get(f"{deployment.hub_api}/{path}", headers=headers, timeout=60)
        assert answer.status_code == 403, path


def test_fault_4_3_a_service_that_runs_as_root_is_warned_of(deployment):
    health = httpx.get(f"{deployment.service_url}/v1/health/ready", timeout=60).json()
    assert (AS_ROOT in health["warnings"]) == (os.geteuid() == 0)
    assert health["checks"]["workers"] == "ok"


@pytest.mark.parametrize(
    ("user", "scopes", "admin"),
    [
        ("ada", [ACCESS], 403),
        ("ada", [ACCESS, "admin:users", "admin:servers"], 403),
        ("ada", [ACCESS, "custom:wrangler:admin"], 200),
        ("ada", ["custom:wrangler:admin"], 200),
        # all that she may
        ("ada", None, 200),
        ("alice", None, 403),
    ],
)
def test_fault_4_1_a_token_has_the_power_of_its_scopes(deployment, user, scopes, admin):
    token = deployment.token(user, scopes)
    for path in ("admin/jobs", "admin/users", "metrics"):
        assert ask(deployment, token, path).status_code == admin, path
    member = 403 if scopes == ["custom:wrangler:admin"] else 200
    assert ask(deployment, token, "me").status_code == member


def visit(deployment, name):
    """Impute something as this user; return the token and the job."""
    token = deployment.token(name, [ACCESS])
    with contextlib.closing(jw.Client(deployment.service_url, token)) as client:
        spec = ImputationSpec(method="mean")
        job = client.submit(
            incomplete_frame(30, 3), spec, name=f"of {name}", force=True
        )
        job.result(timeout=120)
        return token, str(job.id)


def jobs(deployment, token):
    return [job["id"] for job in ask(deployment, token, "jobs").json()["items"]]


@pytest.fixture
def somebody(deployment):
    """Make a user with a name that nobody else has."""
    name = f"u{secrets.token_hex(4)}"
    deployment.hub("POST", f"users/{name}")
    return name


def test_fault_4_7_who_gets_the_name_of_a_user_does_not_get_the_data(
    deployment, somebody
):
    old, job = visit(deployment, somebody)
    assert jobs(deployment, old) == [job]
    deployment.hub("DELETE", f"users/{somebody}")
    deployment.hub("POST", f"users/{somebody}")
    new = deployment.token(somebody, [ACCESS])
    assert jobs(deployment, new) == []
    assert ask(deployment, new, f"jobs/{job}").status_code == 404
    # the token of the one who is gone is believed for a minute, and opens nothing new
    assert ask(deployment, old, "jobs").status_code in {401, 403}
    admin = deployment.token("ada", ["custom:wrangler:admin"])
    found = ask(deployment, admin, f"admin/users?name={somebody}").json()["items"]
    assert [(u["jobs"], u["left_at"] is None) for u in found] == [(0, True), (1, False)]
    # and the administrator can give the data to whom they belong
    path = f"admin/users/{found[1]['id']}/transfer"
    moved = ask(deployment, admin, path, "POST", json={"to": found[0]["id"]})
    assert moved.status_code == 200, moved.text
    assert jobs(deployment, new) == [job]
    with contextlib.closing(jw.Client(deployment.service_url, new)) as client:
        assert not client.job(job).result().df.isna().to_numpy().any()


def test_fault_4_7_a_user_whom_the_hub_renames_can_keep_everything(
    deployment, somebody
):
    _, job = visit(deployment, somebody)
    deployment.hub("PATCH", f"users/{somebody}", json={"name": f"{somebody}x"})
    admin = deployment.token("ada", ["custom:wrangler:admin"])
    (user,) = ask(deployment, admin, f"admin/users?name={somebody}").json()["items"]
    path = f"admin/users/{user['id']}/rename"
    done = ask(deployment, admin, path, "POST", json={"name": f"{somebody}x"})
    assert done.status_code == 200, done.text
    assert jobs(deployment, deployment.token(f"{somebody}x", [ACCESS])) == [job]
