"""Users whose names change hands, and what administrators do about it."""

from __future__ import annotations

import hashlib
import io
import uuid
import zlib

import pandas as pd
import pytest

from jupyter_wrangler.contract import (
    ColumnInfo,
    DatasetRequest,
    ImputationSpec,
    JobRequest,
    Quota,
)
from jupyter_wrangler.errors import NotAllowed
from jupyter_wrangler.store import datasets, users
from jupyter_wrangler.store.blobs.choose import open_blobs
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import sync_engine
from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.sql import text
from tests.service.computing import compute

OLD, NEW = "created:2026-01-01T00:00:00+00:00", "created:2026-11-30T00:00:00+00:00"
ADA = {"x-test-user": "ada"}
ENOUGH = Quota(**dict.fromkeys(Quota.model_fields, 10**6))


def parquet(word):
    """Different bytes for each word."""
    file = io.BytesIO()
    frame = pd.DataFrame({"a": [float(len(word)), None, float(zlib.crc32(word))]})
    frame.to_parquet(file, index=False)
    return file.getvalue()


class Person:
    """Somebody at the service, as the Hub tells of them."""

    def __init__(self, http, database, name, hub_id=None):
        self.http, self.database, self.name = http, database, name
        self.headers = {"x-test-user": name}
        if hub_id:
            self.headers["x-test-hub-id"] = hub_id

    def get(self, path):
        return self.http.get(path, headers=self.headers)

    def upload(self, word):
        data = parquet(word)
        sha = hashlib.sha256(data).hexdigest()
        body = {"sha256": sha, "size": len(data)}
        begun = self.http.post("/uploads", json=body, headers=self.headers).json()
        if not begun["known"]:
            path = f"/uploads/{begun['id']}"
            sent = self.http.put(f"{path}?offset=0", content=data, headers=self.headers)
            assert sent.status_code < 300, sent.text
            done = self.http.post(f"{path}/complete", headers=self.headers)
            assert done.status_code < 300, done.text
        return sha

    def submit(self, word, name, seed=0):
        """Submit a job on some bytes; there is no worker to do it."""
        request = DatasetRequest(
            sha256=self.upload(word),
            n_rows=3,
            columns=(ColumnInfo(name="a", dtype="float64", missing=1),),
            name=name,
        )
        version = self.database.run(datasets.add, self.id, request, ENOUGH)[0]
        body = JobRequest(
            dataset_version_id=version.id, spec=ImputationSpec(random_state=seed)
        )
        answer = self.http.post(
            "/jobs",
            content=body.model_dump_json(),
            headers={**self.headers, "content-type": "application/json"},
        )
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    @property
    def id(self):
        return self.database.run(
            users.ensure, "hub_user", self.name, self.headers.get("x-test-hub-id")
        )

    def cancel(self, job):
        self.http.post(f"/jobs/{job}/cancel", headers=self.headers)

    @property
    def jobs(self):
        return {job["id"] for job in self.get("/jobs").json()["items"]}


@pytest.fixture
def person(http, database):
    return lambda name, hub_id=None: Person(http, database, name, hub_id)


def one(http, **found):
    page = http.get("/admin/users?limit=200", headers=ADA).json()["items"]
    (user,) = [u for u in page if all(u[k] == v for k, v in found.items())]
    return user


def act(http, user, verb, **body):
    path = f"/admin/users/{user['id']}/{verb}"
    return http.post(path, json=body or None, headers=ADA)


def test_fault_4_7_a_new_user_under_an_old_name_begins_with_nothing(http, person):
    old = person("erin", OLD)
    job = old.submit(b"erin", "diaries")
    assert old.jobs == {job}
    new = person("erin", NEW)
    assert new.jobs == set()
    assert new.get(f"/jobs/{job}").status_code == 404
    assert new.get("/datasets").json()["items"] == []
    # the old one is on record, with what they had
    left = one(http, name="erin", hub_id=OLD)
    assert left["left_at"] is not None
    assert (left["jobs"], left["datasets"]) == (1, 1)
    assert one(http, name="erin", hub_id=NEW)["left_at"] is None
    # and an old token that still works neither brings them back nor puts her out
    job = new.submit(b"new", "diaries")
    assert old.get("/jobs").status_code == 403
    assert new.jobs == {job}


def test_fault_4_7_what_was_stored_before_the_hub_answered_goes_to_the_first(person):
    job = person("frank").submit(b"frank", "a")
    assert person("frank", OLD).jobs == {job}
    assert person("frank", NEW).jobs == set()


def test_fault_4_7_a_hub_that_no_longer_says_who_it_is_opens_nothing(person):
    person("grace", OLD).submit(b"grace", "a")
    answer = person("grace").get("/jobs")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert "read:users" in answer.json()["message"]


