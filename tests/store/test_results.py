"""Named results: numbers, what they keep, and what goes with a deletion."""

from __future__ import annotations

import threading

import pytest

from jupyter_wrangler.contract import QuotaPatch, SaveRequest
from jupyter_wrangler.errors import (
    Conflict,
    InvalidSpec,
    JobNotFound,
    NoResult,
    QuotaExceeded,
    ResultInUse,
    ResultNotFound,
    ResultNotReady,
    ResultNotSaveable,
    StorageQuotaExceeded,
)
from jupyter_wrangler.store import audit, models, quotas
from jupyter_wrangler.store.queue import jobs
from jupyter_wrangler.store.results import deletion, names, saving, versions
from jupyter_wrangler.store.results.deletion import DeletionOptions

FIRST = {"after": None, "limit": 50}
PLAIN, FORCE, DRY = (
    DeletionOptions(),
    DeletionOptions(force=True),
    DeletionOptions(dry_run=True),
)


def restore(world, saved, n):
    return world.database.run(
        saving.restore, world.owner, saved.result_id, n, quota=world.quota
    )


def copy(world, saved, name, note=None):
    request = SaveRequest(name=name, note=note, version_id=saved.id)
    return world.database.run(saving.save, world.owner, request, world.quota)


def delete(world, saved, n=None, options=PLAIN):
    if n is None:
        verb, more = deletion.delete_result, ()
    else:
        verb, more = deletion.delete_version, (n,)
    return world.database.run(verb, world.owner, saved.result_id, *more, options)


def numbers(world, saved):
    page = world.database.run(versions.page, world.owner, saved.result_id, **FIRST)
    return [one.n for one in page.items]


def test_versions_are_numbered_from_one_and_say_what_they_are(world):
    first, new = world.save(world.done(m=2), note="before the clean-up")
    second, _ = world.save(world.done(seed=1, name="again"))
    assert new
    assert (first.n, second.n, first.result_id) == (1, 2, second.result_id)
    assert (first.label, first.note) == ("patients@1", "before the clean-up")
    assert (first.n_imputations, first.n_wanted, first.partial) == (2, 2, False)
    assert (first.n_rows, first.n_columns, first.dataset_name) == (3, 1, "frame")
    assert (second.random_state, second.methods) == (1, ("pmm",))
    assert (second.job_name, second.job_exists, second.source) == ("again", True, None)
    # two imputations of the same five bytes, and ten bytes of data
    assert first.size == second.size == 15
    assert first.spec.n_imputations == 2
    assert numbers(world, first) == [2, 1]
    (listed,) = world.database.run(names.page, world.owner, **FIRST, name=None).items
    assert (listed.name, listed.n_versions, listed.latest.n) == ("patients", 2, 2)
    assert listed.latest.spec is None
    assert world.database.run(names.get, world.owner, first.result_id) == listed


def test_the_same_result_twice_is_one_version_and_another_note_is_another(world):
    job = world.done()
    first, _ = world.save(job, note="a")
    for note in (None, "a"):
        again, new = world.save(job, note=note)
        assert (again, new) == (first, False)
    other, new = world.save(job, note="b")
    assert (other.n, new) == (2, True)
    world.save(world.done(seed=1))
    back, new = world.save(job, note="b")
    assert (back.n, new) == (4, True), "it is not the latest"


def test_many_savers_at_once_get_a_number_each(world):
    done = [world.done(seed=k) for k in range(6)]
    found, failed = [], []

    def work(job):
        try:
            found.append(world.save(job)[0].n)
        except Exception as error:  # noqa: BLE001  told below
            failed.append(error)

    threads = [threading.Thread(target=work, args=(job,)) for job in done]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(found) == [1, 2, 3, 4, 5, 6]


def test_a_number_is_never_given_again(world):
    saved, _ = world.save(world.done())
    world.save(world.done(seed=1))
    delete(world, saved, 2)
    assert world.save(world.done(seed=2))[0].n == 3
    assert numbers(world, saved) == [3, 1]


def test_what_has_not_ended_left_nothing_or_imputes_nothing_is_not_saved(world):
    waiting = world.submit()
    with pytest.raises(ResultNotReady, match="is queued"):
        world.save(waiting)
    world.database.run(jobs.cancel, world.owner, waiting.id)
    with pytest.raises(NoResult, match="cancelled before any part"):
        world.save(waiting)
    look = world.done(seed=1)
    world.sql("UPDATE wrangler.job SET kind = 'analysis' WHERE id = :j", j=look.id)
    with pytest.raises(ResultNotSaveable, match="kind 'analysis'"):
        world.save(look)
    world.database.run(jobs.delete, world.owner, look.id)
    with pytest.raises(JobNotFound, match="it was deleted"):
        world.save(look)
    assert world.sql("SELECT 1 FROM wrangler.named_result") == []


