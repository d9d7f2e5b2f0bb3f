"""Nobody uses more than allowed, also not by asking twice at the same time."""

from __future__ import annotations

import threading

import pytest

from jupyter_wrangler.contract import ColumnInfo, DatasetRequest, QuotaPatch
from jupyter_wrangler.errors import QuotaExceeded, StorageFull, StorageQuotaExceeded
from jupyter_wrangler.store import datasets, quotas, uploads
from jupyter_wrangler.store.queue import jobs


def _limit(world, owner, **limits):
    world.database.run(quotas.change, owner, QuotaPatch(**limits))


def _quota(world, owner=None):
    return world.database.run(
        quotas.effective, owner or world.owner, world.quota
    ).model_dump()


def _begin(world, size: int, digit: int = 0):
    sha = bytes([digit]) * 32
    return world.database.run(uploads.begin, world.owner, sha, size, quota=world.quota)


def _bytes(world) -> int:
    return world.database.run(quotas.usage, world.owner).bytes


def test_ones_own_row_comes_before_that_of_all_and_that_before_the_settings(world):
    bob = world.user("bob")
    defaults = world.quota.model_dump()
    assert _quota(world) == defaults
    _limit(world, None, max_queued=7, max_running=3)
    _limit(world, bob, max_queued=9)
    assert _quota(world) == {**defaults, "max_queued": 7, "max_running": 3}
    assert _quota(world, bob) == {**defaults, "max_queued": 9, "max_running": 3}
    _limit(world, bob, max_queued=None)
    assert _quota(world, bob)["max_queued"] == 7


def test_one_job_too_many_is_refused_and_says_what_to_do(world):
    _limit(world, world.owner, max_queued=2)
    first = world.submit(seed=1)
    world.submit(seed=2)
    with pytest.raises(QuotaExceeded, match=r"\(2\); wait until some have ended"):
        world.submit(seed=3)
    assert world.submit(seed=1).reused, "what is there already costs nothing"
    world.database.run(jobs.cancel, world.owner, first.id)
    third = world.submit(seed=3)
    with pytest.raises(QuotaExceeded):
        world.retry(first)
    world.database.run(jobs.cancel, world.owner, third.id)
    assert world.retry(first).state == "queued"


def test_somebody_elses_jobs_do_not_count(world):
    bob = world.user("bob")
    version = world.dataset(bob)
    _limit(world, None, max_queued=1)
    world.submit()
    assert world.submit(owner=bob, version=version).state == "queued"