def test_fault_4_7_a_key_of_the_hub_survives_a_new_name(person):
    job = person("heidi", "id:7").submit(b"heidi", "a")
    assert person("hedwig", "id:7").jobs == {job}
    assert person("heidi", "id:8").jobs == set()
    # two users can be made in one instant, so that a time is no such key
    job = person("ivan", OLD).submit(b"ivan", "a")
    assert person("igor", OLD).jobs == set()
    assert person("ivan", OLD).jobs == {job}
    # the Hub says more than before
    assert person("ivan", "id:11").jobs == {job}
    assert person("ivan", "id:12").jobs == set()


def test_fault_4_7_the_owner_of_a_private_stack_may_be_called_otherwise(database):
    """A container without a passwd entry, or `usermod --login`."""

    def seen(name, mark):
        return database.run(users.ensure, "local", name, mark)

    first = seen("uid-1000", None)
    assert seen("uid-1000", "id:owner") == first
    assert seen("quentin", "id:owner") == first
    assert seen("quentin", None) == first
    # where several share a database each is who they are called
    assert seen("rupert", None) != first
    assert seen("quentin", "id:owner") == first


def test_fault_4_7_a_renamed_user_keeps_everything(http, person):
    job = person("judy", OLD).submit(b"judy", "a")
    judy = one(http, name="judy")
    assert act(http, judy, "rename", name="judith").json()["name"] == "judith"
    assert person("judith", OLD).jobs == {job}
    assert person("judy", NEW).jobs == set()
    taken = act(http, judy, "rename", name="judy")
    assert taken.status_code == 409
    assert "transfer" in taken.json()["message"]
    entry = http.get("/admin/audit?limit=1", headers=ADA).json()["items"][0]
    assert (entry["action"], entry["by"], entry["subject"]) == ("rename", "ada", "user")
    assert entry["details"] == "judy -> judith"


def test_fault_4_7_a_forgotten_name_is_free_and_the_data_stay(http, person):
    job = person("ken").submit(b"ken", "a")
    ken = one(http, name="ken")
    assert act(http, ken, "forget").json()["left_at"] is not None
    assert person("ken").jobs == set()
    assert one(http, id=ken["id"])["jobs"] == 1
    # who was forgotten by mistake comes back under a name that is free
    assert act(http, ken, "rename", name="ken2").json()["left_at"] is None
    assert person("ken2").jobs == {job}


def test_fault_4_7_all_that_a_user_has_is_transferred(http, person, database):
    leo, mia = person("leo", OLD), person("mia")
    both, own = b"both have these", b"leo has these"
    jobs = [leo.submit(both, "shared"), leo.submit(own, "own")]
    # the same bytes, the same name and the same work on the other side
    theirs = mia.submit(both, "shared")
    versions = [leo.get(f"/jobs/{j}").json()["dataset_version_id"] for j in jobs]
    busy = act(http, one(http, name="leo"), "transfer", to=str(mia.id))
    assert (busy.status_code, busy.json()["code"]) == (409, "conflict")
    for job in jobs:
        leo.cancel(job)
    events = leo.get(f"/jobs/{jobs[0]}/events").json()["items"]
    answer = act(http, one(http, name="leo"), "transfer", to=str(mia.id))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["jobs"], answer.json()["datasets"]) == (3, 3)
    assert mia.jobs == {theirs, *jobs}
    assert leo.jobs == set()
    assert one(http, name="leo")["bytes"] == 0
    assert mia.get(f"/jobs/{jobs[0]}/events").json()["items"] == events
    for version, data in zip(versions, (both, own), strict=True):
        assert mia.get(f"/versions/{version}/content").content == parquet(data)
    names = [d["name"] for d in mia.get("/datasets").json()["items"]]
    assert len(set(names)) == 3
    assert {"shared", "own"} < set(names)
    entry = http.get("/admin/audit?limit=1", headers=ADA).json()["items"][0]
    assert (entry["action"], entry["owner"]) == ("transfer", "leo")
    assert entry["subject_id"] == str(mia.id)
    # no row of the old owner is left, in whatever table
    assert owned(database, leo.id) == {"audit_entry"}


def owned(database, user):
    """The tables that still have rows of a user."""

    @for_system
    def verb(c):
        tables = c.execute(
            text("""
            SELECT table_name FROM information_schema.columns
             WHERE table_schema = 'wrangler' AND column_name = 'owner_id'""")
        ).scalars()
        return {
            name
            for name in list(tables)
            if c.execute(
                text(f'SELECT 1 FROM wrangler."{name}" WHERE owner_id = :u'),  # noqa: S608
                {"u": user},
            ).first()
        }

    return database.run(verb)


