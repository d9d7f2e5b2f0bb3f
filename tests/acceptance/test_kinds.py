"""Looks at the data as jobs, through service, PostgreSQL, Valkey and Celery.

Each kind gives the numbers of the same call here and now, says how far it is, can be
stopped, and is computed once.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import errors
from jupyter_wrangler.client.leaderboard import Leaderboard
from tests.acceptance.system import holes, until

DATA = Path(__file__).parent.parent.parent / "notebooks" / "data"
METHODS = ["pmm", "knn", "constant"]


@pytest.fixture(scope="module")
def penguins():
    return pd.read_csv(DATA / "penguins.csv")


def numbers(board):
    """What a comparison has found, without what it cost."""
    told = board.document.model_dump(exclude={"methods": {"__all__": COST}})
    return told | {"findings": board.findings}


COST = {"seconds", "peak_mib"}


# ── comparison ──


@pytest.mark.parametrize("mechanism", ["mcar", "mar"])
def test_a_comparison_as_a_job_equals_the_one_here(shared, penguins, mechanism):
    spec = {"methods": METHODS, "mechanism": mechanism, "repeats": 2}
    job = jw.compare(penguins, client=shared.client(), **spec)
    board = job.result(timeout=60)
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
    job.result(timeout=60)
    again = jw.compare(penguins, random_state=8, **spec)
    assert again.id == job.id
    assert again.reused
    assert numbers(again.result()) == numbers(job.result())
    assert not jw.compare(penguins, random_state=9, **spec).reused
    assert not jw.compare(penguins, random_state=8, force=True, **spec).reused


def test_rows_fill_in_while_it_runs_and_cancel_keeps_them(running):
    client = running.client()
    job = jw.compare(holes(500, 5), ["knn", "rf"], repeats=100, client=client)
    seen = until(lambda: _some(job), seconds=60)
    assert not seen.done
    assert seen.ranking["rank"].notna().any()
    assert "trials have ended" in seen.findings[0]
    assert job.cancel()
    job.wait(timeout=20)
    assert job.state == "cancelled"
    kept = job.partial_result()
    assert seen.document.n_done <= kept.document.n_done < kept.document.n_trials
    assert set(kept.best()) == {f"x{i}" for i in range(5)}
    until(lambda: not running.runners(running.first_worker), seconds=5)


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
        jw.compare(holes(), ["nonsense"], client=client)
    with pytest.raises(errors.InvalidSpec, match="fraction=1"):
        jw.compare(holes(), fraction=1, client=client)
    assert len(client.jobs(100)) == before
