"""Metrics and the routes of administrators: what they tell, and to whom."""

from __future__ import annotations

import re
import uuid

import pytest
from prometheus_client.parser import text_string_to_metric_families

from jupyter_wrangler.contract import (
    ColumnInfo,
    DatasetRequest,
    ImputationSpec,
    JobRequest,
    Quota,
)
from jupyter_wrangler.service.openapi import openapi
from jupyter_wrangler.store import datasets, uploads, users
from jupyter_wrangler.store.queue import workers

SHA = "ab" * 32
ENOUGH = Quota(**dict.fromkeys(Quota.model_fields, 10**6))


@pytest.fixture
def submit(http, database):
    """Submit a job of a data set of which there is nothing but the row."""

    def submit(name="alice", seed=0):
        owner = database.run(users.ensure, "hub_user", name)
        database.run(uploads.add_blob, owner, bytes.fromhex(SHA), 10, f"{owner}/{SHA}")
        request = DatasetRequest(
            sha256=SHA,
            n_rows=3,
            columns=(ColumnInfo(name="a", dtype="float64", missing=1),),
        )
        version = database.run(datasets.add, owner, request, ENOUGH)[0]
        body = JobRequest(
            dataset_version_id=version.id,
            spec=ImputationSpec(random_state=seed),
            name=f"of {name}",
            force=True,
        )
        answer = http.post(
            "/jobs",
            content=body.model_dump_json(),
            headers={"x-test-user": name, "content-type": "application/json"},
        )
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    return submit


def metrics(http) -> dict[tuple, float]:
    answer = http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def for_admins():
    return [
        (verb.upper(), path.removeprefix("/v1"))
        for path, verbs in openapi()["paths"].items()
        for verb in verbs
        if "/admin/" in path or path.endswith("/metrics")
    ]


@pytest.mark.parametrize(("verb", "path"), for_admins())
def test_nobody_but_an_administrator_may(http, verb, path):
    some = uuid.uuid4()
    path = path.format(worker_id=some, job_id=some, user_id=some)
    answer = http.request(verb, path, headers={"x-test-user": "alice"})
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_allowed"
    assert "'alice' is no administrator" in answer.json()["message"]


def everything():
    return [
        (verb.upper(), path.removeprefix("/v1"))
        for path, verbs in openapi()["paths"].items()
        for verb in verbs
        if "/health/" not in path
    ]


@pytest.mark.parametrize(("verb", "path"), everything())
def test_fault_4_1_who_may_read_metrics_may_do_nothing_else(http, verb, path):
    path = re.sub(r"\{\w+_id\}", lambda _: str(uuid.uuid4()), path)
    path = re.sub(r"\{\w+\}", "1", path)
    answer = http.request(verb, path, headers={"x-test-user": "prometheus"})
    wanted = 200 if path == "/metrics" else 403
    assert answer.status_code == wanted, (path, answer.text)


def test_metrics_count_what_is_in_the_rows(http, submit):
    before = metrics(http)
    job = submit()
    after = metrics(http)
    key = ("wrangler_jobs", "imputation", "queued")
    assert after[key] == before.get(key, 0) + 1
    assert after["wrangler_database_up",] == 1
    assert after["wrangler_users",] >= 1
    assert after["wrangler_blob_bytes", "ready"] == 10
    assert after["wrangler_parts", "jw.small", "waiting"] >= 1
    assert after["wrangler_queue_wait_seconds", "jw.small"] >= 0
    posts = ("wrangler_http_requests_total", "/jobs", "202", "POST")
    assert after[posts] == before.get(posts, 0) + 1
    assert ("wrangler_http_request_seconds_count", "/jobs", "POST") in after
    assert after["process_open_fds",] > 0
    http.post(f"/admin/jobs/{job}/cancel")
    assert metrics(http)["wrangler_jobs", "cancelled", "imputation"] >= 1


def test_metrics_do_not_grow_with_what_strangers_ask_for(http):
    for _ in range(3):
        assert http.get(f"/{uuid.uuid4().hex}").status_code == 404
        # anyone who reaches the port may call a method whatever they like
        assert http.request(uuid.uuid4().hex.upper(), "/jobs").status_code == 405
    labels = {word for key in metrics(http) if "http" in key[0] for word in key[1:]}
    assert {"unmatched", "other"} <= labels
    assert not any(re.fullmatch(r"/?[0-9A-Fa-f]{32}", word) for word in labels)


def test_an_administrator_sees_and_cancels_anybodys_job(http, submit):
    job = submit("bob", seed=1)
    found = next(
        item
        for item in http.get("/admin/jobs?state=queued").json()["items"]
        if item["id"] == job
    )
    assert (found["owner"], found["name"]) == ("bob", "of bob")
    assert (found["n_parts"], found["parts_done"]) == (2, 0)
    assert "spec" not in found
    assert http.get(f"/jobs/{job}").status_code == 404, "as a user ada has no such job"
    answer = http.post(f"/admin/jobs/{job}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    again = http.post(f"/admin/jobs/{job}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "job_already_finished")
    assert http.post(f"/admin/jobs/{uuid.uuid4()}/cancel").status_code == 404


