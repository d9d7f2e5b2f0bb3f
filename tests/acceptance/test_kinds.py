"""Looks at the data as jobs, through service, PostgreSQL, Valkey and Celery.

Each kind gives the numbers of the same call here and now, says how far it is, can be
stopped, and is computed once.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import errors
from jupyter_wrangler.client.objects.leaderboard import Leaderboard
from jupyter_wrangler.contract import AnalysisSpec
from tests.acceptance.system import incomplete_frame
from tests.waiting import CEILING_S, until

DATA = Path(__file__).parent.parent.parent / "notebooks" / "data"
METHODS = ["pmm", "knn", "constant"]


@pytest.fixture(scope="module")
def penguins():
    return pd.read_csv(DATA / "penguins.csv")


def numbers(board):
    """What a comparison has found, without what it cost."""
    reported = board.document.model_dump(exclude={"methods": {"__all__": COST}})
    return reported | {"findings": board.findings}


COST = {"seconds", "peak_mib"}


# ── analysis and correlation ──


def test_before_its_end_a_profile_has_nothing_to_show(shared):
    job = shared.client().submit(incomplete_frame(5), AnalysisSpec(columns=("x9",)))
    assert job.exception(timeout=CEILING_S).code == "unknown_column"
    with pytest.raises(errors.ResultNotReady, match="has nothing to show"):
        job.partial_result()


# ── comparison ──


@pytest.mark.parametrize("mechanism", ["mcar", "mar"])
def test_a_comparison_as_a_job_equals_the_one_here(shared, penguins, mechanism):
    spec = {"methods": METHODS, "mechanism": mechanism, "repeats": 2}
    job = jw.compare(penguins, client=shared.client(), **spec)
    board = job.result(timeout=CEILING_S)
    here = jw.compare(penguins, local=True, **spec)
    assert isinstance(board, Leaderboard)
    assert numbers(board) == numbers(here)
    assert job.seen.kind == "comparison"
    cost = board.ranking.loc[["pmm", "knn", "baseline"], ["seconds", "peak_mib"]]
    assert (cost["seconds"] > 0).all()
    assert cost["peak_mib"].notna().all()
    found = shared.client().job(job.id)
    assert numbers(found.result()) == numbers(board)
    assert list(found.summary.sentences) == list(board.findings)


def test_the_same_comparison_again_is_free_and_another_is_not(shared, penguins):
    spec = {"methods": ["knn"], "repeats": 1, "client": shared.client()}
    job = jw.compare(penguins, random_state=8, **spec)
    job.result(timeout=CEILING_S)
    again = jw.compare(penguins, random_state=8, **spec)
    assert again.id == job.id
    assert again.reused
    assert numbers(again.result()) == numbers(job.result())
    assert not jw.compare(penguins, random_state=9, **spec).reused
    assert not jw.compare(penguins, random_state=8, force=True, **spec).reused


def test_rows_fill_in_while_it_runs_and_cancel_keeps_them(running):
    client = running.client()
    with pytest.warns(errors.LongJob, match="This comparison takes about"):
        job = jw.compare(
            incomplete_frame(500, 5), ["knn", "rf"], repeats=100, client=client
        )
    seen = until(lambda: _some(job))
    assert not seen.done
    assert seen.ranking["rank"].notna().any()
    assert "trials have ended" in seen.findings[0]
    assert job.cancel()
    job.wait(timeout=CEILING_S)
    assert job.state == "cancelled"
    kept = job.partial_result()
    assert seen.document.n_done <= kept.document.n_done < kept.document.n_trials
    assert set(kept.best()) == {f"x{i}" for i in range(5)}
    until(lambda: not running.runners(running.first_worker))


def _some(job):
    """What has ended, once the baseline and a method have."""
    board = job.partial_result()
    return board if board.ranking["rank"].notna().sum() > 1 else None


def test_what_cannot_be_compared_is_refused_before_it_is_sent(shared):
    client = shared.client()
    before = len(client.jobs(100))
    with pytest.raises(errors.InvalidData, match="No column can be judged"):
        jw.compare(pd.DataFrame({"id": ["a", "b", None]}), client=client)
    with pytest.raises(errors.UnknownMethod):
        jw.compare(incomplete_frame(), ["nonsense"], client=client)
    with pytest.raises(errors.InvalidSpec, match="fraction=1"):
        jw.compare(incomplete_frame(), fraction=1, client=client)
    assert len(client.jobs(100)) == before


# ── profile and correlation ──


def same(one, other):
    """Whether two documents agree; sums differ in the last bits with the threads."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == (
        pytest.approx(other, rel=1e-9, abs=1e-12) if isinstance(one, float) else other
    )


def agree(job_found, here):
    """Whether a job and a call have found the same."""
    return same(
        job_found.document.model_dump(mode="json"),
        here.document.model_dump(mode="json"),
    )


def test_a_profile_as_a_job_equals_the_one_here(shared, penguins):
    client = shared.client()
    job = jw.profile(penguins, local=False, name="look", client=client)
    found = job.result(timeout=CEILING_S)
    assert isinstance(found, jw.Profile)
    assert agree(found, jw.profile(penguins))
    assert job.seen.kind == "analysis"
    assert list(job.summary.sentences) == list(found.sentences[:10])
    assert jw.profile(penguins, local=False, client=client).reused
    with pytest.raises(errors.ResultNotReady, match="document"):
        client.api.document(jw.impute(penguins, client=client).wait(CEILING_S).uuid)


@pytest.mark.parametrize("use", ["pairwise", "em"])
def test_a_correlation_as_a_job_equals_the_one_here(shared, penguins, use):
    client = shared.client()
    method = "auto" if use == "pairwise" else "pearson"
    job = jw.correlate(penguins, method, use=use, local=False, client=client)
    found = job.result(timeout=CEILING_S)
    assert isinstance(found, jw.Correlation)
    assert agree(found, jw.correlate(penguins, method, use=use))
    assert job.seen.kind == "correlation"


def test_a_wide_correlation_runs_as_blocks(shared):
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.normal(size=(200, 150))).add_prefix("x")
    wide = wide.mask(rng.random(wide.shape) < 0.1)
    job = jw.correlate(wide, "pearson", local=False, client=shared.client())
    found = job.result(timeout=CEILING_S)
    # three blocks of at most 64 columns, and the part that joins them
    assert job.seen.n_parts == 4
    assert agree(found, jw.correlate(wide, "pearson"))


def test_looking_can_be_stopped(running):
    client = running.client()
    rng = np.random.default_rng(1)
    wide = pd.DataFrame(rng.normal(size=(3000, 100))).add_prefix("x")
    job = jw.correlate(wide, "distance", local=False, client=client)
    until(lambda: job.state == "running")
    assert job.cancel()
    assert job.wait(timeout=CEILING_S).cancelled()
    with pytest.raises(errors.WranglerError):
        job.partial_result()
    until(lambda: not running.runners(running.first_worker))
