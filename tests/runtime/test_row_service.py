"""Pages of rows: computed once for all who look, whatever becomes of Redis."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import redis

import jupyter_wrangler as jw
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.contract import (
    AnalysisSpec,
    ImputationSpec,
    RowQuestion,
    WhyDocument,
    WhyQuestion,
)
from jupyter_wrangler.errors import (
    Conflict,
    InvalidSpec,
    JobNotFound,
    NotFound,
    UnknownColumn,
)
from jupyter_wrangler.runtime.job_service import JobService
from jupyter_wrangler.store import page_cache
from tests.acceptance.conftest import shared
from tests.acceptance.system import incomplete_frame
from tests.waiting import CEILING_S, until

__all__ = ["shared"]


@pytest.fixture(scope="module")
def done(shared):
    """A job of two imputations that has ended, and its data."""
    df = incomplete_frame(300)
    df.insert(1, "group", pd.Categorical(["a", "b", None] * 100))
    df["when"] = pd.date_range("2026-01-01", periods=300)
    spec = ImputationSpec(n_imputations=2, columns=("x0", "x1", "group"))
    job = shared.client().submit(df, spec).wait(CEILING_S)
    return job, df


def _owner(shared, job):
    rows = shared.sql("SELECT owner_id FROM wrangler.job WHERE id = :j", j=job.uuid)
    return rows[0].owner_id


def _with_service(shared, work):
    """Run `work(job_service)` in a service of this process, with its own count."""

    async def run():
        job_service = JobService(shared.settings)
        try:
            return await work(job_service)
        finally:
            await job_service.rows.close()
            await job_service.reasons.close()
            await job_service.exporter.close()
            await job_service.database.close()
            await job_service.pubsub.close()

    return asyncio.run(run())


def test_a_page_shows_completed_rows_with_imputed_cells_marked(done):
    job, df = done
    result = job.result()
    page = result.page(40, 5, columns=["x0", "group", "when"], imputation=1)
    expected = result.complete(1).iloc[40:45]
    assert page.rows == (40, 41, 42, 43, 44)
    assert [row[0] for row in page.cells] == expected["x0"].tolist()
    assert [row[1] for row in page.cells] == expected["group"].astype(str).tolist()
    assert page.cells[0][2] == "2026-02-10T00:00:00"
    missing = df.iloc[40:45][["x0", "group", "when"]].isna().to_numpy()
    marked = [tuple(np.flatnonzero(row)) for row in missing]
    assert list(page.imputed) == marked
    assert any(page.imputed)
    assert (page.n_rows, page.n_found, page.offset) == (300, 300, 40)


def test_pages_are_sorted_and_filtered_over_all_rows(done):
    job, _ = done
    result, whole = job.result(), job.result().complete(0)
    page = result.page(
        limit=3,
        sort="x0",
        descending=True,
        filters=[{"column": "group", "operator": "==", "value": "a"}],
    )
    expected = whole[whole["group"] == "a"].sort_values("x0", ascending=False)
    assert page.n_found == len(expected)
    assert list(page.rows) == expected.index[:3].tolist()
    marked = result.page(filters=[{"column": "x1", "operator": "imputed"}])
    assert marked.n_found == job.summary.columns[2].n_missing


def test_rows_of_the_data_as_handed_in_have_their_gaps(done):
    job, df = done
    version = job.seen.dataset_version_id
    page = job._api.rows(f"versions/{version}", RowQuestion(columns=("x0",), limit=300))
    assert sum(row[0] is None for row in page.cells) == df["x0"].isna().sum()
    assert page.imputation is None
    assert not any(page.imputed)


def test_what_does_not_fit_is_told(shared, done):
    job, _ = done
    result = job.result()
    with pytest.raises(UnknownColumn, match="'x9'"):
        result.page(columns=["x9"])
    with pytest.raises(InvalidSpec, match="cannot be compared with 'tall'"):
        result.page(filters=[{"column": "x0", "operator": ">", "value": "tall"}])
    with pytest.raises(InvalidSpec, match="operator"):
        result.page(filters=[{"column": "x0", "operator": "like"}])
    with pytest.raises(InvalidSpec, match="limit=5000"):
        result.page(limit=5000)
    with pytest.raises(NotFound, match="no finished imputation 7"):
        result.page(imputation=7)
    with shared.http() as http:
        broken = http.get(f"/jobs/{job.id}/result/rows", params={"filter": "[{"})
        assert broken.status_code == 422
        unknown = http.get(f"/jobs/{'0' * 8}-0000-4000-8000-{'0' * 12}/result/rows")
        assert unknown.json()["code"] == JobNotFound.code


def test_ten_viewers_cost_one_computation(shared, done):
    job, _ = done
    owner, asked = _owner(shared, job), RowQuestion(imputation=0, limit=7)

    async def work(job_service):
        pages = await asyncio.gather(
            *(job_service.result_rows(owner, job.uuid, asked) for _ in range(10))
        )
        assert all(page == pages[0] for page in pages)
        at_once = job_service.rows.computed
        await job_service.result_rows(owner, job.uuid, asked)
        other = asked.model_copy(update={"offset": 7})
        await job_service.result_rows(owner, job.uuid, other)
        return at_once, job_service.rows.computed

    assert _with_service(shared, work) == (1, 2)
    # another process of the service finds it in Redis
    assert _with_service(shared, work) == (0, 0)


def test_a_flush_loses_nothing_and_costs_a_computation(shared, done):
    job, _ = done
    owner, asked = _owner(shared, job), RowQuestion(imputation=1, limit=9)
    valkey = redis.Redis.from_url(shared.settings.redis_url.get_secret_value())

    async def work(job_service):
        before = await job_service.result_rows(owner, job.uuid, asked)
        valkey.flushall()
        after = await job_service.result_rows(owner, job.uuid, asked)
        assert after == before
        return job_service.rows.computed

    assert _with_service(shared, work) == 2
    valkey.close()


def test_without_redis_pages_are_only_slower(shared, done):
    job, _ = done
    owner, asked = _owner(shared, job), RowQuestion(imputation=1, limit=11)

    async def work(job_service):
        await job_service.pubsub.redis.aclose()
        job_service.pubsub.redis = redis.asyncio.Redis.from_url("redis://127.0.0.1:1")
        found = await asyncio.gather(
            *(job_service.result_rows(owner, job.uuid, asked) for _ in range(10))
        )
        assert {page.n_rows for page in found} == {300}
        return job_service.rows.computed

    assert _with_service(shared, work) == 1


@pytest.fixture(scope="module")
def kept(shared):
    """A saved version whose job was deleted, and what was read before."""
    client, df = shared.client(), incomplete_frame(150, seed=5)
    df.index = [f"p{k}" for k in range(len(df))]
    job = client.submit(df, ImputationSpec(n_imputations=5, random_state=5))
    result = job.wait(CEILING_S).result()
    owner = _owner(shared, job)
    saved = result.save("kept")
    row = int(np.flatnonzero(df["x0"].isna())[0])
    cell = {"row": row, "column": "x0", "imputation": 3}
    with shared.http() as http:
        of_job = http.get(f"/jobs/{job.id}/result/why", params=cell).json()
    page = Result(client.api, client.api.manifest(job.uuid)).page(20, 5, imputation=1)
    client.api.delete(job.uuid)
    return client, owner, saved, result, page, cell, of_job


def test_a_saved_result_has_pages_after_its_job_is_deleted(shared, kept):
    client, owner, saved, result, before, _, _ = kept
    loaded = client.load("kept")
    assert loaded.page(20, 5, imputation=1) == before
    assert result.page(20, 5, imputation=1) == before
    with pytest.raises(NotFound, match="kept@1 has no finished imputation 5; there is"):
        loaded.page(imputation=5)

    async def work(job_service):
        asked = RowQuestion(imputation=2, limit=21)
        pages = await asyncio.gather(
            *(
                job_service.saved_rows(owner, saved.result_id, 1, asked)
                for _ in range(10)
            )
        )
        assert all(page == pages[0] for page in pages)
        return job_service.rows.computed

    assert _with_service(shared, work) == 1
    assert _with_service(shared, work) == 0


def test_why_is_told_as_the_result_tells_it(shared, kept):
    """Of the job, of the version that outlives it, and by the object: the same."""
    client, owner, saved, result, _, cell, of_job = kept
    path = f"/results/{saved.result_id}/versions/1/why"
    with shared.http() as http:
        told = http.get(path, params=cell).json()
        assert told == of_job
        observed = {**cell, "row": int(np.flatnonzero(result.data["x0"].notna())[0])}
        assert http.get(path, params=observed).json()["imputed"] is False
        for wrong, code in (
            ({"row": 150}, "unknown_row"),
            ({"column": "x9"}, "unknown_column"),
            ({"imputation": 5}, "not_found"),
            ({"row": -1}, "invalid_spec"),
        ):
            assert http.get(path, params=cell | wrong).json()["code"] == code
    label = result.data.index[cell["row"]]
    here = client.load("kept").why(label, "x0", imputation=3).document
    assert WhyDocument.model_validate(told) == here
    assert (here.row, here.imputation, len(here.draws)) == (label, 3, 5)
    assert here.value == here.draws[3]
    assert here.donors
    assert here.influences
    assert float(here.low) <= float(here.high)

    async def work(job_service):
        asked = WhyQuestion(**cell | {"imputation": 1})
        await asyncio.gather(
            *(
                job_service.saved_why(owner, saved.result_id, 1, asked)
                for _ in range(10)
            )
        )
        return job_service.reasons.computed

    assert _with_service(shared, work) == 1
    assert _with_service(shared, work) == 0


def test_later_rows_have_no_reasons_of_their_own(shared, kept):
    client = kept[0]
    job = jw.transform(incomplete_frame(20, seed=6), client.load("kept"), client=client)
    job.wait(CEILING_S)
    with shared.http() as http:
        found = http.get(
            f"/jobs/{job.id}/result/why", params={"row": 0, "column": "x0"}
        )
    assert found.status_code == 409
    assert "Ask the result of the job that fitted the models" in found.json()["detail"]


def test_a_reader_that_is_killed_is_replaced(shared, done):
    job, _ = done
    owner = _owner(shared, job)

    async def work(job_service):
        first = RowQuestion(imputation=0, limit=13)
        await job_service.result_rows(owner, job.uuid, first)
        process = job_service.rows._process
        environment = _environment(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        second = RowQuestion(imputation=0, limit=14)
        found = await job_service.result_rows(owner, job.uuid, second)
        assert len(found.rows) == 14
        return environment

    environment = _with_service(shared, work)
    assert not any(name.startswith("JUPYTER_WRANGLER") for name in environment)


def _environment(pid: int) -> list[str]:
    found = Path(f"/proc/{pid}/environ").read_bytes()
    return [one.decode() for one in found.split(b"\0")]


def test_a_profile_has_no_rows(shared, done):
    _, df = done
    profile = shared.client().submit(df, AnalysisSpec()).wait(CEILING_S)
    with pytest.raises(Conflict, match="analysis and has no rows"):
        profile._api.rows(f"jobs/{profile.id}/result", RowQuestion(imputation=0))


def test_the_cache_is_bounded_for_all_and_for_each(shared, done):
    """An owner's entries meet in their own slots, and one too large is not kept."""
    job, _ = done
    owner = _owner(shared, job)
    slots = {
        page_cache.slot_of(owner, n.to_bytes(4) + bytes(28)) for n in range(10_000)
    }
    assert len(slots) == page_cache.OWN_SLOTS
    assert max(slots) < page_cache.SLOTS
    computed = []

    async def work(job_service):
        async def large() -> bytes:
            computed.append(1)
            return os.urandom(page_cache.MOST_BYTES)

        for _ in range(2):
            await job_service.pages.get(owner, "large", large)

    _with_service(shared, work)
    assert len(computed) == 2