def test_a_part_of_a_job_is_saved_and_said_to_be_one(world):
    job = world.submit(m=3)
    first, *_ = world.dispatch()
    world.succeed(world.claim(first))
    world.database.run(jobs.cancel, world.owner, job.id)
    partial, _ = world.save(job)
    assert (partial.partial, partial.state) == (True, "cancelled")
    assert (partial.n_imputations, partial.n_wanted) == (1, 3)
    # what comes of the job later is another version
    world.retry(job)
    while parts := world.dispatch():
        for part in parts:
            world.succeed(world.claim(part))
    whole, new = world.save(job)
    assert (new, whole.n, whole.partial, whole.n_imputations) == (True, 2, False, 3)
    kept = world.database.run(versions.kept, world.owner, partial.result_id, 1)
    assert [part.imputation for part, _ in kept.cells] == [0]


def test_a_version_that_is_not_there_says_which_are(world):
    saved, _ = world.save(world.done())
    for k in range(1, 12):
        world.save(world.done(seed=k))
    said = "no version 13 of the result 'patients'; there is: older ones, 3, 4, .*, 12"
    with pytest.raises(ResultNotFound, match=said):
        world.database.run(versions.get, world.owner, saved.result_id, 13)


def test_restoring_makes_a_new_version_of_the_same_bytes(world):
    job = world.done()
    first, _ = world.save(job, note="good")
    world.save(world.done(seed=1))
    world.database.run(jobs.delete, world.owner, job.id)
    back, new = restore(world, first, 1)
    assert (new, back.n, back.source, back.note) == (True, 3, "patients@1", "good")
    assert (back.job_id, back.job_exists) == (job.id, False)
    kept = [
        world.database.run(versions.kept, world.owner, first.result_id, n)
        for n in (1, 3)
    ]
    assert kept[0].cells == kept[1].cells
    assert kept[0].dataset == kept[1].dataset
    assert restore(world, first, 3) == (
        world.database.run(versions.get, world.owner, first.result_id, 3),
        False,
    )
    with pytest.raises(ResultNotFound, match="there is: 1, 2, 3"):
        restore(world, first, 7)


def test_a_version_can_be_saved_under_another_name(world):
    first, _ = world.save(world.done())
    other, new = copy(world, first, "published", "as sent to the journal")
    assert (new, other.label, other.source) == (True, "published@1", "patients@1")
    with pytest.raises(ResultNotFound, match="it was deleted"):
        copy(world, other.model_copy(update={"id": other.result_id}), "x")


def test_renaming_takes_no_name_of_another(world):
    first, _ = world.save(world.done())
    world.save(world.done(seed=1), "other")
    with pytest.raises(Conflict, match="another result named 'other'"):
        world.database.run(names.rename, world.owner, first.result_id, "other")
    renamed = world.database.run(names.rename, world.owner, first.result_id, "new")
    assert (renamed.name, renamed.latest.label) == ("new", "new@1")
    found = world.database.run(names.page, world.owner, **FIRST, name="patients")
    assert found.items == ()


def test_a_note_is_changed_and_its_bytes_count(world):
    saved, _ = world.save(world.done(), note="ä")
    before = world.database.run(quotas.usage, world.owner).bytes
    run = world.database.run
    changed = run(versions.annotate, world.owner, saved.result_id, 1, "äöü")
    assert changed.note == "äöü"
    assert run(quotas.usage, world.owner).bytes == before + 4
    assert run(versions.annotate, world.owner, saved.result_id, 1, None).note is None
    assert run(quotas.usage, world.owner).bytes == before - 2
    with pytest.raises(ResultNotFound):
        run(versions.annotate, world.owner, saved.result_id, 2, "x")


def test_deleting_says_what_goes_and_a_dry_run_deletes_nothing(world):
    job = world.done()
    saved, _ = world.save(job)
    world.save(world.done(seed=1))
    world.sql("DELETE FROM wrangler.job")
    for options, done in ((DRY, False), (PLAIN, True)):
        gone = delete(world, saved, 1, options)
        assert (gone.versions, gone.whole, gone.done) == ((1,), False, done)
        assert gone.last_copies == (1,)
        # the second version has the same bytes
        assert gone.bytes == 0
        assert numbers(world, saved) == ([2] if done else [2, 1])
    gone = delete(world, saved, 2)
    assert (gone.whole, gone.bytes, gone.name) == (True, 5, "patients")
    with pytest.raises(ResultNotFound):
        world.database.run(names.get, world.owner, saved.result_id)
    with pytest.raises(ResultNotFound):
        delete(world, saved)
    entries = world.database.run(audit.page, **FIRST).items
    assert [(e.action, e.subject, e.details) for e in entries] == [
        ("delete", "result", "patients, all of its 1 versions"),
        ("delete", "result", "patients@1"),
    ]