def test_jobs_submitted_at_the_same_time_cannot_exceed_a_quota(world):
    _limit(world, world.owner, max_queued=5)
    said, barrier = [], threading.Barrier(12)

    def go(seed):
        barrier.wait()
        try:
            said.append(world.submit(seed=seed).state)
        except QuotaExceeded:
            said.append("refused")

    threads = [threading.Thread(target=go, args=(seed,)) for seed in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["queued"] * 5 + ["refused"] * 7
    assert world.database.run(quotas.usage, world.owner).queued == 5


def test_bytes_are_counted_before_they_are_sent(world):
    stored = _bytes(world)
    _limit(world, world.owner, max_bytes=stored + 90)
    assert _begin(world, 60, 1).received == 0
    assert _begin(world, 60, 1).size == 60, "resuming asks for no more room"
    with pytest.raises(StorageQuotaExceeded, match=r" bytes of the .* 31 more"):
        _begin(world, 31, 2)
    _begin(world, 30, 2)
    assert _bytes(world) == stored + 90


def test_uploads_begun_at_the_same_time_cannot_exceed_a_quota(world):
    _limit(world, world.owner, max_bytes=_bytes(world) + 3 * 20)
    said, barrier = [], threading.Barrier(8)

    def go(digit):
        barrier.wait()
        try:
            said.append(_begin(world, 20, digit).received)
        except StorageQuotaExceeded:
            said.append(-1)

    threads = [threading.Thread(target=go, args=(digit,)) for digit in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [-1] * 5 + [0] * 3


def test_who_keeps_too_much_submits_nothing_but_keeps_results(world):
    claim_of = world.submit()
    claim = world.claim(world.dispatch()[0])
    _limit(world, world.owner, max_bytes=10)
    assert world.succeed(claim), "what was computed is kept whatever the quota"
    assert world.states(claim_of)[0] == "succeeded"
    with pytest.raises(StorageFull, match="Delete data sets and jobs"):
        world.submit(seed=5)


def test_usage_is_what_runs_waits_and_lies_there(world):
    world.submit(m=3)
    world.claim(world.dispatch(2)[0])
    used = world.database.run(quotas.usage, world.owner)
    reported = used.model_dump()
    # ten of data, and what is said of them and of the job
    (said,) = world.sql("""
        SELECT (SELECT sum(meta_bytes) FROM wrangler.job) AS job,
               (SELECT sum(meta_bytes) FROM wrangler.dataset_version) AS version""")
    assert reported.pop("bytes") == 10 + said.job + said.version
    assert said.job > 300
    assert said.version > 30
    assert reported == {
        "running": 2,
        "queued": 1,
        "datasets": 1,
        "jobs": 1,
        "parts": 4,
        "results": 0,
        "files": 1,
    }


def _wide(world, columns: int, name: str = "wide"):
    """A data set whose names are long, of the same few bytes."""
    request = DatasetRequest(
        sha256="ab" * 32,
        name=name,
        n_rows=3,
        columns=tuple(
            ColumnInfo(name=f"{i:0>400}", dtype="float64", missing=0)
            for i in range(columns)
        ),
    )
    return world.database.run(datasets.add, world.owner, request, world.quota)[0]


def test_fault_4_6_names_of_columns_count_as_bytes(world):
    before = _bytes(world)
    _wide(world, 9_000)
    assert _bytes(world) - before > 9_000 * 400
    _limit(world, world.owner, max_bytes=_bytes(world) + 1000)
    with pytest.raises(StorageQuotaExceeded):
        _wide(world, 10, "another")
    world.sql("DELETE FROM wrangler.quota")
    _wide(world, 10, "another")


def test_fault_4_6_specs_and_summaries_count_as_bytes(world):
    before = _bytes(world)
    methods = {f"{i:0>400}": "mean" for i in range(3_000)}
    job = world.submit(methods=methods)
    grown = _bytes(world) - before
    assert grown > 3_000 * 400
    _limit(world, world.owner, max_bytes=_bytes(world) + grown - 1000)
    with pytest.raises(StorageQuotaExceeded):
        world.submit(seed=2, methods=methods)
    world.sql("DELETE FROM wrangler.quota")
    claim = world.claim(world.dispatch()[0])
    world.succeed(claim)
    before = _bytes(world)
    columns = [{"name": f"{i:0>300}", "n_imputed": 1} for i in range(1_000)]
    summary = {"n_rows": 3, "n_columns": 1, "n_missing": 1, "n_imputed": 1,
               "columns": columns}  # fmt: skip
    world.succeed(world.claim(world.dispatch()[0]), summary=summary)
    assert _bytes(world) - before > 1_000 * 300
    world.database.run(jobs.delete, world.owner, job.id)
    assert world.database.run(quotas.usage, world.owner).jobs == 0


def test_fault_4_6_data_sets_jobs_and_parts_have_a_number(world):
    _limit(world, world.owner, max_datasets=3, max_jobs=4, max_parts=12)
    _wide(world, 1, "one"), _wide(world, 1, "two")
    with pytest.raises(QuotaExceeded, match=r"as many data sets .*\(3\); delete"):
        _wide(world, 1, "three")
    _wide(world, 1, "two")
    first = world.submit(seed=1, m=3)
    world.submit(seed=2, m=3)
    with pytest.raises(QuotaExceeded, match=r"parts of jobs .*\(12\)"):
        world.submit(seed=3, m=4)
    world.submit(seed=3)
    world.submit(seed=4)
    assert world.submit(seed=4).reused
    with pytest.raises(QuotaExceeded, match=r"as many jobs .*\(4\)"):
        world.submit(seed=5)
    # ended ones count until they are deleted
    world.database.run(jobs.cancel, world.owner, first.id)
    with pytest.raises(QuotaExceeded):
        world.submit(seed=5)
    assert world.retry(first).state == "queued", "it is there already"
    world.database.run(jobs.cancel, world.owner, first.id)
    world.database.run(jobs.delete, world.owner, first.id)
    world.submit(seed=5)


def test_fault_4_6_files_of_one_byte_have_a_number_too(world):
    _limit(world, world.owner, max_datasets=2, max_parts=1)
    _begin(world, 1, 1), _begin(world, 1, 2)
    with pytest.raises(QuotaExceeded, match="stored files"):
        _begin(world, 1, 3)


def test_fault_4_6_keys_of_repeated_requests_do_not_pile_up(world):
    job = world.submit(idempotency_key="first")
    world.sql("UPDATE wrangler.job SET reuses = 999 WHERE id = :j", j=job.id)
    for n in range(4):
        again = world.submit(idempotency_key=f"k{n}")
        assert (again.id, again.reused) == (job.id, True)
    (kept,) = world.sql("SELECT count(*) AS n FROM wrangler.job_key")
    assert kept.n == 1


def test_fault_4_6_lists_carry_neither_columns_nor_specs(world):
    _wide(world, 9_000)
    methods = {f"{i:0>200}": ("mean", "pmm")[i % 2] for i in range(9_000)}
    job = world.submit(methods=methods | {"x": "knn"})
    assert job.spec.methods == methods | {"x": "knn"}
    assert not job.brief
    page = world.database.run(jobs.page, world.owner, after=None, limit=50, state=None)
    recent = world.database.run(jobs.recent, world.owner, limit=20)
    several = world.database.run(jobs.several, world.owner, [job.id])
    for (one,) in (page.items, recent, several):
        assert one.brief
        assert len(one.model_dump_json()) < 2_000
        assert one.spec.n_imputations == job.spec.n_imputations
        assert set(one.spec.methods.values()) <= {"mean", "pmm", "knn"}
        assert one.spec.methods["x"] == "knn"
    listed = world.database.run(datasets.page, world.owner, after=None, limit=50)
    assert [one.latest.columns for one in listed.items] == [(), ()]
    assert len(listed.model_dump_json()) < 2_000
    whole = world.database.run(datasets.get, world.owner, listed.items[0].id)
    assert len(whole.latest.columns) == 9_000
