"""The REST API as a program sees it: uploads, datasets, problems, owners."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import socket
import uuid

import pandas as pd
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from jupyter_wrangler import errors, frames
from jupyter_wrangler.contract import CHUNK, ImputationSpec
from jupyter_wrangler.service.openapi import openapi
from jupyter_wrangler.store.engines import schema_engine
from tests.acceptance.system import incomplete_frame
from tests.waiting import CEILING_S, until


@pytest.fixture
def http(shared):
    with shared.http() as found:
        yield found


def _announce(http, data: bytes, sha: str | None = None):
    sha = sha or hashlib.sha256(data).hexdigest()
    return http.post("/uploads", json={"sha256": sha, "size": len(data)})


def _problem(response, status: int, code: str) -> dict:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["code"] == code
    assert body["message"] == body["detail"]
    assert body["status"] == status
    return body


def test_an_upload_is_resumed_where_it_was_cut(http):
    data = frames.to_parquet(incomplete_frame(200_000, 10)).data
    assert len(data) > CHUNK
    upload = _announce(http, data).json()
    url = f"/uploads/{upload['id']}"
    http.put(url, params={"offset": 0}, content=data[:1000])
    assert _announce(http, data).json() == {**upload, "received": 1000}
    body = _problem(
        http.put(url, params={"offset": 5}, content=b"x"), 409, "upload_out_of_step"
    )
    assert body["details"]["received"] == 1000
    for at in range(1000, len(data), CHUNK):
        answer = http.put(url, params={"offset": at}, content=data[at : at + CHUNK])
        assert answer.status_code == 200
    done = http.post(f"{url}/complete").json()
    assert done["known"]
    again = _announce(http, data)
    assert (again.status_code, again.json()["known"]) == (200, True)
    _problem(http.get(url), 404, "upload_not_found")


def test_bytes_that_are_not_those_announced_are_dropped(http, shared):
    upload = _announce(http, b"PAR1" + b"x" * 10 + b"PAR1", sha="ab" * 32).json()
    url = f"/uploads/{upload['id']}"
    http.put(url, params={"offset": 0}, content=b"PAR1" + b"x" * 10 + b"PAR1")
    _problem(http.post(f"{url}/complete"), 409, "digest_mismatch")
    assert not shared.settings.home.joinpath("blobs/staging", upload["id"]).exists()
    _problem(http.get(url), 404, "upload_not_found")


def test_what_is_no_parquet_is_refused(http):
    upload = _announce(http, b"a,b\n1,2\n").json()
    url = f"/uploads/{upload['id']}"
    http.put(url, params={"offset": 0}, content=b"a,b\n1,2\n")
    _problem(http.post(f"{url}/complete"), 422, "invalid_data")


def test_a_damaged_chunk_is_noticed_at_once(http):
    upload = _announce(http, b"x" * 100).json()
    answer = http.put(
        f"/uploads/{upload['id']}",
        params={"offset": 0},
        content=b"x" * 100,
        headers={"X-Content-SHA256": "00" * 32},
    )
    _problem(answer, 409, "digest_mismatch")


def test_a_chunk_may_not_be_larger_than_a_chunk(http):
    upload = _announce(http, b"x" * (CHUNK + 1)).json()
    answer = http.put(
        f"/uploads/{upload['id']}", params={"offset": 0}, content=b"x" * (CHUNK + 1)
    )
    _problem(answer, 422, "invalid_data")


def test_versions_of_a_dataset_are_numbered_and_the_same_bytes_are_one(running):
    client, spec = running.client(), ImputationSpec(method="mean")
    for seed in (1, 1, 2):
        client.submit(incomplete_frame(seed=seed), spec, name="patients").result(
            timeout=CEILING_S
        )
    with running.http() as http:
        (dataset,) = http.get("/datasets").json()["items"]
        assert (dataset["name"], dataset["latest"]["n"]) == ("patients", 2)
        url = f"/datasets/{dataset['id']}"
        first = http.get(f"{url}/versions/1")
        assert first.json()["n_rows"] == 200
        content = http.get(f"{url}/versions/1/content")
        assert hashlib.sha256(content.content).hexdigest() == first.json()["sha256"]
        pd.testing.assert_frame_equal(
            frames.from_parquet(content.content), incomplete_frame(seed=1)
        )
        assert http.patch(url, json={"name": "people"}).json()["name"] == "people"
        assert http.delete(url).status_code == 204
        _problem(http.get(url), 404, "dataset_not_found")
        assert http.get("/datasets").json()["items"] == []


def test_a_dataset_that_a_job_reads_is_not_deleted(system):
    system.service()
    job = system.client().submit(incomplete_frame(), ImputationSpec(method="mean"))
    with system.http() as http:
        (dataset,) = http.get("/datasets").json()["items"]
        url = f"/datasets/{dataset['id']}"
        body = _problem(http.delete(url), 409, "dataset_in_use")
        assert str(job.id) in body["message"]
        http.post(f"/jobs/{job.id}/cancel")
        assert http.delete(url).status_code == 204


@pytest.mark.parametrize(
    "body",
    [
        {"owner_id": str(uuid.uuid4())},
        {"state": "succeeded"},
        {"spec": {"method": "mean", "nonsense": 1}},
        {"spec": {"n_imputations": 0}},
        {"priority": 99},
        {"name": "x" * 300},
        {"name": "line\nbreak"},
    ],
)
def test_what_a_caller_may_not_set_is_refused(http, body):
    good = {"dataset_version_id": str(uuid.uuid4()), "spec": {"method": "mean"}}
    answer = _problem(http.post("/jobs", json={**good, **body}), 422, "invalid_spec")
    assert answer["errors"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'"x"'])
def test_bodies_that_are_no_object_are_refused(http, body):
    answer = http.post(
        "/jobs", content=body, headers={"Content-Type": "application/json"}
    )
    _problem(answer, 422, "invalid_spec")


def test_a_spec_may_name_thousands_of_columns(shared):
    wide = incomplete_frame(20, 3000)
    spec = ImputationSpec(method="mean", methods=dict.fromkeys(wide, "median"))
    job = shared.client().submit(wide, spec)
    assert job.exception(timeout=CEILING_S) is None
    assert job.seen.spec == spec


def test_a_spec_that_is_too_large_is_refused_with_what_to_do(shared):
    frame = incomplete_frame(20, 3)
    names = {f"{n:0>200}": "mean" for n in range(12_000)}
    with pytest.raises(errors.InvalidSpec, match="name in it only the columns"):
        shared.client().submit(frame, ImputationSpec(methods=names))


@pytest.mark.parametrize("odd", ["a\\u0000b", "a\\ud800b"], ids=["NUL", "surrogate"])
@pytest.mark.parametrize(
    "body",
    [
        '{"dataset_version_id": "%s", "spec": {"methods": {"ODD": "mean"}}}',
        '{"dataset_version_id": "%s", "spec": {"columns": ["ODD"]}}',
        '{"dataset_version_id": "%s", "spec": {"method": "ODD"}}',
        '{"dataset_version_id": "%s", "spec": {"fill_value": {"x0": "ODD"}}}',
        '{"dataset_version_id": "%s", "spec": {"visit_sequence": ["ODD"]}}',
        '{"dataset_version_id": "%s", "spec": {}, "idempotency_key": "ODD"}',
        '{"dataset_version_id": "%s", "spec": {}, "name": "ODD"}',
        '{"sha256": "%s", "n_rows": 1,'  # noqa: ISC004  two lines of one body
        ' "columns": [{"name": "ODD", "dtype": "f8", "missing": 0}]}',
    ],
)
def test_characters_that_cannot_be_stored_are_refused(http, shared, body, odd):
    shared.client().submit(incomplete_frame(), ImputationSpec(method="mean"))
    version = http.get("/datasets").json()["items"][0]["latest"]
    is_dataset = "sha256" in body
    known = version["sha256"] if is_dataset else version["id"]
    answer = http.post(
        "/datasets" if is_dataset else "/jobs",
        content=(body % known).replace("ODD", odd),
        headers={"Content-Type": "application/json"},
    )
    _problem(answer, 422, "invalid_spec")


def _routes():
    for path, verbs in openapi()["paths"].items():
        for verb in verbs:
            if "{" in path:
                yield verb, path.removeprefix("/v1")


@pytest.mark.parametrize(("verb", "path"), sorted(_routes()))
def test_an_unknown_id_is_404_on_every_route(http, verb, path):
    url = re.sub(r"\{\w+_id\}", lambda _: str(uuid.uuid4()), path)
    url = re.sub(r"\{\w+\}", "0", url)
    more = {"content": b"x", "params": {"offset": 0}} if verb == "put" else {}
    if verb == "patch" or path.endswith("/rename"):
        more = {"json": {"name": "x"}}
    if verb == "patch" and path.startswith("/jobs/"):
        more = {"json": {"priority": "low"}}
    if verb == "patch" and "/versions/" in path:
        more = {"json": {"note": "x"}}
    if path.endswith("/why"):
        more = {"params": {"row": 0, "column": "x"}}
    if path.endswith("/transfer"):
        more = {"json": {"to": str(uuid.uuid4())}}
    answer = http.request(verb, url, **more)
    assert answer.status_code == 404, answer.text
    assert answer.json()["code"].endswith("not_found")


def test_unknown_paths_are_problems_too(http):
    _problem(http.get("/nope"), 404, "not_found")
    _problem(http.delete("/jobs"), 405, "http_error")


def test_the_openapi_document_is_served_and_names_every_route(http):
    served = http.get("/openapi.json").json()
    assert served["info"]["title"] == "Jupyter Wrangler"
    assert set(served["paths"]) == set(openapi()["paths"])
    assert "/v1/jobs/{job_id}/cancel" in served["paths"]


def test_one_stream_too_many_is_refused(system):
    system.service(JUPYTER_WRANGLER_MAX_STREAMS="2")
    with system.http() as http:
        with http.stream("GET", "/events"), http.stream("GET", "/events"):
            health = lambda: http.get("/health/ready").json()["streams"]  # noqa: E731
            until(lambda: health() == 2)
            answer = http.get("/events")
            _problem(answer, 429, "quota_exceeded")
            assert int(answer.headers["retry-after"]) > 0
            assert http.get("/me").json()["quota"]["max_streams"] == 2
        until(lambda: health() == 0)


def test_streams_at_the_same_moment_do_not_slip_past_the_quota(system):
    system.service(JUPYTER_WRANGLER_MAX_STREAMS="3")
    head = b"GET /v1/events HTTP/1.1\r\nHost: w\r\n\r\n"
    with contextlib.ExitStack() as open_ones:
        socks = []
        for _ in range(50):
            sock = open_ones.enter_context(socket.socket(socket.AF_UNIX))
            sock.settimeout(30)
            sock.connect(str(system.socket))
            socks.append(sock)
        for sock in socks:
            sock.sendall(head)
        said = sorted(sock.recv(12) for sock in socks)
    assert said == [b"HTTP/1.1 200"] * 3 + [b"HTTP/1.1 429"] * 47
    streams = lambda: system.get("/health/ready").json()["streams"]  # noqa: E731
    until(lambda: streams() == 0)


def test_a_lost_database_is_503_and_says_so(system):
    database = system.settings.migration_url.get_secret_value()
    database = database.replace("//wrangler@", "//postgres@")
    system.service()
    with system.http() as http:
        assert http.get("/jobs").status_code == 200
        name = database.split("@/")[1].split("?")[0]
        admin = system.settings.model_copy(
            update={"migration_url": SecretStr(database.replace(name, "postgres"))}
        )
        _allow(admin, name, "false")
        try:
            answer = http.get("/jobs")
            _problem(answer, 503, "database_unreachable")
            assert answer.headers["retry-after"]
            ready = http.get("/health/ready")
            assert (ready.status_code, ready.json()["status"]) == (503, "down")
            assert http.get("/health/live").status_code == 200
        finally:
            _allow(admin, name, "true")
        until(lambda: http.get("/jobs").status_code == 200)


def test_rows_that_somebody_holds_are_503_and_nothing_is_changed(system):
    system.service()
    job = system.client().submit(incomplete_frame(), ImputationSpec(method="mean"))
    engine = schema_engine(system.settings, application="tests")
    with system.http() as http, engine.connect() as holder:
        holder.execute(text("LOCK TABLE wrangler.job IN EXCLUSIVE MODE"))
        answer = http.post(f"/jobs/{job.id}/cancel")
        _problem(answer, 503, "database_busy")
        assert answer.headers["retry-after"]
        holder.rollback()
        assert http.get(f"/jobs/{job.id}").json()["state"] == "queued"
        assert http.post(f"/jobs/{job.id}/cancel").status_code == 202
    engine.dispose()


def _allow(admin, name: str, yes: str) -> None:
    engine = schema_engine(admin, application="t")
    with engine.connect() as connection:
        c = connection.execution_options(isolation_level="AUTOCOMMIT")
        c.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {yes}"))
        c.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = :n AND application_name <> 't'"
            ),
            {"n": name},
        )
    engine.dispose()


def test_few_bytes_of_a_result_come_with_the_list_of_them(http, shared):
    spec = ImputationSpec(method="sample", n_imputations=2)
    for rows, together in ((200, True), (200_000, False)):
        job = shared.client().submit(incomplete_frame(rows, 3), spec)
        done = job.result(timeout=CEILING_S)
        parts = http.get(f"/jobs/{job.id}/result").json()["imputations"]
        assert [part["data"] is not None for part in parts] == [together] * 2
        for k, part in enumerate(parts):
            found = http.get(f"/jobs/{job.id}/result/{k}").content
            assert hashlib.sha256(found).hexdigest() == part["sha256"]
            if together:
                assert base64.urlsafe_b64decode(part["data"]) == found
            assert not done.complete(k).isna().to_numpy().any()


def test_bytes_that_the_store_has_lost_are_sent_and_computed_again(running):
    client, df = running.client(), incomplete_frame(300, 3)
    spec = ImputationSpec(method="mean")
    job = client.submit(df, spec)
    job.result(timeout=CEILING_S)
    blobs = running.settings.home / "blobs"
    files = [path for path in blobs.rglob("*.*") if path.is_file()]
    assert len(files) == 3, "the data, one imputation, and its models"
    for path in files:
        path.unlink()
    again = running.client().job(job.id).result()
    with pytest.raises(errors.NotFound, match="no longer where they were stored"):
        again.complete()
    # the kernel that sent them before, and one that knows nothing of them
    for asked in (client, running.client()):
        found = asked.submit(df, spec, force=True).result(timeout=CEILING_S)
        assert not found.df.isna().to_numpy().any()
    keys = running.sql("SELECT store_key, size FROM wrangler.blob")
    assert len(keys) == 3
    for row in keys:
        assert (blobs / row.store_key).stat().st_size == row.size
    assert len([path for path in blobs.rglob("*.*") if path.is_file()]) == 3