def files(settings):
    root = settings.blob_dir
    return {p for p in root.rglob("*") if p.is_file() and "staging" not in p.parts}


def test_fault_4_7_a_purged_user_leaves_the_audit_trail_alone(
    http, person, fresh_module
):
    nina = person("nina", OLD)
    before = files(fresh_module)
    done, open_ = nina.submit(b"nina 1", "a"), nina.submit(b"nina 2", "b")
    nina.cancel(done)
    assert len(files(fresh_module)) == len(before) + 2
    user = one(http, name="nina")
    answer = http.delete(f"/admin/users/{user['id']}", headers=ADA)
    assert answer.status_code == 200, answer.text
    assert files(fresh_module) == before
    left = one(http, id=user["id"])
    assert (left["jobs"], left["datasets"], left["bytes"]) == (0, 0, 0)
    assert left["left_at"] is not None
    trail = http.get("/admin/audit?limit=10", headers=ADA).json()["items"]
    mine = [e["action"] for e in trail if e["owner"] == "nina"]
    assert mine == ["purge", "cancel", "cancel"]
    # the user may come again, and has nothing
    assert nina.jobs == set()
    assert {done, open_}.isdisjoint(nina.jobs)


def test_saved_results_go_with_their_owner(http, person, database, fresh_module):
    """Given to another user they are read there; with a purged user they go."""
    mark = uuid.uuid4().hex[:6]
    pia, rob = person(f"pia {mark}", OLD), person(f"rob {mark}")
    # what other tests have left open
    compute(database, open_blobs(fresh_module))
    before = files(fresh_module)
    saved, cells = {}, {}
    for who in (pia, rob):
        job = who.submit(f"of {who.name}".encode(), "a")
        compute(database, open_blobs(fresh_module))
        body = {"name": "kept", "note": who.name, "job_id": str(job)}
        answer = http.post("/results", json=body, headers=who.headers)
        assert answer.status_code == 201, answer.text
        saved[who.name] = f"/results/{answer.json()['result_id']}/versions/1"
        cells[who.name] = who.get(f"{saved[who.name]}/cells/0").content
        # the version alone keeps its bytes
        gone = http.delete(f"/jobs/{job}", headers=who.headers)
        assert gone.status_code == 204
    answer = act(http, one(http, name=pia.name), "transfer", to=str(rob.id))
    assert answer.status_code == 200, answer.text
    assert pia.get("/results").json()["items"] == []
    assert pia.get(saved[pia.name]).status_code == 404
    names = [found["name"] for found in rob.get("/results").json()["items"]]
    assert len(set(names)) == 2
    assert "kept" in names
    for name, path in saved.items():
        assert rob.get(path).json()["note"] == name
        assert rob.get(f"{path}/cells/0").content == cells[name]
    rob_now = one(http, name=rob.name)
    assert http.delete(f"/admin/users/{rob_now['id']}", headers=ADA).status_code == 200
    assert owned(database, rob.id) <= {"audit_entry"}
    assert files(fresh_module) == before


def test_fault_4_7_unknown_users_and_bad_names_are_refused(http, person):
    nobody = {"id": uuid.uuid4()}
    for verb, body in (
        ("forget", {}),
        ("rename", {"name": "x"}),
        ("transfer", {"to": str(uuid.uuid4())}),
    ):
        assert act(http, nobody, verb, **body).status_code == 404
    assert http.delete(f"/admin/users/{nobody['id']}", headers=ADA).status_code == 404
    person("oscar").get("/jobs")
    oscar = one(http, name="oscar")
    assert act(http, oscar, "rename", name="  ").status_code == 422
    # the contract takes it, the model does not
    refused = act(http, oscar, "rename", name="os\x07car")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_spec")
    assert "cannot be shown" in refused.json()["message"]
    assert http.get("/admin/users?name=%00", headers=ADA).status_code == 422
    assert act(http, oscar, "transfer", to=oscar["id"]).status_code == 409


def test_fault_4_7_many_at_once_make_one_user_each(fresh_module):
    """Starters that see a new user at the same time agree on one row."""
    from concurrent.futures import ThreadPoolExecutor

    database = SyncDatabase(sync_engine(fresh_module, application="t", size=8))

    def come(n):
        try:
            return database.run(users.ensure, "hub_user", "peggy", (OLD, NEW)[n % 2])
        except NotAllowed:
            return None

    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(come, range(40)))
        now = database.run(users.ensure, "hub_user", "peggy", NEW)
    finally:
        database.close()
    # a row belongs to one of the two for good, and the later one has the name
    olds = {u for n, u in enumerate(found) if u and n % 2 == 0}
    news = {u for n, u in enumerate(found) if u and n % 2 == 1}
    assert news == {now}
    assert now not in olds
    assert len(olds) <= 1