def test_what_something_was_made_of_goes_only_by_force(world):
    first, _ = world.save(world.done())
    world.save(world.done(seed=1))
    back, _ = restore(world, first, 1)
    other, _ = copy(world, first, "published")
    assert delete(world, first, 1, DRY).dependent_versions == (
        "patients@3",
        "published@1",
    )
    with pytest.raises(ResultInUse, match=r"Of patients@1 was made: patients@3, pub"):
        delete(world, first, 1)
    # all versions go together, so only what is elsewhere counts
    with pytest.raises(ResultInUse) as caught:
        delete(world, first)
    assert caught.value.dependents == ["published@1"]
    assert delete(world, first, 1, FORCE).done
    left = world.database.run(versions.by_id, world.owner, other.id)
    assert (left.source, left.n_imputations) == ("patients@1", 1)
    assert delete(world, back).done, "what they were made of is gone"


def test_models_that_later_rows_were_imputed_by_go_only_by_force(world):
    keeps = "UPDATE wrangler.job_part SET recipe_sha = result_sha WHERE stage = 0"
    fitted = world.done()
    world.sql(keeps)
    first, _ = world.save(fitted)
    assert delete(world, first, 1, DRY).dependent_jobs == ()
    later = world.done(seed=7)
    world.sql(keeps)
    world.sql("UPDATE wrangler.job SET kind = 'transform' WHERE id = :j", j=later.id)
    assert delete(world, first, 1, DRY).dependent_jobs == (later.id,)
    with pytest.raises(ResultInUse, match=f"Of patients@1 was made: job {later.id}. T"):
        delete(world, first, 1)
    # what was imputed is saved too: it keeps the models, and is not made of itself
    own, _ = world.save(later, name="later")
    assert delete(world, own, 1, DRY).dependent_jobs == ()
    assert delete(world, first, 1, DRY).dependent_jobs == ()
    assert delete(world, own).done
    assert delete(world, first, 1, FORCE).done


def test_bytes_count_once_and_versions_have_a_number(world):
    job = world.done()
    before = world.database.run(quotas.usage, world.owner)
    saved, _ = world.save(job, note="1")
    after = world.database.run(quotas.usage, world.owner)
    (row,) = world.sql("SELECT meta_bytes FROM wrangler.result_version")
    assert (after.bytes - before.bytes, after.results) == (row.meta_bytes, 1)
    world.database.run(quotas.change, world.owner, QuotaPatch(max_results=1))
    with pytest.raises(QuotaExceeded, match=r"versions of named results .*\(1\)"):
        world.save(job, note="2")
    assert world.save(job)[0] == saved, "nothing is added"
    full = QuotaPatch(max_results=9, max_bytes=after.bytes)
    world.database.run(quotas.change, world.owner, full)
    with pytest.raises(StorageQuotaExceeded):
        world.save(job, "elsewhere")
    with pytest.raises(StorageQuotaExceeded):
        copy(world, saved, "elsewhere")
    assert world.sql("SELECT name FROM wrangler.named_result") == [("patients",)]


def test_pages_continue_where_the_last_one_ended(world):
    for k in range(3):
        world.save(world.done(seed=k), f"n{k}")
        saved, _ = world.save(world.done(seed=k), "many", note=f"{k}")
    seen, after = [], None
    while True:
        page = world.database.run(
            versions.page, world.owner, saved.result_id, after=after, limit=2
        )
        seen += [one.n for one in page.items]
        if page.next is None:
            break
        after = int(page.next)
    assert seen == [3, 2, 1]
    first = world.database.run(names.page, world.owner, after=None, limit=3, name=None)
    rest = world.database.run(
        names.page, world.owner, after=first.items[-1].id, limit=3, name=None
    )
    assert first.next == str(first.items[-1].id)
    assert rest.next is None
    # a name is as old as its first version
    assert [one.name for one in (*first.items, *rest.items)] == [
        "n2",
        "n1",
        "many",
        "n0",
    ]


def test_nobody_sees_or_changes_what_is_anothers(world):
    saved, _ = world.save(world.done())
    bob = world.user("bob")
    run = world.database.run
    for verb, *args in (
        (names.get,),
        (names.rename, "mine"),
        (versions.get, 1),
        (versions.kept, 1),
        (versions.annotate, 1, "mine"),
        (deletion.delete_result, FORCE),
        (deletion.delete_version, 1, FORCE),
    ):
        with pytest.raises(ResultNotFound, match=f"no saved result {saved.result_id}"):
            run(verb, bob, saved.result_id, *args)
    with pytest.raises(ResultNotFound):
        run(versions.by_id, bob, saved.id)
    with pytest.raises(ResultNotFound):
        run(saving.save, bob, SaveRequest(name="x", version_id=saved.id), world.quota)
    assert run(names.page, bob, **FIRST, name="patients").items == ()
    # a name is everybody's own
    sha = "ef" * 32
    job = world.done(owner=bob, version=world.dataset(bob, sha=sha))
    assert world.save(job, owner=bob)[0].n == 1
    assert numbers(world, saved) == [1]


def test_a_role_or_state_that_is_not_listed_is_refused():
    with pytest.raises(InvalidSpec, match="'weights'"):
        models.ResultPart(role="weights")
    with pytest.raises(InvalidSpec, match="'running'"):
        models.ResultVersion(job_state="running")
