"""Jobs over HTTP: what is answered does not depend on how a job ended."""

from __future__ import annotations

import uuid

import pytest

from jupyter_wrangler import errors, frames
from jupyter_wrangler.contract import FINAL
from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.sql import text as sql
from tests.acceptance.system import incomplete_frame

CAROL = {"x-test-user": "carol"}
#: Every state without a result, with every error that a job can carry.
ENDS = [
    ("cancelled", None),
    ("timed_out", None),
    ("quarantined", None),
    *(
        (state, code)
        for state in sorted(FINAL - {"succeeded", "cancelled"})
        for code in sorted(errors.by_code())
    ),
]
KINDS = {
    "imputation": {"method": "mean"},
    "analysis": {},
    "correlation": {},
    "comparison": {"methods": ["mean"]},
}


#: What the engine refuses when the job runs, in its own words.
NONSENSE = [
    {"method": "nope"},
    {"methods": {"age": "nope"}},
    {"methods": {"no such column": "mean"}},
    {"columns": ["no such column"]},
    {"predictors": {"age": ["no such column"]}},
    {"kind": "comparison", "methods": ["nope"]},
    {"kind": "comparison", "methods": ["mean"], "columns": ["no such column"]},
    {"kind": "correlation", "columns": ["no such column"]},
    {"kind": "analysis", "columns": ["no such column"]},
]


@pytest.fixture(scope="module")
def version(http):
    """Id of a version of a dataset."""
    data = frames.to_parquet(incomplete_frame())
    begun = {"sha256": data.sha256, "size": len(data.data)}
    path = f"/uploads/{http.post('/uploads', json=begun, headers=CAROL).json()['id']}"
    http.put(path, content=data.data, params={"offset": 0}, headers=CAROL)
    http.post(f"{path}/complete", headers=CAROL)
    columns = [column.model_dump() for column in data.columns]
    # which nobody has counted but the caller
    columns[0]["missing"] = 10**400
    asked = {"sha256": data.sha256, "n_rows": 200, "columns": columns}
    return http.post("/datasets", json=asked, headers=CAROL).json()["id"]


@pytest.fixture(scope="module")
def ended(http, database, version):
    """Jobs of each kind, and what ends them in a state of choice."""
    jobs = {}
    for kind, spec in KINDS.items():
        body = {"dataset_version_id": version, "spec": {"kind": kind, **spec}}
        answer = http.post("/jobs", json=body, headers=CAROL)
        assert answer.status_code == 202, answer.text
        jobs[kind] = answer.json()["id"]

    def end(kind: str, state: str, code: str | None) -> str:
        def verb(c):
            given = {"j": uuid.UUID(jobs[kind]), "s": state, "code": code}
            c.execute(
                sql("""
                UPDATE wrangler.job_part SET state = 'cancelled', finished_at = now(),
                       lease_until = NULL, lease_owner = NULL WHERE job_id = :j"""),
                given,
            )
            c.execute(
                sql("""
                UPDATE wrangler.job
                   SET state = :s, finished_at = now(), error_code = :code,
                       error_message = 'the words of ' || :code, cache_key = NULL,
                       error_details = '{"limit": 7}', cancel_requested_at = now()
                 WHERE id = :j"""),
                given,
            )

        database.run(for_system(verb))
        return jobs[kind]

    return end


@pytest.mark.parametrize("kind", KINDS)
def test_fault_4_9_every_end_without_a_result_is_409_with_the_jobs_error(
    http, ended, kind
):
    for state, code in ENDS:
        job = ended(kind, state, code)
        answer = http.get(f"/jobs/{job}/result", headers=CAROL)
        assert answer.status_code == 409, (state, code, answer.text)
        body = answer.json()
        assert (body["code"], body["details"]["state"]) == ("no_result", state)
        inside = body["details"]["error"]
        if code is None:
            assert inside is None
        else:
            words = f"the words of {code}"
            assert inside == {"code": code, "message": words, "details": {"limit": 7}}
            assert words in body["message"]
        if kind != "imputation":
            answer = http.get(f"/jobs/{job}/document", headers=CAROL)
            assert (answer.status_code, answer.json()["code"]) == (409, "no_result")
        assert http.get(f"/jobs/{job}", headers=CAROL).json()["state"] == state


@pytest.mark.parametrize("spec", NONSENSE)
def test_fault_4_5_a_spec_that_does_not_fit_is_no_mistake_of_ours(http, version, spec):
    body = {"dataset_version_id": version, "spec": spec}
    answer = http.post("/jobs", json=body, headers=CAROL)
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize("value", ["1e400", "-Infinity", "NaN", '{"age": 1e400}'])
def test_fault_4_5_a_constant_that_json_cannot_hold_is_refused(http, version, value):
    body = f'{{"dataset_version_id": "{version}", "spec": {{"fill_value": {value}}}}}'
    headers = {**CAROL, "content-type": "application/json"}
    answer = http.post("/jobs", content=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert "finite number" in answer.json()["message"]


@pytest.mark.parametrize(
    ("kind", "makes"),
    [
        ("imputation", ["imputation", "summary"]),
        ("analysis", ["part", "document"]),
        ("correlation", ["part", "document"]),
        ("comparison", ["part", "document"]),
    ],
)
def test_the_parts_of_every_kind_are_listed_page_by_page(http, ended, kind, makes):
    path = f"/jobs/{ended(kind, 'cancelled', None)}"
    job = http.get(path, headers=CAROL).json()
    seen, after = [], {}
    for _ in range(job["n_parts"]):
        params = {"limit": 1, **after}
        page = http.get(f"{path}/parts", params=params, headers=CAROL).json()
        seen += page["items"]
        after = {"after": page["next"]}
    assert after == {"after": None}
    assert {part["kind"] for part in seen} == set(makes)
    assert [part["stage"] for part in seen] == [0] * (len(seen) - 1) + [1]
    assert {part["attempts"] for part in seen} == {0}
    assert {part["state"] for part in seen} == {"cancelled"}


@pytest.mark.parametrize("kind", [*KINDS])
def test_the_card_of_every_kind_is_what_a_notebook_stores(http, ended, kind):
    path = f"/jobs/{ended(kind, 'cancelled', None)}"
    job = http.get(path, headers=CAROL).json()
    data = http.get(f"{path}/card", headers=CAROL).json()["data"]
    card = data["application/vnd.jupyter-wrangler.job.v1+json"]
    assert (card["id"], card["kind"]) == (job["id"], kind)
    assert card["job"]["state"] == "cancelled"
    assert "<p>cancelled" in data["text/html"]
    assert data["text/plain"].startswith("Job ")
    stranger = http.get(f"{path}/card", headers={"x-test-user": "dan"})
    assert (stranger.status_code, stranger.json()["code"]) == (404, "job_not_found")


@pytest.mark.parametrize("after", ["", "0", "0-", "-1-0", "0-1e3", "0-9999999999", "x"])
def test_a_place_that_no_page_named_is_refused(http, ended, after):
    job = ended("imputation", "cancelled", None)
    params = {"after": after}
    answer = http.get(f"/jobs/{job}/parts", params=params, headers=CAROL)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_spec")
