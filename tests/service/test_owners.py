"""Nobody reaches what is another's, by any route and verb that takes an id.

Walked over the description of the API, so that a route that is added is tried too.
"""

from __future__ import annotations

import uuid

import pytest

from jupyter_wrangler import frames
from jupyter_wrangler.service.openapi import openapi
from jupyter_wrangler.store.blobs.choose import open_blobs
from tests.acceptance.system import incomplete_frame
from tests.service.computing import compute

ALICE, BOB = ({"x-test-user": name} for name in ("alice", "bob"))
#: What is not a thing of one user: open to all, or to administrators only.
NOBODYS = ("/admin/", "/health/", "/metrics")


def _routes() -> list[tuple[str, str]]:
    return sorted(
        (verb.upper(), path.removeprefix("/v1"))
        for path, verbs in openapi()["paths"].items()
        for verb in verbs
        if "{" in path and not path.removeprefix("/v1").startswith(NOBODYS)
    )


def _ask(http, verb: str, path: str, who: dict[str, str]):
    more: dict = {}
    if verb == "PUT":
        more = {"content": b"x", "params": {"offset": 0}}
    if verb == "PATCH":
        of_a_version = path.startswith("/results/") and "/versions/" in path
        more = {"json": {"note" if of_a_version else "name": "mine now"}}
        if path.startswith("/jobs/"):
            more = {"json": {"priority": "low"}}
    if path.endswith("/why"):
        more = {"params": {"row": 0, "column": "x0"}}
    return http.request(verb, path, headers=who, **more)


@pytest.fixture(scope="module")
def ids(http, database, fresh_module):
    """One of everything, with bytes, of alice's."""
    data = frames.to_parquet(incomplete_frame())
    half = {"sha256": "1c" * 32, "size": 1000}
    upload = http.post("/uploads", json=half, headers=ALICE).json()["id"]
    whole = {"sha256": data.sha256, "size": len(data.data)}
    path = f"/uploads/{http.post('/uploads', json=whole, headers=ALICE).json()['id']}"
    http.put(path, content=data.data, params={"offset": 0}, headers=ALICE)
    http.post(f"{path}/complete", headers=ALICE)
    columns = [column.model_dump() for column in data.columns]
    asked = {"sha256": data.sha256, "n_rows": 200, "columns": columns, "name": "hers"}
    version = http.post("/datasets", json=asked, headers=ALICE).json()
    made = {}
    for kind in ("analysis", "imputation"):
        body = {"dataset_version_id": version["id"], "spec": {"kind": kind}}
        made[kind] = http.post("/jobs", json=body, headers=ALICE).json()["id"]
    job = made["imputation"]
    compute(database, open_blobs(fresh_module))
    asked = {"name": "hers", "job_id": made["imputation"]}
    saved = http.post("/results", json=asked, headers=ALICE).json()
    return {
        "upload_id": upload,
        "dataset_id": version["dataset_id"],
        "version_id": version["id"],
        "job_id": job,
        "result_id": saved["result_id"],
        "other_id": saved["id"],
        "n": 1,
        "imputation": 0,
    }


@pytest.mark.parametrize(("verb", "path"), _routes())
def test_somebody_elses_is_as_unknown_as_what_does_not_exist(http, ids, verb, path):
    there = path.format(**ids)
    nowhere = {
        name: str(uuid.uuid4()) if name.endswith("_id") else number
        for name, number in ids.items()
    }
    found = _ask(http, verb, there, BOB)
    unknown = _ask(http, verb, path.format(**nowhere), BOB)
    assert (found.status_code, unknown.status_code) == (404, 404)
    same = unknown.text
    for name, key in nowhere.items():
        same = same.replace(str(key), str(ids[name])) if name.endswith("_id") else same
    assert found.text == same
    assert dict(found.headers).keys() == dict(unknown.headers).keys()


@pytest.mark.parametrize("path", [path for verb, path in _routes() if verb == "GET"])
def test_its_owner_reads_it(http, ids, path):
    """Else the test before would be one of ids that do not exist."""
    assert _ask(http, "GET", path.format(**ids), ALICE).status_code == 200


def test_nothing_of_it_was_changed_or_is_listed(http, ids):
    job = http.get(f"/jobs/{ids['job_id']}", headers=ALICE).json()
    assert job["state"] == "succeeded"
    dataset = http.get(f"/datasets/{ids['dataset_id']}", headers=ALICE).json()
    assert dataset["name"] == "hers"
    assert http.get(f"/uploads/{ids['upload_id']}", headers=ALICE).json()["size"]
    saved = http.get(f"/results/{ids['result_id']}", headers=ALICE).json()
    assert (saved["name"], saved["n_versions"]) == ("hers", 1)
    assert saved["latest"]["note"] is None
    for listed in ("/jobs", "/datasets", "/results", "/results?name=hers"):
        assert http.get(listed, headers=BOB).json()["items"] == []
    usage = http.get("/me", headers=BOB).json()["usage"]
    assert (usage["queued"], usage["bytes"]) == (0, 0)
    digest = http.get(f"/versions/{ids['version_id']}", headers=ALICE).json()["sha256"]
    begun = http.post("/uploads", json={"sha256": digest, "size": 9}, headers=BOB)
    assert not begun.json()["known"], "whether alice has a file is nobody's business"