def test_what_an_administrator_cancels_is_on_record(http, submit):
    job = submit("bob", seed=31)
    http.post(f"/admin/jobs/{job}/cancel")
    mine = {"headers": {"x-test-user": "bob"}}
    reported = http.get(f"/jobs/{job}/events", **mine).json()["items"]
    assert [event["type"] for event in reported] == [
        "queued",
        "cancelling",
        "cancelled",
    ]
    assert reported[1]["details"] == {"by": "ada"}
    assert http.delete(f"/jobs/{job}", **mine).status_code == 204
    assert http.get(f"/jobs/{job}/events", **mine).status_code == 404
    deleted, cancelled = http.get("/admin/audit?limit=2").json()["items"]
    assert (deleted["action"], deleted["by"]) == ("delete", "bob")
    assert (cancelled["action"], cancelled["by"]) == ("cancel", "ada")
    assert {entry["subject_id"] for entry in (deleted, cancelled)} == {job}


def test_everybodys_jobs_come_page_by_page(http, submit):
    for seed in range(3):
        submit(("alice", "bob")[seed % 2], seed=10 + seed)
    seen, after = [], None
    while True:
        params = {"limit": 2, **({"after": after} if after else {})}
        page = http.get("/admin/jobs", params=params).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) >= 3


def test_a_worker_is_listed_and_asked_to_drain(http, database):
    worker, run = uuid.uuid4(), database.run
    run(
        workers.register, worker, host="h", pid=1, boot_id="b", version="1",
        queues=["jw.small"], slots=2,
    )  # fmt: skip
    try:
        assert not run(workers.beat, worker, draining=False)
        (found,) = http.get("/admin/workers").json()["items"]
        assert (found["id"], found["alive"], found["slots"]) == (str(worker), True, 2)
        assert metrics(http)["wrangler_slots", "alive"] == 2
        answer = http.post(f"/admin/workers/{worker}/drain")
        assert (answer.status_code, answer.json()["draining"]) == (202, True)
        assert run(workers.beat, worker, draining=False), (
            "a heartbeat takes nothing back"
        )
        assert metrics(http)["wrangler_workers", "draining"] == 1
    finally:
        run(workers.deregister, worker)
    gone = http.post(f"/admin/workers/{worker}/drain")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


def test_an_administrator_tries_anybodys_job_again(http, submit):
    job = submit("bob", seed=2)
    running = http.post(f"/admin/jobs/{job}/retry")
    assert (running.status_code, running.json()["code"]) == (409, "conflict")
    http.post(f"/admin/jobs/{job}/cancel")
    again = http.post(f"/admin/jobs/{job}/retry")
    assert (again.status_code, again.json()["state"]) == (202, "queued"), again.text
    assert http.post(f"/admin/jobs/{uuid.uuid4()}/retry").status_code == 404


def quota_of(http, name):
    items = http.get("/admin/quotas").json()["items"]
    return next(item for item in items if item["name"] == name)


def test_quotas_are_set_for_one_and_for_everybody(http, submit):
    submit("alice", seed=30)
    submit("bob", seed=31)
    before = quota_of(http, "bob")["quota"]
    alice = {"kind": "hub_user", "name": "alice"}

    def change(quota, owner=None):
        answer = http.patch("/admin/quotas", json={"owner": owner, "quota": quota})
        assert answer.status_code == 204, answer.text

    change({"max_queued": 7}, alice)
    change({"max_queued": 5, "max_streams": 3})
    assert quota_of(http, "alice")["quota"]["max_queued"] == 7
    assert quota_of(http, "alice")["quota"]["max_streams"] == 3
    assert quota_of(http, "bob")["quota"]["max_queued"] == 5
    change({"max_queued": None}, alice)
    assert quota_of(http, "alice")["quota"]["max_queued"] == 5
    change({"max_queued": None, "max_streams": None})
    assert quota_of(http, "bob")["quota"] == before
    assert quota_of(http, "bob")["usage"]["queued"] >= 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"owner": {"kind": "hub_user", "name": "nobody"}, "quota": {}}, 404),
        ({"quota": {"max_running": -1}}, 422),
        ({"quota": {"unknown": 1}}, 422),
    ],
)
def test_a_quota_that_cannot_be_set_is_refused(http, body, status):
    assert http.patch("/admin/quotas", json=body).status_code == status


def test_queues_are_reported_also_when_they_are_empty(http, submit):
    submit(seed=20)
    found = {q["name"]: q for q in http.get("/admin/queues").json()["items"]}
    assert set(found) == {"jw.small", "jw.large"}
    assert found["jw.small"]["queued"] + found["jw.small"]["dispatched"] >= 1
    assert found["jw.small"]["waiting"] >= 1
    assert found["jw.large"]["oldest_wait_s"] == 0


def test_a_request_keeps_its_id_or_gets_one(http):
    assert http.get("/me").headers["x-request-id"]
    given = http.get("/me", headers={"X-Request-ID": "from-the.proxy_1"})
    assert given.headers["x-request-id"] == "from-the.proxy_1"
    forged = http.get("/me", headers={"X-Request-ID": "a b"})
    assert forged.headers["x-request-id"] != "a b"