def test_one_slot_never_gives_the_bytes_of_another_owner(shared, done):
    job, _ = done
    owner = _owner(shared, job)

    async def work(job_service):
        async def mine() -> bytes:
            return b"mine"

        async def theirs() -> bytes:
            return b"theirs"

        other = type(owner)(int=owner.int ^ (1 << 64))
        assert await job_service.pages.get(owner, "q", mine) == b"mine"
        for slot in range(page_cache.SLOTS):
            entry = await job_service.pubsub.load(f"cache:{slot}")
            if entry is not None:
                for at in range(page_cache.OWN_SLOTS):
                    there = (other.int + at) % page_cache.SLOTS
                    await job_service.pubsub.keep(f"cache:{there}", entry, 60)
        assert await job_service.pages.get(other, "q", theirs) == b"theirs"

    _with_service(shared, work)


def test_filters_of_any_column(done):
    job, df = done
    result = job.result()
    columns = df[["x0", "x1", "group"]]
    marked = result.page(filters=[{"operator": "imputed"}])
    assert marked.n_found == columns.isna().any(axis=1).sum()
    whole = result.complete(0)
    assert (
        result.page(filters=[{"operator": "missing"}]).n_found
        == whole.isna().any(axis=1).sum()
    )
    found = result.page(filters=[{"operator": "contains", "value": "2026-03-0"}])
    assert found.n_found == 9
    with pytest.raises(InvalidSpec, match="'>' needs a column"):
        result.page(filters=[{"operator": ">", "value": 1}])


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_a_completed_data_set_is_given_as_a_file_and_nothing_is_left(
    shared, done, form
):
    job, _ = done
    folder = shared.settings.blob_dir / "staging"
    before = set(folder.iterdir())
    with shared.http() as http:
        answer = http.get(
            f"/jobs/{job.id}/result/export", params={"format": form, "imputation": 1}
        )
    assert answer.status_code == 200, answer.text
    name = answer.headers["content-disposition"]
    assert name == f'attachment; filename="{job.id}-1.{form}"'
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet, "xlsx": pd.read_excel}
    found = read[form](io.BytesIO(answer.content))
    expected = job.result().complete(1)
    assert found["x0"].tolist() == pytest.approx(expected["x0"].tolist())
    assert found["group"].tolist() == expected["group"].astype(str).tolist()
    until(lambda: set(folder.iterdir()) <= before)


