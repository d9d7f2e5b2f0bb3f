"""The models: what they refuse on writing, and how many statements they send."""

from __future__ import annotations

import contextlib
import uuid
from pathlib import Path

import pytest
from sqlalchemy import event, inspect
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import configure_mappers

from jupyter_wrangler import store
from jupyter_wrangler.contract import (
    ColumnInfo,
    DatasetRequest,
    ImputationSpec,
    JobRequest,
    Quota,
    QuotaPatch,
    Usage,
)
from jupyter_wrangler.errors import Conflict, InvalidSpec, NotFound
from jupyter_wrangler.store import (
    admin,
    audit,
    datasets,
    models,
    ownership,
    quotas,
    uploads,
    users,
)
from jupyter_wrangler.store.queue import jobs, submission
from jupyter_wrangler.store.results import names
from jupyter_wrangler.store.rls import for_owner, for_system
from jupyter_wrangler.store.session import open_session

BAD_NAMES = {
    "blank": (" ", "needs a name"),
    "long": ("x" * 256, "256 characters"),
    "control": ("a\x00b", "cannot be shown"),
    "surrogate": ("a\ud800b", "cannot be shown"),
}
FIRST = {"after": None, "limit": 50}


def _relationships():
    configure_mappers()
    return [
        (mapper.class_.__name__, relationship)
        for mapper in models.Base.registry.mappers
        for relationship in inspect(mapper).relationships
    ]


def test_no_relationship_is_loaded_row_by_row():
    lazy = {(name, each.key): each.lazy for name, each in _relationships()}
    assert set(lazy.values()) == {"raise_on_sql"}, lazy


def test_each_relationship_is_queried():
    source = "".join(path.read_text() for path in Path(store.__path__[0]).rglob("*.py"))
    unused = [
        f"models.{name}.{each.key}"
        for name, each in _relationships()
        if f"models.{name}.{each.key}" not in source
    ]
    assert unused == []


def test_what_a_query_did_not_load_is_an_error(world):
    job = world.submit()

    @for_system
    def owner_name(c):
        with open_session(c) as session:
            return session.get_one(models.Job, job.id).owner.name

    with pytest.raises(InvalidRequestError, match="raise_on_sql"):
        world.database.run(owner_name)


@contextlib.contextmanager
def _statements(world):
    sent = []

    def note(_c, _cursor, statement, *_):
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(world.database.engine, "before_cursor_execute", note)


def _fill(world, name):
    """A user with a quota, data sets, jobs and entries of the audit trail."""
    owner = world.user(name)
    world.database.run(quotas.change, owner, QuotaPatch(max_jobs=50))
    for k in range(3):
        version = world.dataset(owner, f"frame {k}", sha=f"{k:02d}" * 32)
        job = world.submit(owner=owner, version=version, seed=k)
    world.database.run(jobs.cancel, owner, job.id)
    world.register()


def test_the_number_of_statements_does_not_depend_on_the_number_of_rows(world):
    lists = {
        "users": (users.page, {**FIRST, "name": None}, 1),
        "jobs": (admin.jobs, {**FIRST, "state": None}, 1),
        "workers": (admin.workers, {"alive_s": 20}, 1),
        "audit": (audit.page, FIRST, 1),
        # users with their quotas, the quota of everybody, what all of them use
        "quotas": (admin.quota_page, {**FIRST, "defaults": world.quota}, 3),
    }
    for k in range(3):
        _fill(world, f"user {k}")
        for name, (verb, options, most) in lists.items():
            with _statements(world) as sent:
                found = world.database.run(verb, **options)
            assert len(found.items) > k, name
            assert len(sent) == most, (name, sent)
    owner = world.user("user 0")
    with _statements(world) as sent:
        page = world.database.run(datasets.page, owner, **FIRST)
    assert len(page.items) == 3
    assert len(sent) == 1, sent
    for name in ("a", "b", "c"):
        world.save(world.done(owner=owner, version=version_of(world, owner)), name,
                   owner=owner)  # fmt: skip
        with _statements(world) as sent:
            saved = world.database.run(names.page, owner, **FIRST, name=None)
        assert len(sent) == 2, sent
    assert len(saved.items) == 3


