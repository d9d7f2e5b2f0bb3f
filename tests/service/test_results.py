"""Named results over HTTP: each verb, what is refused, and what an answer carries."""

from __future__ import annotations

import json
import uuid

import pytest

from jupyter_wrangler import frames
from jupyter_wrangler.store.blobs.choose import open_blobs
from tests.acceptance.system import incomplete_frame
from tests.service.computing import compute

DORA = {"x-test-user": "dora"}


@pytest.fixture(scope="module")
def jobs(http, database, fresh_module):
    """Two imputations that have ended, and one that has not."""
    data = frames.to_parquet(incomplete_frame())
    begun = {"sha256": data.sha256, "size": len(data.data)}
    path = f"/uploads/{http.post('/uploads', json=begun, headers=DORA).json()['id']}"
    http.put(path, content=data.data, params={"offset": 0}, headers=DORA)
    http.post(f"{path}/complete", headers=DORA)
    columns = [column.model_dump() for column in data.columns]
    asked = {"sha256": data.sha256, "n_rows": 200, "columns": columns, "name": "x"}
    version = http.post("/datasets", json=asked, headers=DORA).json()["id"]

    def submit(seed, **spec):
        body = {
            "dataset_version_id": version,
            "spec": {"random_state": seed, **spec},
            "name": f"run {seed}",
        }
        return http.post("/jobs", json=body, headers=DORA).json()["id"]

    ended = [submit(1), submit(2, method="norm", n_imputations=2)]
    compute(database, open_blobs(fresh_module))
    return [*ended, submit(3)]


@pytest.fixture
def ask(http):
    def asked(verb, path, **more):
        return http.request(verb, f"/results{path}", headers=DORA, **more)

    return asked


@pytest.fixture
def saved(ask, jobs):
    """Two versions under a name of their own."""
    name = f"n {uuid.uuid4()}"
    found = []
    for job in jobs[:2]:
        answer = ask("POST", "", json={"name": name, "job_id": job, "note": "<b>"})
        assert answer.status_code == 201, answer.text
        found.append(answer.json())
    return found


def test_each_verb_answers_as_the_page_says(ask, saved, jobs):
    first, second = saved
    path = f"/{first['result_id']}"
    again = ask("POST", "", json={"name": first["name"], "job_id": jobs[1]})
    assert (again.status_code, again.json()) == (200, second)
    (listed,) = ask("GET", "", params={"name": first["name"]}).json()["items"]
    assert listed == ask("GET", path).json()
    assert (listed["n_versions"], listed["latest"]["n"]) == (2, 2)
    assert (listed["latest"]["methods"], listed["latest"]["spec"]) == (["norm"], None)
    page = ask("GET", f"{path}/versions", params={"limit": 1}).json()
    assert ([one["n"] for one in page["items"]], page["next"]) == ([2], "2")
    page = ask("GET", f"{path}/versions", params={"after": page["next"]}).json()
    assert ([one["n"] for one in page["items"]], page["next"]) == ([1], None)
    whole = ask("GET", f"{path}/versions/1").json()
    assert (whole, whole["spec"]["random_state"]) == (first, 1)
    noted = ask("PATCH", f"{path}/versions/1", json={"note": " better\nnow "})
    assert noted.json()["note"] == "better\nnow"
    assert (
        ask("PATCH", f"{path}/versions/1", json={"note": None}).json()["note"] is None
    )
    restored = ask("POST", f"{path}/versions/1/restore")
    assert restored.status_code == 201
    assert (restored.json()["n"], restored.json()["source"]) == (
        3,
        f"{first['name']}@1",
    )
    again = ask("POST", f"{path}/versions/3/restore")
    assert (again.status_code, again.json()) == (200, restored.json())
    renamed = ask("PATCH", path, json={"name": f"{first['name']} b"}).json()
    assert (renamed["id"], renamed["n_versions"]) == (first["result_id"], 3)