def test_a_saved_version_is_exported_though_its_job_is_gone(shared, kept):
    client, _, saved, _, _, _, _ = kept
    path = f"/results/{saved.result_id}/versions/1/export"
    with shared.http() as http:
        answer = http.get(path, params={"format": "csv", "imputation": 1})
        assert answer.status_code == 200, answer.text
        name = answer.headers["content-disposition"]
        assert name == f'attachment; filename="{saved.result_id}-1-1.csv"'
        found = pd.read_csv(io.BytesIO(answer.content))
        expected = client.load("kept").complete(1)
        assert found["x0"].tolist() == pytest.approx(expected["x0"].tolist())
        assert http.get(path, params={"imputation": 5}).status_code == 404
        gone = f"/results/{saved.result_id}/versions/9/export"
        assert http.get(gone).status_code == 404


def test_a_file_that_cannot_be_made_is_refused(shared, done):
    job, _ = done
    with shared.http() as http:
        path = f"/jobs/{job.id}/result/export"
        assert http.get(path, params={"format": "exe"}).status_code == 422
        assert http.get(path, params={"imputation": 9}).status_code == 404
        unknown = f"/jobs/{'0' * 8}-0000-4000-8000-{'0' * 12}/result/export"
        assert http.get(unknown).status_code == 404