def version_of(world, owner):
    """A data set version of an owner."""
    return world.database.run(datasets.page, owner, **FIRST).items[0].latest


def test_lists_say_of_each_row_what_looking_it_up_says(world):
    for k in range(3):
        _fill(world, f"user {k}")
    run = world.database.run
    for one in run(users.page, **FIRST, name=None).items:
        assert one == run(users.get, one.id)
    for one in run(admin.jobs, **FIRST, state=None).items:
        assert one == run(admin.job, one.id)
        assert one.n_parts == 2
    page = run(admin.quota_page, **FIRST, defaults=world.quota)
    for one in page.items:
        owner = world.user(one.name)
        assert one.quota == run(quotas.effective, owner, world.quota)
        assert one.usage == run(quotas.usage, owner)
    assert {one.quota.max_jobs for one in page.items} == {50, world.quota.max_jobs}
    owner = world.user("user 1")
    for one in run(datasets.page, owner, **FIRST).items:
        whole = run(datasets.get, owner, one.id)
        assert one.latest.columns == ()
        assert one.latest == whole.latest.model_copy(update={"columns": ()})
        assert whole.latest == run(datasets.version, owner, whole.latest.id)


@pytest.mark.parametrize("limit", [1, 2])
def test_pages_continue_where_the_last_one_ended(world, limit):
    for k in range(3):
        _fill(world, f"user {k}")
    world.database.run(users.forget, world.user("user 1"), by="root")
    world.user("user 1")
    owner = world.user("user 2")
    lists = {
        "users": (users.page, (), {"name": None}),
        "jobs": (admin.jobs, (), {"state": None}),
        "queued": (admin.jobs, (), {"state": "queued"}),
        "quotas": (admin.quota_page, (), {"defaults": world.quota}),
        "datasets": (datasets.page, (owner,), {}),
    }
    for name, (verb, args, options) in lists.items():
        every = world.database.run(verb, *args, after=None, limit=50, **options)
        found, after = [], None
        while True:
            page = world.database.run(verb, *args, after=after, limit=limit, **options)
            found += page.items
            if page.next is None:
                break
            after = uuid.UUID(page.next)
        assert tuple(found) == every.items, name
        assert every.next is None


@pytest.mark.parametrize("how", BAD_NAMES)
def test_no_user_gets_a_name_that_nobody_can_have(world, how):
    name, said = BAD_NAMES[how]
    user = world.user("bob")
    with pytest.raises(InvalidSpec, match=said):
        world.database.run(users.rename, user, name, by="root")
    assert world.database.run(users.get, user).name == "bob"
    with pytest.raises(InvalidSpec, match=said):
        world.user(name)


def test_a_user_has_one_of_the_kinds_that_the_contract_lists(world):
    with pytest.raises(InvalidSpec, match="local, hub_user, hub_service"):
        world.database.run(users.ensure, "robot", "r2")


@pytest.mark.parametrize("how", BAD_NAMES)
def test_no_dataset_gets_a_name_that_none_can_have(world, how):
    name, said = BAD_NAMES[how]
    dataset = world.version.dataset_id
    with pytest.raises(InvalidSpec, match=said):
        world.database.run(datasets.rename, world.owner, dataset, name)
    assert world.database.run(datasets.get, world.owner, dataset).name == "frame"


@pytest.mark.parametrize("how", [*BAD_NAMES, "at"])
def test_no_result_gets_a_name_that_none_can_have(world, how):
    name, said = (BAD_NAMES | {"at": ("a@2", "number of a version")})[how]
    saved, _ = world.save(world.done())
    with pytest.raises(InvalidSpec, match=said):
        world.database.run(names.rename, world.owner, saved.result_id, name)
    assert world.database.run(names.get, world.owner, saved.result_id).name == (
        "patients"
    )