def test_a_version_holds_what_the_job_did_also_without_the_job(ask, saved, jobs, http):
    path = f"/{saved[1]['result_id']}/versions/2"
    manifest = ask("GET", f"{path}/manifest").json()
    of_job = http.get(f"/jobs/{jobs[1]}/result", headers=DORA).json()
    assert manifest.pop("saved") == saved[1]
    assert of_job.pop("saved") is None
    assert manifest == of_job
    assert len(manifest["imputations"]) == 2
    cells = ask("GET", f"{path}/cells/1")
    assert cells.content == frames.cells_to_parquet({}, {})
    assert cells.headers["content-disposition"].startswith("attachment")
    gone = ask("GET", f"{path}/cells/2")
    assert (gone.status_code, gone.json()["code"]) == (404, "result_not_found")
    assert "it has: 0, 1" in gone.json()["message"]


def test_a_comparison_says_what_differs(ask, saved):
    first, second = saved
    path = f"/{first['result_id']}/versions/1/comparison"
    found = ask("GET", f"{path}/{second['id']}").json()
    assert (found["left"]["n"], found["right"]["n"]) == (1, 2)
    assert (found["same_data"], found["same_cells"]) == (True, False)
    changes = {one["name"]: (one["left"], one["right"]) for one in found["settings"]}
    assert changes == {
        "method": ("pmm", "norm"),
        "n_imputations": (1, 2),
        "random_state": (1, 2),
    }
    same = ask("GET", f"{path}/{first['id']}").json()
    assert (same["same_cells"], same["settings"]) == (True, [])


def test_a_name_that_is_taken_is_a_conflict(ask, saved, jobs):
    other = ask("POST", "", json={"name": f"o {uuid.uuid4()}", "job_id": jobs[0]})
    answer = ask(
        "PATCH", f"/{other.json()['result_id']}", json={"name": saved[0]["name"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "choose another name" in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": "a@2"}, "hold no '@'"),
        ({"name": " "}, "at least 1 character"),
        ({"name": "x" * 256}, "at most 255"),
        ({"name": "a\x00b"}, "pattern"),
        ({"name": "a\ud800b"}, "unicode"),
        ({"note": "x" * 2001}, "at most 2000"),
        ({"note": " "}, "at least 1 character"),
        ({"version_id": str(uuid.uuid4())}, "Exactly one"),
        ({"job_id": None}, "Exactly one"),
        ({"color": "red"}, "not permitted"),
    ],
)
def test_bad_names_and_notes_are_refused(http, jobs, body, said):
    asked = json.dumps({"name": "fine", "job_id": jobs[0]} | body)
    headers = DORA | {"content-type": "application/json"}
    answer = http.post("/results", content=asked, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_spec")
    assert said in answer.json()["message"]


def test_what_cannot_be_saved_says_why(ask, jobs):
    for job, status, code in (
        (jobs[2], 409, "result_not_ready"),
        (str(uuid.uuid4()), 404, "job_not_found"),
    ):
        answer = ask("POST", "", json={"name": "x", "job_id": job})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    answer = ask("POST", "", json={"name": "x", "version_id": jobs[0]})
    assert (answer.status_code, answer.json()["code"]) == (404, "result_not_found")


def test_a_deletion_says_what_goes_and_is_forced_where_it_is_needed(ask, saved):
    path = f"/{saved[0]['result_id']}"
    ask("POST", f"{path}/versions/1/restore")
    dry = ask("DELETE", f"{path}/versions/1", params={"dry_run": True}).json()
    assert (dry["done"], dry["dependent_versions"]) == (
        False,
        [f"{saved[0]['name']}@3"],
    )
    refused = ask("DELETE", f"{path}/versions/1")
    assert (refused.status_code, refused.json()["code"]) == (409, "result_in_use")
    assert refused.json()["details"]["dependents"] == dry["dependent_versions"]
    gone = ask("DELETE", f"{path}/versions/1", params={"force": True}).json()
    assert gone == dry | {"done": True}
    missing = ask("GET", f"{path}/versions/1")
    assert missing.status_code == 404
    assert "there is: 2, 3" in missing.json()["message"]
    gone = ask("DELETE", path).json()
    assert (gone["versions"], gone["whole"], gone["done"]) == ([2, 3], True, True)
    assert ask("GET", path).status_code == 404