def test_a_version_has_no_fewer_rows_than_none(world):
    request = DatasetRequest.model_construct(
        sha256="ab" * 32,
        name="other",
        n_rows=-1,
        columns=(ColumnInfo(name="a", dtype="float64", missing=1),),
    )
    with pytest.raises(InvalidSpec, match="number of rows is -1"):
        world.database.run(datasets.add, world.owner, request, world.quota)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "a\x07b"}, "cannot be shown"),
        ({"priority": "urgent"}, "priority is 'urgent'"),
        ({"spec": ImputationSpec.model_construct(kind="nonsense")}, "'nonsense'"),
    ],
)
@pytest.mark.filterwarnings("ignore:Pydantic serializer")
def test_no_job_is_made_that_makes_no_sense(world, given, said):
    """What a process with another contract may have let through."""
    fields = {
        "spec": ImputationSpec(),
        "name": None,
        "priority": "normal",
        "force": False,
    }
    request = JobRequest.model_construct(
        dataset_version_id=world.version.id, idempotency_key=None, **fields | given
    )
    with pytest.raises(InvalidSpec, match=said):
        world.database.run(
            submission.submit,
            world.owner,
            request,
            parts=[submission.PartPlan(stage=0, k=0, queue="jw.small")],
            cache_key=b"k" * 32,
            app_version="1",
            max_attempts=3,
            quota=world.quota,
        )


@pytest.mark.parametrize("given", [{"max_jobs": -1}, {"max_parts": 2**31}])
def test_no_quota_is_negative_or_too_large(world, given):
    patch = QuotaPatch.model_construct(_fields_set=set(given), **given)
    with pytest.raises(InvalidSpec, match=next(iter(given))):
        world.database.run(quotas.change, world.owner, patch)
    world.database.run(quotas.change, world.owner, QuotaPatch(max_bytes=2**40))


def test_the_audit_trail_takes_no_action_that_the_contract_does_not_list(world):
    @for_owner
    def note(c, owner):
        audit.note(c, owner, "borrow", "dataset", world.version.dataset_id)

    with pytest.raises(InvalidSpec, match="'borrow'"):
        world.database.run(note, world.owner)


def test_two_datasets_of_one_name_are_a_conflict(world):
    world.dataset(world.owner, "other")
    with pytest.raises(Conflict, match="another dataset named 'other'"):
        world.database.run(
            datasets.rename, world.owner, world.version.dataset_id, "other"
        )
    # its own name is no other dataset's
    kept = world.database.run(
        datasets.rename, world.owner, world.version.dataset_id, "frame"
    )
    assert kept.name == "frame"


def test_two_users_of_one_name_are_a_conflict(world):
    bob = world.user("bob")
    with pytest.raises(Conflict, match="local 'alice' already"):
        world.database.run(users.rename, bob, "alice", by="root")


def test_who_is_not_there_is_said(world):
    nobody = uuid.uuid4()
    for verb, args in (
        (users.get, (nobody,)),
        (users.forget, (nobody,)),
        (users.rename, (nobody, "new")),
        (ownership.purge, (nobody,)),
        (ownership.transfer, (nobody, world.owner)),
    ):
        options = {} if verb is users.get else {"by": "root"}
        with pytest.raises(NotFound, match=f"no user {nobody}"):
            world.database.run(verb, *args, **options)


def test_a_purged_user_has_nothing(world):
    world.save(world.done())
    world.database.run(uploads.begin, world.owner, b"x" * 32, 5, quota=world.quota)
    user, keys = world.database.run(ownership.purge, world.owner, by="root")
    assert len(keys) == 2
    assert (user.jobs, user.datasets, user.bytes) == (0, 0, 0)
    assert user.left_at is not None
    assert world.database.run(quotas.usage, world.owner) == Usage(
        running=0, queued=0, bytes=0
    )


def test_limits_of_all_hold_where_a_user_has_none_of_their_own(world):
    def limits() -> Quota:
        return world.database.run(quotas.effective, world.owner, world.quota)

    assert limits() == world.quota
    world.database.run(quotas.change, None, QuotaPatch(max_jobs=7, max_parts=8))
    world.database.run(quotas.change, world.owner, QuotaPatch(max_jobs=5))
    assert (limits().max_jobs, limits().max_parts) == (5, 8)
    world.database.run(quotas.change, world.owner, QuotaPatch(max_jobs=None))
    assert limits().max_jobs == 7
